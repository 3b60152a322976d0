// The table of conversations: sorted and filtered where the rows are; of them the document holds those in sight.

import { fill, h, icon } from "./dom.js";
import { aboutBytes, milliseconds } from "./format.js";
import { isOdd } from "./rows.js";
import { go, state } from "./state.js";
import { count, say } from "./words.js";

const SLICE = 200;
const ROW_HEIGHT = 28; // as list.css has it
const BEYOND = 12; // rows drawn above and below what is in sight
const NARROWEST = 3;
const KEY_STEP = 1;

const COLUMNS = [
    { name: "conversation", width: 6, cell: (row) => row.conversation },
    { name: "client", width: 12, cell: (row) => row.client ?? "" },
    { name: "server", width: 12, cell: (row) => row.server ?? "" },
    { name: "sni", width: 14, cell: (row) => row.sni ?? "" },
    { name: "version", width: 7, cell: (row) => row.version ?? row.protocol },
    { name: "client_bytes", width: 7, cell: (row) => aboutBytes(row.client_bytes) },
    { name: "server_bytes", width: 7, cell: (row) => aboutBytes(row.server_bytes) },
    { name: "lasted", width: 7, cell: (row) => milliseconds(row.lasted) },
    { name: "problems", width: 6, cell: (row) => (isOdd(row) ? h("span", { class: "is-problem" }, icon("problem"), row.problems || "") : "") },
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
        const asked = [state.view, state.text, state.sort].join("\n");
        if (asked !== this.asked) this.scroller.scrollTop = 0;
        this.asked = asked;
        if (opening) this.filter.focus();
        await this.draw();
    }

    build() {
        this.filter = h("input", { type: "search", value: state.text, oninput: (event) => go({ text: event.target.value }) });
        this.caption = h("span");
        this.found = h("span", { role: "status" });
        this.leftOut = h("p", { class: "note" });
        this.widths = COLUMNS.map(() => h("col"));
        COLUMNS.forEach(({ width }, at) => this.widen(at, width));
        this.head = h("tr", { "aria-rowindex": "1" });
        [this.above, this.below] = [h("tr", { class: "space", "aria-hidden": "true" }), h("tr", { class: "space", "aria-hidden": "true" })];
        this.body = h("tbody");
        this.table = h("table", {}, h("colgroup", {}, this.widths), h("thead", {}, this.head), this.body);
        this.scroller = h("div", { class: "scrolls", onscroll: () => this.draw() }, this.table);
        new ResizeObserver(() => this.draw()).observe(this.scroller);
        fill(this, h("label", {}, this.caption, this.filter, this.found), this.leftOut, this.scroller);
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
        return h("th", { scope: "col", "aria-sort": order || "none" }, button, handle);
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
        const seen = Math.ceil(this.scroller.clientHeight / ROW_HEIGHT);
        const from = Math.max(Math.floor(this.scroller.scrollTop / ROW_HEIGHT) - BEYOND, 0);
        const to = from + seen + 2 * BEYOND;
        const first = from - (from % SLICE);
        const slices = await Promise.all(this.slices(first, to));
        if (turn !== this.turn) return;
        const { matching } = slices[0];
        const rows = slices.flatMap((slice) => slice.rows).slice(from - first, to - first);
        this.place(rows, from, matching);
    }

    slices(first, to) {
        const [sort, down] = state.sort.split("-");
        const query = { ...(state.text && { text: state.text }), ...(sort && { sort }), ...(down && { down }) };
        const starts = Array.from({ length: Math.ceil((to - first) / SLICE) }, (_, at) => first + at * SLICE);
        return starts.map((offset) => this.source.ask(`conversations/${state.view}`, { offset, ...query }));
    }

    place(rows, from, matching) {
        const focused = this.body.contains(document.activeElement) && document.activeElement.closest("tr").dataset.conversation;
        this.found.textContent = count("page.found", matching);
        this.table.setAttribute("aria-rowcount", String(matching + 1));
        this.above.style.height = `${from * ROW_HEIGHT}px`;
        this.below.style.height = `${Math.max(matching - from - rows.length, 0) * ROW_HEIGHT}px`;
        fill(this.body, this.above, rows.map((row, at) => this.line(row, from + at)), this.below);
        if (focused) this.body.querySelector(`[data-conversation="${focused}"] button`)?.focus({ preventScroll: true });
        this.dataset.drawn = JSON.stringify([state.view, state.text, state.sort, from, matching]);
    }

    line(row, at) {
        const here = !this.chosen || this.chosen.has(row.conversation);
        const choose = here ? () => go({ c: String(row.conversation), step: "", list: "" }) : null;
        const [number, ...others] = COLUMNS.map(({ cell }) => cell(row));
        const name = here ? h("button", { type: "button", onclick: choose }, `#${number}`) : `#${number}`;
        const properties = {
            "data-conversation": row.conversation,
            "aria-rowindex": at + 2,
            "aria-current": String(row.conversation) === state.c ? "true" : null,
            class: here ? null : "is-left-out",
        };
        if (here) properties.onclick = choose;
        return h("tr", properties, h("th", { scope: "row" }, name), others.map((content) => h("td", {}, content)));
    }
}

customElements.define("conversation-list", ConversationList);
