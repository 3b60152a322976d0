// The table of conversations: sorted and filtered where the rows are; of them the document holds those in sight.

import { english, fill, h, icon } from "./dom.js";
import { keepDrawn, onPaper } from "./drawing.js";
import { aboutBytes, clock, duration } from "./format.js";
import { isOdd } from "./rows.js";
import { go, state } from "./state.js";
import { boxesWanted } from "./time-brush.js";
import { count, say } from "./words.js";

const SLICE = 200;
const BEYOND = 12; // rows drawn above and below what is in sight
const NARROWEST = 3;
const KEY_STEP = 1;
const FEW = 2; // conversations of which a brush would say nothing

const COLUMNS = [
    { name: "conversation", width: 4.5, cell: (row) => row.conversation },
    { name: "start", width: 7.5, cell: (row, span) => (row.start ? clock(row.start, span) : "") },
    { name: "client", width: 10.5, cell: (row) => english(row.client ?? "") },
    { name: "server", width: 10.5, cell: (row) => english(row.server ?? "") },
    { name: "sni", width: 11, cell: (row) => row.sni === null ? h("span", { class: "instead", lang: "en" }, row.server ?? "") : english(row.sni) },
    { name: "version", width: 6, cell: (row) => (row.not_reached ? "" : english(row.version ?? row.protocol.toUpperCase())) },
    { name: "client_bytes", width: 6.5, cell: (row) => aboutBytes(row.client_bytes) },
    { name: "server_bytes", width: 6.5, cell: (row) => aboutBytes(row.server_bytes) },
    { name: "lasted", width: 6.5, cell: (row) => duration(row.lasted) },
    { name: "problems", width: 11, cell: (row) => (isOdd(row) ? trouble(row) : "") },
];

class ConversationList extends HTMLElement {
    async show({ source }) {
        const opening = this.hidden || !this.body;
        this.hidden = state.list !== "open";
        this.classList.toggle("is-all", state.c === "");
        if (this.hidden) return;
        this.source = source;
        if (!this.body) this.build();
        this.describe();
        const asked = JSON.stringify([state.view, state.text, state.sort, state.since, state.until]);
        if (asked !== this.asked) this.scroller.scrollTop = 0;
        this.asked = asked;
        if (opening) this.filter.focus();
        await this.drawTimes();
        await this.draw();
    }

    build() {
        this.filter = h("input", { type: "search", value: state.text, oninput: (event) => go({ text: event.target.value }) });
        this.caption = h("span");
        this.found = h("span", { class: "found", role: "status" });
        this.order = h("span", { class: "order" });
        this.leftOut = h("p", { class: "note" });
        this.widths = COLUMNS.map(({ name }) => h("col", { class: `is-${name}` }));
        COLUMNS.forEach(({ width }, at) => this.widen(at, width));
        this.head = h("tr", { role: "row", "aria-rowindex": "1" });
        [this.above, this.below] = [h("tr", { class: "space", "aria-hidden": "true" }), h("tr", { class: "space", "aria-hidden": "true" })];
        this.body = h("tbody", { role: "rowgroup" });
        // What it is stays said where a row is laid out in two lines.
        this.table = h("table", { role: "table" }, h("colgroup", {}, this.widths), h("thead", { role: "rowgroup" }, this.head), this.body);
        this.scroller = h("div", { class: "scrolls", onscroll: () => this.draw() }, this.table);
        keepDrawn(this.scroller, () => this.draw());
        this.brush = h("time-brush", { role: "group" });
        fill(this, h("label", {}, this.caption, this.filter, this.found, this.order), this.brush, this.leftOut, this.scroller);
    }

    // What is said in words: the language may be another now.
    describe() {
        if (this.filter.value !== state.text) this.filter.value = state.text;
        this.caption.textContent = say("page.filter");
        const { chosen, conversations } = this.source.about;
        this.chosen = chosen && new Set(chosen);
        const missing = chosen ? conversations - chosen.length : 0;
        this.leftOut.hidden = missing === 0;
        this.leftOut.textContent = missing ? count("page.left_out", missing) : "";
        const [sort, down] = state.sort.split("-");
        this.order.textContent = sort ? "" : say("page.order");
        const focused = this.head.contains(document.activeElement) && document.activeElement.dataset.name;
        fill(this.head, COLUMNS.map(({ name }, at) => this.headCell(name, at, name === sort && (down ? "descending" : "ascending"))));
        if (focused) this.head.querySelector(`[data-name="${focused}"]`)?.focus();
    }

    headCell(name, at, order) {
        const onclick = () => go({ sort: order === "ascending" ? `${name}-down` : name });
        const label = say(`page.column.${name}`);
        const handle = h("span", {
            class: "handle",
            role: "separator",
            tabindex: "0",
            "data-name": `${name}-width`,
            "aria-orientation": "vertical",
            "aria-label": say("page.column_width", { column: label }),
            "aria-valuenow": Math.round(this.widthOf(at)),
            "aria-valuemin": NARROWEST,
            onpointerdown: (event) => this.drag(event, at),
            onkeydown: (event) => this.widenByKey(event, at),
        });
        const button = h("button", { type: "button", "data-name": name, onclick }, label);
        return h("th", { scope: "col", role: "columnheader", class: `is-${name}`, "aria-sort": order || "none" }, button, handle);
    }

