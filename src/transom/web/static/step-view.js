// This step: the sentence first, then every field beside the bytes it was read from.

import { english, fill, h, icon } from "./dom.js";
import { direction, duration, exactBytes } from "./format.js";
import { packetsSaid } from "./packet-words.js";
import { go } from "./state.js";
import { nameOf, stateOf, whoKnew, whoSigned } from "./story-rows.js";
import { count, language, say, told } from "./words.js";
import "./byte-view.js";
import { badge } from "./field-tree.js";

const ICONS = { open: "eye", sealed: "lock", opened: "key" };

class StepView extends HTMLElement {
    show({ step, base, ask }) {
        this.setAttribute("aria-label", say("page.step"));
        this.hidden = !step;
        if (!step) {
            this.shown = null;
            fill(this);
            return;
        }
        fill(this, closer(), h("div", { class: "of-step" }, this.parts(step, base, ask)), step.blocks ? this.anatomy(step) : null);
    }

    parts(step, base, ask) {
        if (step.kind === "before") return beforeParts(step);
        if (step.kind === "absent") return absentParts(step);
        if (step.isLeftOut) return [heading(step), h("p", { class: "note" }, say("page.step_left_out"))];
        return [heading(step), words(step), this.place(step, base, ask)];
    }

    // Which packets carry it is asked for when everything else is there.
    place(step, base, ask) {
        const line = h("p", { class: "place" });
        ask(`${base}/place/${step.id}`).then(
            (found) => fill(line, placed(step, found)),
            (error) => fill(line, error.message),
        );
        return line;
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
    return [
        h("h2", {}, h("span", { class: "number" }, "0"), "CA"),
        h("p", { class: "sentence" }, say("step.before")),
        step.root ? h("dl", { class: "given" }, given(step).map(([who, what]) => [h("dt", {}, say(`page.given.${who}`)), h("dd", {}, what)])) : h("p", {}, whoSigned(step)),
        h("div", { class: "depth" }, otherVersion(step, true)),
    ];
}

// Who had what before anything crossed.
function given(step) {
    const between = step.between?.length ? [["between", english(step.between.join(", "))]] : [];
    return [["server", whoSigned(step)], ...between, ["client", whoKnew(step)]];
}

function absentParts(step) {
    return [
        h("h2", {}, h("span", { class: "number" }, step.step), english(step.name)),
        h("p", { class: "sentence" }, say(step.why)),
        h("div", { class: "depth" }, otherVersion(step, true)),
    ];
}

function heading(step) {
    const who = stateOf(step);
    // What stays shut may be anything: not the step that it would be if it were opened.
    const isShut = step.kind === "data" && who === "sealed";
    const size = step.kind === "data" ? exactBytes(step.wire_bytes) : exactBytes(step.length);
    return h(
        "h2",
        {},
        step.step === null || isShut ? null : h("span", { class: "number" }, step.step),
        isShut ? h("span", { lang: language() }, say("page.sealed_data")) : english(nameOf(step)),
        h("span", { class: "about" }, direction(step.from)),
        h("span", { class: "about" }, size),
        step.packet ? h("span", { class: "about" }, packetsSaid({ count: 1, last: step.packet })) : null,
        h("span", { class: "about" }, duration(step.at)),
        h("span", { class: `chip is-${who}` }, icon(ICONS[who]), say(`page.who.${who}`)),
    );
}

// One line from the message down to the packets.
function placed(step, { offset, length, records, with: sharing, sequence, packets }) {
    const first = (number) => number.toLocaleString("en-US");
    const parts = [step.length === null ? null : say("page.place.message", { bytes: exactBytes(step.length) })];
    if (!records) parts.push(say("page.place.stream", { start: first(offset), end: first(offset + length - 1) }));
    else if (records.count === 1 && records.rows.length) parts.push(say("page.place.record", { offset: first(offset), length: first(records.rows[0].length) }));
    else parts.push(count("page.place.records", records.count, { offset: first(offset) }));
    if (sharing.length) parts.push(say("page.place.shared", { names: sharing.map(({ name }) => name).join(", ") }));
    parts.push(say("page.place.tcp", { first: first(sequence[0]), last: first(sequence[1]) }), packetsSaid(packets));
    return [h("span", { class: "place-label" }, say("page.place.label")), parts.filter(Boolean).map((part) => h("span", { class: "place-part" }, part))];
}

function words(step) {
    const sentence = told(step.sentence);
    const note = told(step.note);
    const depth = [more(step), otherVersion(step), step.rfc ? h("p", { class: "rfc" }, english(`RFC ${step.rfc}`)) : null];
    return h("div", { class: "words" }, sentence ? h("p", { class: "sentence" }, sentence) : null, note ? h("p", { class: "note" }, breakable(note)) : null, h("div", { class: "depth" }, depth));
}

// A long name of parts, as a suite's, is broken between them.
function breakable(text) {
    return text.split(/(?<=\w_)(?=\w)/).flatMap((part, at) => (at ? [h("wbr"), part] : [part]));
}

function more(step) {
    const facts = step.facts.map(({ label, text }) => [h("dt", {}, told(label)), h("dd", {}, told(text))]);
    const places = step.kind === "message" && step.records.length > 1 && step.records.map(({ offset, length }) => h("li", {}, say("page.place.record", { offset: offset.toLocaleString("en-US"), length: length.toLocaleString("en-US") })));
    const parts = [
        facts.length ? h("dl", {}, facts) : null,
        remarksSaid(step.fields),
        places ? h("ul", { class: "places" }, places) : null,
        step.kind === "data" ? h("p", {}, count("page.records", step.records)) : null,
    ].filter(Boolean);
    return parts.length ? h("details", { class: "more" }, h("summary", {}, say("page.more")), parts) : null;
}

// Each badge of the fields once, with what it means.
function remarksSaid(fields) {
    const said = new Map(fields.flatMap((field) => field.remarks ?? []).map((remark) => [`${remark.code} ${Object.values(remark.parts)}`, remark]));
    if (!said.size) return null;
    const rows = [...said.values()].map((remark) => [h("dt", {}, badge(remark)), h("dd", {}, say(`remark.${remark.code}.why`, remark.parts))]);
    return [h("h3", {}, say("page.remarks")), h("dl", { class: "remarks" }, rows)];
}

function otherVersion(step, isOpen = false) {
    if (!step.other) return null;
    const { version, name } = step.other;
    const text = version === "1.3" ? say(`in_13.${name}`) : say(`in_12.${name}`);
    return h("details", { class: "other", open: isOpen }, h("summary", {}, say("page.other", { version: `TLS ${version}` })), h("p", {}, text));
}

customElements.define("step-view", StepView);
