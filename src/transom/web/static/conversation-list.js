// The table of conversations: sorted and filtered where the rows are; of them the document holds those in sight.

import { fill, h, icon } from "./dom.js";
import { keepDrawn, onPaper } from "./drawing.js";
import { aboutBytes, milliseconds } from "./format.js";
import { isOdd } from "./rows.js";
import { go, state } from "./state.js";
import { count, say } from "./words.js";

const SLICE = 200;
const BEYOND = 12; // rows drawn above and below what is in sight
const NARROWEST = 3;
const KEY_STEP = 1;

const COLUMNS = [
    { name: "conversation", width: 6, cell: (row) => row.conversation },
    { name: "client", width: 12, cell: (row) => row.client ?? "" },
    { name: "server", width: 12, cell: (row) => row.server ?? "" },
    { name: "sni", width: 14, cell: (row) => row.sni ?? h("span", { class: "instead" }, row.server) },
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
        this.widths = COLUMNS.map(({ name }) => h("col", { class: `is-${name}` }));
        COLUMNS.forEach(({ width }, at) => this.widen(at, width));
        this.head = h("tr", { "aria-rowindex": "1" });
        [this.above, this.below] = [h("tr", { class: "space", "aria-hidden": "true" }), h("tr", { class: "space", "aria-hidden": "true" })];
        this.body = h("tbody");
        this.table = h("table", {}, h("colgroup", {}, this.widths), h("thead", {}, this.head), this.body);
        this.scroller = h("div", { class: "scrolls", onscroll: () => this.draw() }, this.table);
        keepDrawn(this.scroller, () => this.draw());
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
        return h("th", { scope: "col", class: `is-${name}`, "aria-sort": order || "none" }, button, handle);
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
        const [sort, down] = state.sort.split("-");
        const query = { ...(state.text && { text: state.text }), ...(sort && { sort }), ...(down && { down }) };
        const starts = Array.from({ length: Math.ceil((to - first) / SLICE) }, (_, at) => first + at * SLICE);
        return starts.map((offset) => this.source.ask(`conversations/${state.view}`, { offset, ...query }));
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
            "data-conversation": row.conversation,
            "aria-rowindex": at + 2,
            "aria-current": String(row.conversation) === state.c ? "true" : null,
            class: here ? null : "is-left-out",
        };
        if (here) properties.onclick = choose;
        return h("tr", properties, h("th", { scope: "row", class: "is-conversation" }, name), COLUMNS.slice(1).map((column) => h("td", { class: `is-${column.name}` }, column.cell(row))));
    }
}

customElements.define("conversation-list", ConversationList);
