// One conversation as it was said: each turn as text, hex or raw. In a sealed one what can be read all the same is marked.

import { h, icon, withOptions } from "./dom.js";
import { bytesOf, direction, dotted, protocolName } from "./format.js";
import { hexDump } from "./hex-dump.js";
import { isReport } from "./source.js";
import { state } from "./state.js";
import { count, say } from "./words.js";

const ICONS = { open: "eye", sealed: "lock", opened: "key" };
const ON_PAPER = 1200; // characters: a dozen lines
const LINES_ON_PHONE = 30; // of one turn, until more is asked for: the other conversation stands below it
const KINDS = { "server name": "server_name", ALPN: "alpn", certificate: "certificate" };

// `from` is the place it is read from, undefined for the beginning; `goTo(place)` leads to another; `kind` is the page's.
export function followPane({ number, row, found, from, goTo, fault }, form, kind) {
    const name = `${row ? spoken(row) : "?"}, ${say("page.follow.conversation", { number })}`;
    if (fault) return h("section", { class: "follow-pane", "aria-label": name }, h("h3", {}, name), h("p", { class: "fault" }, fault));
    const state = found.sealed ? "sealed" : found.opened ? "opened" : "open";
    const turns = found.said.map((turn) => ({ ...turn, data: bytesOf(turn.hex) }));
    return h(
        "section",
        { class: `follow-pane is-${state}`, "data-conversation": number, "aria-label": name },
        h(
            "div",
            { class: "follow-head" },
            h("h3", {}, icon(ICONS[state]), name, h("span", { class: "note" }, say(`page.who.${state}`))),
            found.withheld ? null : saves(found, turns, number, kind),
        ),
        remarks(found, turns),
        h("div", { class: "said", tabindex: "0", role: "group", "aria-label": name }, from === undefined ? beginning(found, turns, form, goTo, number) : turns.map((turn) => turnOf(turn, form))),
        ways(found, turns, from, goTo, number),
    );
}

// What it speaks; of a connection that was never made, that there is nothing.
function spoken(row) {
    return row.not_reached ? say("page.follow.silent") : protocolName(row);
}

function remarks({ withheld, sealed, why_not: whyNot }, turns) {
    if (withheld) return h("p", { class: "note" }, withOptions(say("page.follow.withheld")));
    if (!sealed) return null;
    return [h("p", { class: "note" }, say("page.follow.sealed", { reason: say(`why_not.${whyNot ?? "nothing-sealed"}`) })), readable(turns)];
}

// What the marks are, each once.
function readable(turns) {
    const found = new Map();
    for (const { data, islands } of turns) {
        for (const [start, end, kind] of islands) found.set(kind, (found.get(kind) ?? new Set()).add(dotted(data.slice(start, end))));
    }
    const kinds = [...found].map(([kind, texts]) => h("li", {}, `${say(`page.follow.island.${KINDS[kind]}`)} `, [...texts].map((text) => [h("mark", { lang: "" }, text), " "])));
    return kinds.length ? h("ul", { class: "islands", "aria-label": say("page.follow.islands") }, kinds) : null;
}

// The beginning of each side, and at every place where some is left out, how much.
function beginning({ total }, turns, form, goTo, number) {
    const parts = [];
    let at = 0;
    const left = (end) => {
        if (end > at) parts.push(leftOut(at, end - at, goTo, number));
    };
    for (const turn of turns) {
        left(turn.at);
        parts.push(turnOf(turn, form));
        at = turn.at + turn.data.length;
    }
    if (turns.length) left(total.client + total.server);
    return parts;
}

function leftOut(at, bytes, goTo, number) {
    const text = count("page.follow.left_out", bytes);
    const on = isReport() ? null : h("button", { type: "button", "data-name": `on-${number}-${at}`, onclick: () => goTo(at) }, say("page.follow.read_on"));
    return h("p", { class: "left-out" }, text, on);
}

