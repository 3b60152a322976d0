// Compare: this conversation and another, what each cost and where they part, by the rows of `transom compare`.

import { chooser, otherOf } from "./beside.js";
import { english, fill, h } from "./dom.js";
import { protocolName } from "./format.js";
import { go, state } from "./state.js";
import { language, say } from "./words.js";

class TabCompare extends HTMLElement {
    async show({ ask, base, row, view }) {
        const turn = (this.turn = (this.turn ?? 0) + 1);
        this.asked = state.beside;
        const { best, others } = await ask(`${base}/beside`);
        const other = otherOf(best, row.conversation) ?? others[0]?.conversation ?? null;
        if (other === null) {
            fill(this, h("p", { class: "note" }, say("page.compare.alone")));
            return;
        }
        const [{ rows }, found] = await Promise.all([ask(`conversations/${view}`, { number: other, limit: 1 }), compared(ask, base, other)]);
        if (turn !== this.turn) return;
        fill(this, h("div", { class: "forms" }, chooser(others, rows, other)), found.fault ? h("p", { class: "fault" }, found.fault) : tables(found.told[language()], [row, rows[0]]));
    }

    isOutdated() {
        return this.asked !== state.beside;
    }
}

async function compared(ask, base, other) {
    try {
        return await ask(`${base}/compare/${other}`);
    } catch (error) {
        return { fault: error.message };
    }
}

function tables({ first, fields, figures }, rows) {
    return [
        h("p", { class: "sentence" }, first),
        figures.length ? h("table", { class: "figures" }, h("caption", { class: "for-ears" }, say("page.compare.figures")), head(rows), h("tbody", {}, figures.map(figure))) : null,
        h("table", { class: "fields" }, h("caption", { class: "for-ears" }, say("page.compare.fields")), head(rows), groups(fields)),
    ];
}

// Each column leads to its conversation's story.
function head(rows) {
    const columns = rows.map((row, at) => {
        const name = `${"AB"[at]}: ${protocolName(row)}, #${row.conversation}`;
        return h("th", { scope: "col" }, h("button", { type: "button", onclick: () => go({ c: String(row.conversation), step: "" }) }, name));
    });
    return h("thead", {}, h("tr", {}, h("td"), columns));
}

function figure({ heading, label, cells }) {
    const row = h("tr", {}, h("th", { scope: "row" }, label), cells.map((cell) => h("td", {}, cell)));
    return heading ? [headingRow(heading), row] : row;
}

function headingRow(text) {
    return h("tr", { class: "group" }, h("th", { colspan: "3", scope: "col" }, text));
}

function groups(fields) {
    const names = [...new Set(fields.map(({ group }) => group))];
    return names.map((name) => h("tbody", {}, headingRow(name), fields.filter(({ group }) => group === name).flatMap(field)));
}

// One line a pair; what is equal in both stands once, across.
function field({ label, mark, pairs }) {
    return pairs.map(([left, right], at) =>
        h(
            "tr",
            { class: right === null ? "is-same" : mark === " " ? null : "is-other" },
            at ? h("td") : h("th", { scope: "row" }, h("span", { class: "mark", "aria-hidden": "true" }, mark), label),
            right === null ? h("td", { colspan: "2" }, english(left)) : [left, right].map((text) => h("td", {}, english(text))),
        ),
    );
}

customElements.define("tab-compare", TabCompare);
