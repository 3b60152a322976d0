// Compare: this conversation and another, what each cost and where they part, by the rows of `transom compare`.

import { chooser, otherOf } from "./beside.js";
import { english, fill, h, icon } from "./dom.js";
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
        const found = await compared(ask, base, other);
        const { rows } = await ask(`conversations/${view}`, { number: other, limit: 1 });
        if (turn !== this.turn) return;
        fill(this, h("div", { class: "forms" }, chooser(others, rows, other)), found.fault ? h("p", { class: "fault" }, found.fault) : tables(found, [row, rows[0]]));
    }

    isOutdated() {
        return this.asked !== state.beside;
    }
}

const AGAIN = 200; // milliseconds
const MOST_TURNS = 3000;

// One that is not kept is read again first.
async function compared(ask, base, other) {
    try {
        for (let turn = 0; ; turn++) {
            const found = await ask(`${base}/compare/${other}`, turn ? { turn } : {});
            if (found.over || turn > MOST_TURNS) return found;
            await new Promise((resolve) => setTimeout(resolve, AGAIN));
        }
    } catch (error) {
        return { fault: error.message };
    }
}

function tables({ told, columns }, rows) {
    const { first, fields, figures } = told[language()];
    return [
        h("p", { class: "sentence" }, first),
        figures ? h("div", { class: "at-a-glance" }, costs(figures, columns, rows), ends(figures)) : null,
        h("table", { class: "fields" }, h("caption", { class: "for-ears" }, say("page.compare.fields")), head(rows.map(protocolName), lettered(rows)), groups(fields)),
    ];
}

// What the two ends have: the same in all columns, so it stands once.
function ends({ heading, ends: told }) {
    if (!told.length) return null;
    const lines = told.map(({ label, text }) => [h("dt", {}, label), h("dd", { class: inked(text.ink) }, text.text)]);
    return h("section", {}, h("h3", {}, heading), h("dl", { class: "ends" }, lines));
}

function lettered(rows) {
    return rows.map(({ conversation }, at) => ({ conversation, letter: "AB"[at] }));
}

function costs({ columns: names, rows: told }, columns, rows) {
    const shown = columns.map((number) => lettered(rows).find(({ conversation }) => conversation === number) ?? { conversation: number });
    return h("table", { class: "figures" }, h("caption", { class: "for-ears" }, say("page.compare.figures")), head(names, shown), h("tbody", {}, told.map((row) => figure(row, columns.length))));
}

// Each column leads to its conversation's story.
function head(names, columns) {
    const cells = columns.map(({ conversation, letter }, at) => {
        const mark = letter === undefined ? "" : `${letter}: `;
        return h("th", { scope: "col" }, h("button", { type: "button", onclick: () => go({ c: String(conversation), step: "" }) }, `${mark}${names[at]}, `, h("span", { class: "of-conversation" }, `#${conversation}`)));
    });
    return h("thead", {}, h("tr", {}, h("td"), cells));
}

const ICONS = { open: "eye", sealed: "lock", problem: "problem" };

function figure({ heading, label, cells }, count) {
    const row = h("tr", {}, h("th", { scope: "row" }, label), cells.map(({ text, ink }) => h("td", { class: inked(ink) }, ink ? icon(ICONS[ink]) : null, text)));
    return heading ? [headingRow(heading, count), row] : row;
}

function inked(ink) {
    return ink ? `is-${ink}` : null;
}

function headingRow(text, count = 2) {
    return h("tr", { class: "group" }, h("th", { colspan: count + 1, scope: "col" }, text));
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
