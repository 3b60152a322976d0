// What notes on HTTPS often get wrong, and where this conversation shows what is so.

import { fill, h } from "./dom.js";
import { direction } from "./format.js";
import { go } from "./state.js";
import { say } from "./words.js";

class TabCorrections extends HTMLElement {
    async show({ ask, base }) {
        const { rows } = await ask(`${base}/corrections`);
        fill(this, h("p", { class: "sentence" }, say("page.corrections.intro")), h("ol", { class: "corrections" }, rows.map(correction)));
    }
}

function correction({ name, steps, tab }) {
    const links = steps.map((step) => {
        const where = `${say("page.corrections.step", { number: step.step, name: step.name })}, ${direction(step.from)}`;
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

function see(where, changes) {
    return h("button", { type: "button", onclick: () => go(changes) }, say("page.corrections.see", { where }));
}

customElements.define("tab-corrections", TabCorrections);
