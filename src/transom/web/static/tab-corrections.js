// What notes on HTTPS often get wrong, and where this conversation shows what is so.

import { fill, h } from "./dom.js";
import { direction } from "./format.js";
import { go } from "./state.js";
import { say } from "./words.js";

class TabCorrections extends HTMLElement {
    async show({ ask, base }) {
        const { rows } = await ask(`${base}/corrections`);
        fill(this, h("p", { class: "sentence" }, say("page.corrections.intro")), h("ol", { class: "corrections" }, rows.map(correction)), h("section", { class: "glossary" }, h("h3", {}, say("page.corrections.glossary")), groups()));
    }
}

function correction({ name, steps, tab }) {
    const links = steps.map((step) => {
        const where = `${say("page.corrections.step", { number: step.step, name: step.name })}, ${direction(step.from).replaceAll(" ", "\u00a0")}`;
        return see(where, { step: step.id });
    });
    if (tab) links.push(see(say(`page.tab.${tab}`), { tab }));
    return h(
        "li",
        {},
        h("p", { class: "said" }, h("span", { class: "note" }, `${say("page.corrections.said")} `), h("q", {}, say(`page.corrections.${name}.said`))),
        h("p", { class: "so" }, h("span", { class: "note" }, `${say("page.corrections.so")} `), say(`page.corrections.${name}.so`)),
        h("p", { class: "see" }, links.length ? links : name === "codes" ? null : h("span", { class: "note" }, say("page.corrections.not_here"))),
    );
}

// The texts are numbered: what has none says its own key.
function numbered(keyOf) {
    const found = [];
    while (say(keyOf(found.length)) !== keyOf(found.length)) found.push(found.length);
    return found;
}

function groups() {
    return numbered((group) => `glossary.${group}`).map((group) => {
        const terms = numbered((term) => `glossary.${group}.${term}.term`).map((term) => [
            h("dt", {}, say(`glossary.${group}.${term}.term`)),
            h("dd", {}, say(`glossary.${group}.${term}.means`)),
        ]);
        return h("details", {}, h("summary", {}, say(`glossary.${group}`)), h("dl", {}, terms));
    });
}

function see(where, changes) {
    return h("button", { type: "button", onclick: () => go(changes) }, say("page.corrections.see", { where }));
}

customElements.define("tab-corrections", TabCorrections);
