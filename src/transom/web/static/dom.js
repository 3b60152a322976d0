// Elements, made without markup: whatever a peer wrote can only become text.

import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export function h(name, properties = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
        if (value === undefined || value === null || value === false) continue;
        if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
        else element.setAttribute(key, value === true ? "" : visible(String(value)));
    }
    element.append(...present(children));
    return element;
}

// A name as the RFC or a peer writes it, whatever language the page speaks.
export function english(...children) {
    return h("span", { lang: "en" }, ...children);
}

// What `say` says, in parts: what stands for a value is a name, whatever language the sentence is in.
export function sayNaming(key, values) {
    return sayWith(english, key, values);
}

// The same, where each value becomes what `made` makes of it.
export function sayWith(made, key, values) {
    return say(key).split(/\{(\w+)\}/).map((part, at) => (at % 2 ? made(values[part] ?? "") : part));
}

// A sentence in which each option of the command line, `--include-secrets`, stays in one piece.
export function withOptions(text) {
    return text.split(/(--[a-z-]+)/).map((part, at) => (at % 2 ? h("span", { class: "option" }, part) : part));
}

// Put these in the place of all that is in the element.
export function fill(element, ...children) {
    element.replaceChildren(...present(children));
}

// A part that is null is not there; lists are taken apart.
function present(children) {
    const parts = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== "");
    return parts.map((part) => (part instanceof Node ? part : visible(String(part))));
}

// What is in no script's letters: controls, marks that turn the reading order, what takes no room. Lines and tabs stay.
const UNSEEN = /\r(?!\n)|[\u2028\u2029]|[^\P{C}\n\r\t]/gu;

// As the terminal spells it out (wire/escape.py), so that a name that a peer wrote reads as that name alone.
export function visible(text) {
    return text.replace(UNSEEN, (character) => {
        const number = character.codePointAt(0);
        if (number < 0x80) return `\\x${number.toString(16).padStart(2, "0")}`;
        return number <= 0xffff ? `\\u${number.toString(16).padStart(4, "0")}` : `\\U${number.toString(16).padStart(8, "0")}`;
    });
}

const PATHS = {
    eye: "M1 8s2.6-4.5 7-4.5S15 8 15 8s-2.6 4.5-7 4.5S1 8 1 8Zm7-2.2a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4Z",
    lock: "M4 7V5a4 4 0 0 1 8 0v2h1v7H3V7h1Zm1.5 0h5V5a2.5 2.5 0 0 0-5 0v2Z",
    key: "M10.5 2a3.5 3.5 0 1 0-3.2 4.9L2 12.2V14h2.5v-1.5H6V11h1.5l1.6-1.6A3.5 3.5 0 0 0 10.5 2Zm.5 2.2a.9.9 0 1 1 0 1.8.9.9 0 0 1 0-1.8Z",
    problem: "M7 2h2l-.4 8H7.4L7 2Zm0 10h2v2H7v-2Z",
    clock: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM7.3 4v4.6l3.2 1.9.7-1.2-2.5-1.5V4H7.3Z",
    check: "M6.4 12.6 2 8.2l1.4-1.4 3 3 6.2-6.2L14 5 6.4 12.6Z",
    screen: "M1 2h14v9H1V2Zm1.5 1.5v6h11v-6h-11ZM5 12.5h6V14H5v-1.5Z",
    dot: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z",
};

// What an icon means is said in words beside it, so readers of the screen are not told twice.
export function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("class", `icon icon-${name}`);
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", PATHS[name]);
    path.setAttribute("fill-rule", "evenodd");
    svg.append(path);
    return svg;
}
