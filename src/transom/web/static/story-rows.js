// The rows of the story: an arrow a message. On the third party's lane stands what it can make of it: an eye, or a lock.

import { english, h, icon } from "./dom.js";
import { aboutBytes, exactBytes, rate } from "./format.js";
import { go } from "./state.js";
import { count, say, told } from "./words.js";

export function row(item, current) {
    switch (item.kind) {
        case "message":
            return message(item, current);
        case "data":
            return run(item, current);
        case "http":
            return http(item, current);
        case "sealed":
            return h("li", { class: "seal" }, h("span", {}, item.from ? say(`page.rule.${item.from}`) : say("rule.both")));
        case "absent":
            return plain(item, current, "is-absent", [english(item.name), " ", h("small", {}, say(item.why))]);
        case "problem":
            return h("li", { class: "row is-problem" }, icon("problem"), h("span", { class: "label" }, english(item.code), `: ${told(item.told)}`));
        case "left":
            return h("li", { class: "row is-closed" }, h("span", { class: "label" }, leftOut(item)));
        case "closed":
            return closed(item);
        default:
            return null;
    }
}

const CLOSED = ["fin", "reset"];

// Or there never was a connection, which is the server's doing.
function closed({ how, from }) {
    if (CLOSED.includes(how)) return h("li", { class: "row is-closed" }, h("span", { class: "label" }, say(`page.closed.${how}_${from}`)));
    return h("li", { class: "row is-problem" }, icon("problem"), h("span", { class: "label" }, `${say(`page.lane.${from}`)}: ${say(`not_reached.${how}`)}`));
}

function leftOut({ lines, exchanges }) {
    return [count("page.beyond.lines", lines), exchanges ? count("page.beyond.exchanges", exchanges) : ""].filter(Boolean).join(" ");
}

// It was made before, elsewhere: nobody on this path had anything to read. Two arrows: what the CA gave to the server,
// and what the client had to have of it already.
export function before(known, current) {
    if (known.why || !known.ca) return plain(known, current, "is-before", h("small", {}, whoSigned(known)));
    const button = h(
        "button",
        chosen(known.id, current, "row is-two from-ca is-before"),
        h("span", { class: "step" }, known.step),
        heard(", "),
        h("span", { class: "label" }, h("span", { class: "what" }, whoSigned(known))),
        h("span", { class: "shaft" }),
        heard(", "),
        h("span", { class: "root" }, h("span", { class: "root-shaft" }), h("span", { class: "what" }, whoKnew(known))),
    );
    return h("li", {}, button);
}

export function whoSigned(known) {
    if (known.why) return say(`page.before_why.${known.why}`, { reason: say(`why_not.${known.reason}`) });
    return known.ca ? say("page.before", { ca: known.ca, subject: known.subject }) : say("page.before_self", { subject: known.subject });
}

export function whoKnew({ root, source }) {
    if (!source) return say("page.before_root", { root });
    return say("page.before_root_known", { root, source: say(source.words, { source: source.given }) });
}

function message(item, current) {
    const size = exactBytes(item.length);
    return arrow(
        {
            ...item,
            state: stateOf(item),
            // Of an alert its name says nothing: what it is about does.
            name: [item.fatal ? icon("problem") : null, english(nameOf(item)), item.name === "Alert" && told(item.note) ? h("small", {}, ` ${told(item.note)}`) : null],
            size: item.records > 1 ? `${size}, ${count("page.records", item.records)}` : size,
            proof: item.proof,
            isFatal: item.fatal,
        },
        current,
    );
}

function run(item, current) {
    const size = `${aboutBytes(item.wire_bytes)}, ${count("page.records", item.records)}`;
    const lines = headlines(item);
    const speed = item.lasted > 1e6 ? h("span", { class: "rate" }, `, ${rate(item.wire_bytes, item.lasted)}`) : null;
    return arrow(
        {
            ...item,
            step: item.opened ? item.step : "",
            state: stateOf(item),
            name: (lines && english(lines)) || (item.opened ? say("page.data") : say("page.sealed_data")),
            size: [size, speed],
            thick: item.records > 1,
        },
        current,
    );
}

const MOST_NAMED = 3; // of the messages of a row that is folded

// What several items say, in a line.
export function gist(items) {
    const names = items.map((item) => (item.kind === "message" ? nameOf(item) : item.kind === "http" ? headline(item) : item.kind === "data" ? headlines(item) : "")).filter(Boolean);
    return [...names.slice(0, MOST_NAMED), names.length > MOST_NAMED ? "…" : ""].filter(Boolean).join(" · ");
}

function headlines(item) {
    return item.http.map(headline).filter(Boolean).join(" · ");
}

function http(item, current) {
    const body = item.body?.length ? aboutBytes(item.body.length) : "";
    return arrow(
        { ...item, step: "", state: "open", name: english(headline(item)), size: body || exactBytes(item.head), thick: Boolean(body) },
        current,
    );
}

function headline(line) {
    const stream = line.version === "2" ? ` · HTTP/2 stream ${line.stream}` : "";
    if (line.method) return `${line.method} ${line.target}${stream}`;
    if (line.status) return `${line.status} ${line.reason}`.trim() + stream;
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

function arrow({ id, step, from, state: who, name, size, thick, proof, isFatal }, current) {
    const proven = proof === true ? " ✓" : proof === false ? " ✗" : "";
    const button = h(
        "button",
        chosen(id, current, `row from-${from} is-${who}${thick ? " is-thick" : ""}${isFatal ? " is-fatal" : ""}`),
        h("span", { class: "step" }, step),
        step === "" ? null : heard(", "),
        h("span", { class: "label" }, h("span", { class: "what" }, name, proven), heard(`, ${say(`page.from.${from}`)}, `), h("span", { class: "size" }, size)),
        h("span", { class: "shaft" }),
        h("span", { class: "who" }, readers(who)),
    );
    return h("li", {}, button);
}

// A step that does not cross has no arrow; what there is to say of it can be looked at all the same.
function plain(item, current, name, ...text) {
    return h("li", {}, h("button", chosen(item.id, current, `row ${name}`), h("span", { class: "step" }, item.step), heard(", "), h("span", { class: "label" }, ...text)));
}

function chosen(id, current, name) {
    return { type: "button", class: name, "data-id": id, "aria-current": id === current ? "true" : "false", onclick: () => go({ step: id }) };
}

export function readers(who) {
    return [icon(ICONS[who]), who === "opened" ? icon("key") : null, heard(`, ${say(`page.who.${who}`)}`)];
}

// What eyes see from place, arrow and icon.
export function heard(text) {
    return h("span", { class: "for-ears" }, text);
}