    widthOf(at) {
        return parseFloat(this.widths[at].style.width);
    }

    // In rem, so that larger letters have more room.
    widen(at, width) {
        this.widths[at].style.width = `${Math.max(width, NARROWEST)}rem`;
        this.head?.querySelectorAll(".handle")[at]?.setAttribute("aria-valuenow", Math.round(this.widthOf(at)));
    }

    widenByKey(event, at) {
        const by = { ArrowRight: KEY_STEP, ArrowLeft: -KEY_STEP }[event.key];
        if (!by) return;
        event.preventDefault();
        event.stopPropagation();
        this.widen(at, this.widthOf(at) + by);
    }

    drag(event, at) {
        const { target, pointerId, clientX } = event;
        const before = this.widthOf(at);
        const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
        const move = (moved) => this.widen(at, before + (moved.clientX - clientX) / rem);
        event.preventDefault();
        target.setPointerCapture(pointerId);
        target.addEventListener("pointermove", move);
        target.addEventListener("lostpointercapture", () => target.removeEventListener("pointermove", move), { once: true });
    }

    // Only what was asked for last is drawn, however the answers come in.
    async draw() {
        if (this.hidden) return;
        const turn = (this.turn = (this.turn ?? 0) + 1);
        this.height = parseFloat(getComputedStyle(this).getPropertyValue("--row"));
        const [from, to] = onPaper() ? [0, SLICE] : this.inSight();
        const first = from - (from % SLICE);
        const slices = await Promise.all(this.slices(first, to));
        if (turn !== this.turn) return;
        const { matching } = slices[0];
        const rows = slices.flatMap((slice) => slice.rows).slice(from - first, to - first);
        this.place(rows, from, matching);
    }

    inSight() {
        const { scrollTop, clientHeight } = this.scroller;
        const from = Math.max(Math.floor(scrollTop / this.height) - BEYOND, 0);
        return [from, from + Math.ceil(clientHeight / this.height) + 2 * BEYOND];
    }

    slices(first, to) {
        const starts = Array.from({ length: Math.ceil((to - first) / SLICE) }, (_, at) => first + at * SLICE);
        return starts.map((offset) => this.ask({ offset, ...given("since", "until"), ...order() }));
    }

    ask(query) {
        return this.source.ask(`conversations/${state.view}`, { ...given("text"), ...query });
    }

    async drawTimes() {
        const { conversations } = this.source.about;
        this.brush.hidden = conversations < FEW;
        if (this.brush.hidden) return;
        const { times } = await this.ask({ boxes: boxesWanted(), limit: 0 });
        this.span = times.width * times.boxes.length;
        this.brush.show(times);
    }

    place(rows, from, matching) {
        const focused = this.body.contains(document.activeElement) && document.activeElement.closest("tr").dataset.conversation;
        this.found.textContent = count("page.found", matching);
        this.table.setAttribute("aria-rowcount", String(matching + 1));
        this.above.style.height = `${from * this.height}px`;
        this.below.style.height = `${Math.max(matching - from - rows.length, 0) * this.height}px`;
        fill(this.body, this.above, rows.map((row, at) => this.line(row, from + at)), this.below);
        if (focused) this.body.querySelector(`[data-conversation="${focused}"] button`)?.focus({ preventScroll: true });
        this.dataset.drawn = JSON.stringify([state.view, state.text, state.sort, from, matching]);
    }

    line(row, at) {
        const here = !this.chosen || this.chosen.has(row.conversation);
        const choose = here ? () => go({ c: String(row.conversation), step: "", list: "" }) : null;
        const number = row.conversation;
        const name = here ? h("button", { type: "button", onclick: choose }, `#${number}`) : `#${number}`;
        const properties = {
            role: "row",
            "data-conversation": row.conversation,
            "aria-rowindex": at + 2,
            "aria-current": String(row.conversation) === state.c ? "true" : null,
            class: here ? null : "is-left-out",
        };
        if (here) properties.onclick = choose;
        return h("tr", properties, h("th", { scope: "row", role: "rowheader", class: "is-conversation" }, name), COLUMNS.slice(1).map((column) => h("td", { role: "cell", class: `is-${column.name}` }, column.cell(row, this.span))));
    }
}

// What ended it, where that has a name; else how many there are.
function trouble({ not_reached: notReached, alert, problems }) {
    const said = notReached ? say(`not_reached.${notReached}`) : alert ? alert.name : problems || "";
    return h("span", { class: "is-problem", title: said || null, lang: alert && !notReached ? "en" : null }, icon("problem"), said);
}

// What the state asks for, and no more.
function given(...names) {
    return Object.fromEntries(names.map((name) => [name, state[name]]).filter(([, value]) => value));
}

function order() {
    const [sort, down] = state.sort.split("-");
    return { ...(sort && { sort }), ...(down && { down }) };
}

customElements.define("conversation-list", ConversationList);
