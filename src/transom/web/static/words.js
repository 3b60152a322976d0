// The words of the page, from the same catalogue as the terminal's; and texts that come in every language at once.

const chosen = { texts: {}, language: "en" };

export function learnWords(texts) {
    chosen.texts = texts;
}

export function languages() {
    return Object.keys(chosen.texts);
}

export function speak(language) {
    chosen.language = chosen.texts[language] ? language : "en";
    document.documentElement.lang = chosen.language;
}

export function language() {
    return chosen.language;
}

export function say(key, values = {}) {
    return sayIn(chosen.language, key, values);
}

export function sayIn(language, key, values = {}) {
    const text = chosen.texts[language]?.[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

export function count(key, number, values = {}) {
    return say(`${key}.${number === 1 ? "one" : "other"}`, { count: number.toLocaleString("en-US"), ...values });
}

// A text of the document: the key of one of ours, or the text itself by language.
export function told(text) {
    return typeof text === "string" ? say(text) : text?.[chosen.language] ?? "";
}
