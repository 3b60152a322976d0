// Keys: how the secrets of this session come to be, from what crosses down to a key for each direction. Each value is
// out of sight until it is asked for.

import { fill, h, icon, withOptions } from "./dom.js";
import { say } from "./words.js";

const ICONS = { open: "eye", computable: "eye", sealed: "lock", known: "key" };
const COLOURS = { open: "open", computable: "open", sealed: "sealed", known: "opened", unknown: "before" };

class TabKeys extends HTMLElement {
    async show({ ask, base }) {
        const found = await ask(`${base}/keys`);
        if (found.why) {
            fill(this, h("p", { class: "sentence" }, say(`page.keys.${found.why}`, { reason: say(`why_not.${found.why_not}`) })));
            return;
        }
        fill(
            this,
            h("p", { class: "sentence" }, say("page.keys.rule")),
            found.masked ? h("p", { class: "note" }, withOptions(say("page.keys.masked"))) : null,
            h("ol", { class: "stages" }, found.stages.map(stage)),
        );
    }
}

function stage({ name, formula, about, nodes }) {
    return h(
        "li",
        { class: "stage" },
        h("h3", {}, say(`page.keys.stage.${name}`)),
        formula ? h("code", { class: "formula", lang: "en" }, formula) : null,
        about ? h("p", { class: "note" }, say(`page.keys.about.${about}`)) : null,
        h("ul", { class: `secrets of-${name}` }, nodes.map(node)),
    );
}

function node({ name, who, value, length, why, formula }) {
    const title = say(`page.keys.node.${name}`);
    const shown = h("code", { class: "value", hidden: true }, value);
    const button = h("button", { type: "button", class: "reveal", "aria-expanded": "false", onclick: () => toggle(button, shown) }, say("page.keys.show"));
    button.setAttribute("aria-label", `${say("page.keys.show")}: ${title}`);
    const content = value ? [button, shown] : who === "known" ? h("span", { class: "note" }, say("page.keys.is_masked")) : null;
    return h(
        "li",
        { class: `secret${formula ? " leads" : ""} is-${COLOURS[who]} who-${who}` },
        h("p", { class: "title" }, ICONS[who] ? icon(ICONS[who]) : "? ", title, length ? h("span", { class: "note" }, ` ${say("page.keys.bytes", { count: length })}`) : null),
        formula ? h("code", { class: "formula", lang: "en" }, formula) : null,
        h("p", { class: "note" }, why ? say(`page.keys.why.${why}`) : say(`page.keys.who.${who}`)),
        content,
    );
}

function toggle(button, shown) {
    shown.hidden = !shown.hidden;
    button.setAttribute("aria-expanded", String(!shown.hidden));
    button.textContent = say(shown.hidden ? "page.keys.show" : "page.keys.hide");
}

customElements.define("tab-keys", TabKeys);
