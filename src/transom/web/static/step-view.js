// This step: the sentence first, then every field beside the bytes it was read from.

import { english, fill, h, icon } from "./dom.js";
import { direction, exactBytes, milliseconds } from "./format.js";
import { go } from "./state.js";
import { nameOf, stateOf } from "./story-view.js";
import { count, say, told } from "./words.js";
import "./byte-view.js";
import "./field-tree.js";

const ICONS = { open: "eye", sealed: "lock", opened: "key" };

class StepView extends HTMLElement {
    show({ step }) {
        this.setAttribute("aria-label", say("page.step"));
        this.hidden = !step;
        if (!step) {
            this.shown = null;
            fill(this);
            return;
        }
        const parts = step.id === "before" ? beforeParts(step) : [heading(step), words(step), this.anatomy(step)];
        fill(this, closer(), ...parts);
    }

    anatomy(step) {
        const fields = h("field-tree");
        const bytes = h("byte-view");
        const choose = (choice) => {
            fields.mark(choice);
            bytes.mark(choice);
        };
        fields.show(step, choose);
        bytes.show(step, choose);
        return h("div", { class: "anatomy" }, fields, bytes);
    }
}

function closer() {
    return h("button", { type: "button", class: "closer", "aria-label": say("page.close"), onclick: () => go({ step: "" }) }, "×");
}

function beforeParts(step) {
    return [h("h2", {}, h("span", { class: "number" }, "0"), "CA"), h("p", { class: "sentence" }, say("step.before")), h("p", {}, say("page.before", step))];
}

function heading(step) {
    const who = stateOf(step);
    const size = step.kind === "data" ? exactBytes(step.wire_bytes) : exactBytes(step.length);
    return h(
        "h2",
        {},
        step.step === null ? null : h("span", { class: "number" }, step.step),
        english(nameOf(step)),
        h("span", { class: "about" }, direction(step.from)),
        h("span", { class: "about" }, size),
        step.packet ? h("span", { class: "about" }, say("page.packet", { number: step.packet })) : null,
        h("span", { class: "about" }, milliseconds(step.at)),
        h("span", { class: `chip is-${who}` }, icon(ICONS[who]), say(`page.who.${who}`)),
    );
}

function words(step) {
    const sentence = told(step.sentence);
    const note = told(step.note);
    const facts = step.facts.map(({ label, text }) => [h("dt", {}, told(label)), h("dd", {}, told(text))]);
    const places = step.kind === "message" && step.records.map(({ offset, length }) => h("li", {}, say("page.place.record", { offset: offset.toLocaleString("en-US"), length: length.toLocaleString("en-US") })));
    const more = h(
        "details",
        {},
        h("summary", {}, say("page.more")),
        facts.length ? h("dl", {}, facts) : null,
        places ? h("ul", { class: "places" }, places) : null,
        step.kind === "data" ? h("p", {}, count("page.records", step.records)) : null,
        step.rfc ? h("p", {}, say("page.declared", { rfc: `RFC ${step.rfc}` })) : null,
    );
    return h("div", { class: "words" }, sentence ? h("p", { class: "sentence" }, sentence) : null, note ? h("p", { class: "note" }, note) : null, more);
}

customElements.define("step-view", StepView);