function turnOf({ from, start, data, text, islands, charset, charset_named: named }, form) {
    const kind = named ? "named" : charset === "ascii" ? "binary" : "assumed";
    const as = form === "text" && charset ? say(`page.follow.charset.${kind}`, { charset: charset.toUpperCase() }) : "";
    const content = form === "hex" ? hexDump(data, start, islands) : form === "text" && text !== null ? (as && kind === "binary" ? short(text) : text) : marked(data, islands);
    const told = h("pre", { lang: "" }, content);
    const isLong = linesOnPhone(told.textContent) > LINES_ON_PHONE;
    const turn = h(
        "section",
        { class: `turn from-${from} as-${form}${isLong ? " is-long" : ""}` },
        h("h4", {}, `${direction(from)} ${say(`page.lane.${from}`)}`, as ? h("span", { class: "note" }, as) : null),
        told,
        isLong ? h("button", { type: "button", class: "unfold", onclick: () => turn.classList.remove("is-long") }, say("page.follow.all", { bytes: data.length.toLocaleString("en-US") })) : null,
        content.isShort ? h("p", { class: "note for-paper" }, say("page.follow.paper", { bytes: data.length.toLocaleString("en-US") })) : null,
    );
    return turn;
}

// About how many it takes where a line has room for 40 characters.
function linesOnPhone(text) {
    return text.split("\n").reduce((sum, line) => sum + Math.max(Math.ceil(line.length / 40), 1), 0);
}

// On paper the first lines of what is no text; on a screen all of it.
function short(text) {
    const first = text.slice(0, ON_PAPER).replace(/\\(?:x[0-9a-f]?)?$/, "");
    if (first.length === text.length) return text;
    return Object.assign([first, h("span", { class: "for-screen" }, text.slice(first.length))], { isShort: true });
}

function marked(data, islands) {
    const parts = [];
    let at = 0;
    for (const [start, end, kind] of islands) {
        parts.push(dotted(data.slice(at, start)), h("mark", { title: say(`page.follow.island.${KINDS[kind]}`) }, dotted(data.slice(start, end))));
        at = end;
    }
    return [...parts, dotted(data.slice(at))];
}

// All that a side said, as a file; of a report what is in it. Both are masked as the pane is; what crossed sealed is as it crossed.
function saves({ total, sealed }, turns, number, kind) {
    const ways = ["client", "server"].filter((side) => total[side]).map((side) => {
        const name = `conversation-${number}-${side}.bin`;
        const text = say(`page.lane.${side}`);
        const label = say("page.follow.save_side", { side: text });
        if (!isReport()) return h("a", { class: "save", "aria-label": label, href: `save/${number}/${state.view}/said-${side}`, download: name }, text);
        return h("button", { type: "button", class: "save", "aria-label": label, onclick: () => keep(turns.filter(({ from }) => from === side), name) }, text);
    });
    const notes = [isReport() && "page.follow.save_beginning", kind === "masked" && !sealed && "page.follow.save_masked"].filter(Boolean);
    return h("p", { class: "saves" }, h("span", { class: "note" }, say("page.follow.save")), ways, notes.length ? h("span", { class: "note" }, `(${notes.map((key) => say(key)).join(", ")})`) : null);
}

function keep(turns, name) {
    const address = URL.createObjectURL(new Blob(turns.map(({ data }) => data)));
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// What is in sight, and the ways to the rest. A report has the beginning alone.
function ways({ total: sides, most_kept: stretch, withheld }, turns, from, goTo, number) {
    const total = sides.client + sides.server;
    const here = turns.reduce((sum, { data }) => sum + data.length, 0);
    if (withheld || (from === undefined && here === total)) return null;
    const first = Number(from ?? 0);
    const last = Math.max(total - stretch, 0);
    if (isReport()) return h("p", { class: "ways note" }, say("page.follow.report", { count: stretch.toLocaleString("en-US") }));
    const way = (name, to, off) => h("button", { type: "button", "data-name": `${name}-${number}`, disabled: off, onclick: () => goTo(to) }, say(`page.follow.${name}`));
    const [begin, end] = [first + 1, first + here].map((place) => place.toLocaleString("en-US"));
    const all = total.toLocaleString("en-US");
    const told = from === undefined ? say("page.follow.part", { kept: stretch.toLocaleString("en-US"), total: all }) : say("page.follow.place", { first: begin, last: end, total: all });
    return h(
        "div",
        { class: "ways", role: "group", "aria-label": say("page.follow.ways", { number }) },
        way("beginning", undefined, from === undefined),
        way("earlier", first > stretch ? first - stretch : undefined, from === undefined),
        h("span", { class: "note", role: "status" }, told),
        way("later", from === undefined ? afterFirst(turns) : first + stretch, from !== undefined && first + here >= total),
        way("end", last, first === last && from !== undefined),
    );
}

// Where the beginning leaves out the first bytes.
function afterFirst(turns) {
    let at = 0;
    for (const turn of turns) {
        if (turn.at > at) return at;
        at = turn.at + turn.data.length;
    }
    return at;
}
