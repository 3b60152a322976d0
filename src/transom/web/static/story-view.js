// The story: lanes, and an arrow a message. On the third party's lane stands what it can make of it: an eye, or a lock.

import { english, fill, h, icon } from "./dom.js";
import { aboutBytes, exactBytes, rate } from "./format.js";
import { go, state } from "./state.js";
import { count, say } from "./words.js";

class StoryView extends HTMLElement {
    show({ story, entry, fault }) {
        this.setAttribute("aria-label", say("page.story"));
        if (fault || !story) {
            fill(this, h("p", { class: "fault" }, fault ?? say("page.nothing")));
            return;
        }
        const keepFocus = this.contains(document.activeElement);
        const rows = withAbsent(story).map((item) => row(item, entry?.id)).filter(Boolean);
        fill(
            this,
            h("h2", { class: "for-ears" }, say("page.story")),
            heads(),
            h("ol", { class: "rows" }, story.before ? before(story.before, entry?.id) : null, rows),
        );
        const current = this.querySelector('[aria-current="true"]');
        current?.scrollIntoView({ block: "nearest" });
        if (keepFocus) current?.focus();
    }

    // The step that many rows on from the one that is shown.
    move(by) {
        const steps = [...this.querySelectorAll("button.row")];
        const at = steps.findIndex((step) => step.getAttribute("aria-current") === "true");
        const next = steps[at < 0 ? 0 : Math.min(Math.max(at + by, 0), steps.length - 1)];
        if (next) go({ step: next.dataset.id });
    }
}

function heads() {
    const lanes = ["ca", "client", "path", "server"].map((lane) => h("span", { class: `lane lane-${lane}` }, say(`page.lane.${lane}`)));
    return h("div", { class: "lanes", "aria-hidden": "true" }, h("span", { class: "lane lane-step" }), lanes);
}

function row(item, current) {
    switch (item.kind) {
        case "message":
            return message(item, current);
        case "data":
            return run(item, current);
        case "http":
            return http(item, current);
        case "sealed":
            return h("li", { class: "seal" }, h("span", {}, item.from ? say("page.rule.one", { from: say(`page.lane.${item.from}`) }) : say("rule.both")));
        case "absent":
            return h("li", { class: "row is-absent" }, h("span", { class: "step" }, item.step), h("span", { class: "label" }, english(item.name), " ", h("small", {}, say(item.why))));
        case "problem":
            return h("li", { class: "row is-problem" }, icon("problem"), h("span", { class: "label" }, `${item.code}: ${item.where}: ${item.what}`));
        case "left":
            return h("li", { class: "row is-closed" }, h("span", { class: "label" }, leftOut(item)));
        case "closed":
            return h("li", { class: "row is-closed" }, h("span", { class: "label" }, say(`page.closed.${item.how}`, { from: say(`page.lane.${item.from}`) })));
        default:
            return null;
    }
}

function leftOut({ lines, exchanges }) {
    return [count("page.beyond.lines", lines), exchanges ? count("page.beyond.exchanges", exchanges) : ""].filter(Boolean).join(" ");
}

// It was made before, elsewhere: nobody on this path had anything to read.
function before(known, current) {
    const label = say("page.before", { ca: known.ca, subject: known.subject });
    return arrow({ id: "before", step: 0, from: "ca", state: "before", name: label, size: "" }, current);
}

function message(item, current) {
    return arrow(
        {
            ...item,
            state: stateOf(item),
            name: english(nameOf(item)),
            size: exactBytes(item.length),
            proof: item.proof,
        },
        current,
    );
}

function run(item, current) {
    const size = `${aboutBytes(item.wire_bytes)}, ${count("page.records", item.records)}`;
    const lines = item.http.map(headline).filter(Boolean).join(" · ");
    const speed = item.lasted > 1e6 ? rate(item.wire_bytes, item.lasted) : "";
    return arrow(
        {
            ...item,
            step: item.opened ? item.step : "",
            state: stateOf(item),
            name: (lines && english(lines)) || (item.opened ? say("page.data") : say("page.sealed_data")),
            size: [size, speed].filter(Boolean).join(", "),
            thick: item.records > 1,
        },
        current,
    );
}

function http(item, current) {
    const body = item.body?.length ? aboutBytes(item.body.length) : "";
    return arrow(
        { ...item, step: "", state: "open", name: english(headline(item)), size: body || exactBytes(item.head), thick: Boolean(body) },
        current,
    );
}

function headline(line) {
    if (line.method) return `${line.method} ${line.target}`;
    if (line.status) return `${line.status} ${line.reason}`.trim();
    return "";
}

export function stateOf(item) {
    if (!item.sealed) return "open";
    return item.opened ? "opened" : "sealed";
}

export function nameOf(item) {
    return item.name === "EncryptedHandshakeMessage" ? "Encrypted Handshake Message" : item.name;
}

const ICONS = { open: "eye", sealed: "lock", opened: "lock" };

function arrow({ id, step, from, state: who, name, size, thick, proof }, current) {
    const proven = proof === true ? " ✓" : proof === false ? " ✗" : "";
    const button = h(
        "button",
        {
            type: "button",
            class: `row from-${from} is-${who}${thick ? " is-thick" : ""}`,
            "data-id": id,
            "aria-current": id === current ? "true" : "false",
            onclick: () => go({ step: id }),
        },
        h("span", { class: "step" }, step),
        step === "" ? null : heard(", "),
        h("span", { class: "label" }, h("span", { class: "what" }, name, proven), heard(`, ${say(`page.from.${from}`)}${size && ", "}`), h("span", { class: "size" }, size)),
        h("span", { class: "shaft" }),
        who === "before" ? null : h("span", { class: "who" }, icon(ICONS[who]), who === "opened" ? icon("key") : null, heard(`, ${say(`page.who.${who}`)}`)),
    );
    return h("li", {}, button);
}

// What eyes see from place, arrow and icon.
function heard(text) {
    return h("span", { class: "for-ears" }, text);
}

// Steps that do not cross stand where they would: before the first message of a later step.
function withAbsent(story) {
    const items = [...story.items];
    for (const absent of story.absent) {
        const later = items.findIndex((item) => item.step > absent.step && item.name !== "ChangeCipherSpec");
        items.splice(later < 0 ? items.length : later, 0, { kind: "absent", ...absent });
    }
    return items;
}

customElements.define("story-view", StoryView);
