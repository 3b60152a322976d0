// Packets: a row a packet, of which only those in sight are here. One that carries bytes of a step leads to it.

import { fill, h } from "./dom.js";
import { keepDrawn, onPaper } from "./drawing.js";
import { isNarrow } from "./narrow.js";
import { isReport } from "./source.js";
import { go, state } from "./state.js";
import { count, say } from "./words.js";

const SPARE = 6;

// As tab-packets.css has it: on a phone two lines, the second of them what the packet says.
function rowHeight() {
    return isNarrow() ? 44 : 26;
}

class TabPackets extends HTMLElement {
    async show({ ask, base }) {
        const found = await ask(`${base}/packets`);
        Object.assign(this, { ask, base, found, at: 0, slices: new Map([[0, Promise.resolve(found)]]) });
        const shown = (this.count = isReport() ? found.rows.length : found.total);
        this.high = rowHeight();
        this.body = h("div", { class: "packet-space" });
        this.body.style.height = `${shown * this.high}px`;
        this.scroller = h(
            "div",
            { class: "packet-rows", role: "grid", tabindex: "0", "aria-rowcount": shown + 1, "aria-label": say("page.tab.packets"), onkeydown: (event) => this.walk(event) },
            header(),
            this.body,
        );
        this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
        const left = found.total - shown;
        const { left_out: unlisted } = found;
        fill(this, unlisted ? h("p", { class: "note" }, count("page.packets.left_out", unlisted)) : null, left > 0 ? h("p", { class: "note" }, count("page.packets.report", shown, { total: found.total.toLocaleString("en-US") })) : null, this.scroller);
        this.stop?.();
        this.stop = keepDrawn(this.scroller, () => this.draw());
        await this.showWanted();
    }

    isOutdated() {
        return this.wanted !== state.packet;
    }

    // The packet that the state names, by its number: they are in order, so its slice is soon found.
    async showWanted() {
        this.wanted = state.packet;
        const wanted = Number(state.packet);
        if (!/^\d+$/.test(state.packet) || !this.count) return;
        const { slice } = this.found;
        let [low, high] = [0, Math.ceil(this.count / slice) - 1];
        while (low < high) {
            const middle = Math.ceil((low + high) / 2);
            const { rows } = await this.slice(middle);
            if (rows[0][0] <= wanted) low = middle;
            else high = middle - 1;
        }
        const { rows } = await this.slice(low);
        const at = rows.findIndex(([number]) => number === wanted);
        if (at < 0 || this.wanted !== state.packet) return;
        this.at = low * slice + at;
        this.scroller.scrollTop = Math.max((this.at - 2) * this.high, 0);
        await this.draw();
    }

    disconnectedCallback() {
        this.stop?.();
    }

    async draw() {
        const turn = (this.turn = (this.turn ?? 0) + 1);
        if (onPaper()) return this.drawFirst();
        const first = Math.max(Math.floor(this.scroller.scrollTop / this.high) - SPARE, 0);
        const last = Math.min(first + Math.ceil(this.scroller.clientHeight / this.high) + 2 * SPARE, this.count);
        const { slice } = this.found;
        const wanted = [];
        for (let number = Math.floor(first / slice); number * slice < last; number += 1) wanted.push(this.slice(number));
        const rows = (await Promise.all(wanted)).flatMap((found) => found.rows);
        if (turn !== this.turn) return;
        const from = Math.floor(first / slice) * slice;
        fill(this.body, rows.slice(first - from, last - from).map((row, at) => this.row(row, first + at)));
        this.scroller.setAttribute("aria-activedescendant", `packet-${this.at}`);
    }

    // As many as are here already: paper does not wait.
    drawFirst() {
        const { rows, total } = this.found;
        fill(this.body, rows.map((row, at) => this.row(row, at)), total > rows.length ? h("p", { class: "note" }, count("page.packets.printed", rows.length, { total: total.toLocaleString("en-US") })) : null);
    }

    slice(number) {
        if (!this.slices.has(number)) this.slices.set(number, this.ask(`${this.base}/packets/${number}`));
        return this.slices.get(number);
    }

    row([number, at, from, protocol, length, info, step], place) {
        const { client, server } = this.found;
        const [source, target] = from === "client" ? [client, server] : [server, client];
        const cells = [number, (at / 1e9).toFixed(6), source, target, from === "client" ? "→" : "←", protocol, length.toLocaleString("en-US"), info];
        const row = h(
            "div",
            {
                role: "row",
                id: `packet-${place}`,
                class: step ? "packet leads" : "packet",
                "aria-rowindex": place + 2,
                "aria-selected": String(place === this.at),
                onclick: () => this.choose(place, step),
            },
            cells.map((cell, column) => h("span", { role: "gridcell", class: `cell-${COLUMNS[column]}` }, String(cell ?? ""))),
        );
        row.style.top = `${place * this.high}px`;
        return row;
    }

    choose(place, step) {
        this.at = place;
        this.draw();
        if (step) go({ step });
    }

    async walk(event) {
        const page = Math.max(Math.floor(this.scroller.clientHeight / this.high) - 2, 1);
        const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
        if (event.key === "Enter") {
            event.preventDefault();
            const { slice } = this.found;
            const { rows } = await this.slice(Math.floor(this.at / slice));
            const row = rows[this.at % slice];
            if (row) this.choose(this.at, row.at(-1));
        } else if (by) {
            event.preventDefault();
            this.at = Math.min(Math.max(this.at + by, 0), this.count - 1);
            const top = this.at * this.high;
            const { scrollTop, clientHeight } = this.scroller;
            if (top < scrollTop) this.scroller.scrollTop = top;
            else if (top + 2 * this.high > scrollTop + clientHeight) this.scroller.scrollTop = top + 2 * this.high - clientHeight;
            await this.draw();
        }
    }
}

const COLUMNS = ["number", "time", "from", "to", "way", "protocol", "length", "info"];

function header() {
    return h("div", { role: "row", class: "packet-head", "aria-rowindex": 1 }, COLUMNS.map((name) => h("span", { role: "columnheader", class: `cell-${name}` }, say(`page.packets.${name}`))));
}

customElements.define("tab-packets", TabPackets);
