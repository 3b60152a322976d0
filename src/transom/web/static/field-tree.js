// The fields of a message, each with its place: hover, click or walk, and its bytes light up.

import { fill, h, icon } from "./dom.js";
import { say } from "./words.js";

class FieldTree extends HTMLElement {
    show(step, choose) {
        this.fields = step.fields;
        this.choose = choose;
        this.shut = new Set(this.fields.flatMap((field, at) => (field.folded ? [at] : [])));
        this.at = -1;
        this.rows = this.fields.map((field, at) => this.row(field, at));
        fill(
            this,
            h("h3", {}, say("page.fields")),
            (this.tree = h("ul", { role: "tree", tabindex: "0", "aria-label": say("page.fields"), onkeydown: (event) => this.walk(event) }, this.rows)),
        );
        this.draw();
    }

    row(field, at) {
        const name = field.part ? h("span", { class: "name" }, say(`part.${field.part}`)) : h("span", { class: "name", lang: "en" }, field.name);
        const value = field.value === null ? null : h("span", { class: "value", lang: "en" }, field.value);
        const use = field.use ? h("span", { class: "use" }, say(`part.use.${field.use}`)) : null;
        const row = h(
            "li",
            {
                role: "treeitem",
                id: `field-${at}`,
                "aria-level": field.depth + 1,
                "aria-expanded": this.isParent(at) ? "true" : null,
                title: field.rfc ? `RFC ${field.rfc}` : null,
                onclick: () => this.pick(at),
                onmouseenter: () => this.choose({ ...place(field), hover: true }),
                onmouseleave: () => this.choose({ ...place(this.fields[this.at]), hover: true }),
            },
            name,
            value,
            use,
            (field.remarks ?? []).map(badge),
            field.beneath?.length ? h("span", { class: "beneath" }, field.beneath.map(badge)) : null,
        );
        row.style.setProperty("--depth", field.depth);
        return row;
    }

    isParent(at) {
        return (this.fields[at + 1]?.depth ?? 0) > this.fields[at].depth;
    }

    pick(at) {
        this.at = at;
        this.choose({ ...place(this.fields[at]), field: at });
    }

    // Another part chose a place: the innermost field that lies there.
    mark(choice) {
        if (choice.hover) {
            const over = choice.length ? innermost(this.fields, choice) : -1;
            this.rows.forEach((row, at) => row.classList.toggle("is-under", at === over));
            return;
        }
        this.at = choice.field ?? innermost(this.fields, choice);
        this.rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === this.at)));
        // The tree has the focus, and says by this which of its fields is meant.
        if (this.at >= 0) this.tree.setAttribute("aria-activedescendant", `field-${this.at}`);
        this.reveal(this.at);
        this.rows[this.at]?.scrollIntoView({ block: "nearest" });
    }

    walk(event) {
        const shown = this.rows.map((row, at) => (row.hidden ? -1 : at)).filter((at) => at >= 0);
        const here = shown.indexOf(this.at);
        const moves = {
            ArrowDown: () => this.pick(shown[Math.min(here + 1, shown.length - 1)]),
            ArrowUp: () => this.pick(shown[Math.max(here - 1, 0)]),
            ArrowRight: () => this.fold(false),
            ArrowLeft: () => this.fold(true),
            Home: () => this.pick(shown[0]),
            End: () => this.pick(shown.at(-1)),
        };
        if (!moves[event.key] || !shown.length) return;
        event.preventDefault();
        moves[event.key]();
    }

    fold(shut) {
        if (this.at < 0) return;
        if (this.isParent(this.at) && this.shut.has(this.at) !== shut) {
            this.shut[shut ? "add" : "delete"](this.at);
            this.draw();
        } else if (shut) {
            const depth = this.fields[this.at].depth;
            const parent = this.fields.slice(0, this.at).findLastIndex((field) => field.depth < depth);
            if (parent >= 0) this.pick(parent);
        }
    }

    reveal(at) {
        let depth = this.fields[at]?.depth ?? 0;
        for (let above = at - 1; above >= 0 && depth > 0; above--) {
            if (this.fields[above].depth < depth) {
                depth = this.fields[above].depth;
                this.shut.delete(above);
            }
        }
        this.draw();
    }

    draw() {
        let under = Infinity;
        this.rows.forEach((row, at) => {
            const { depth } = this.fields[at];
            if (depth <= under) under = Infinity;
            row.hidden = depth > under;
            if (this.isParent(at)) row.setAttribute("aria-expanded", String(!this.shut.has(at)));
            if (!row.hidden && this.shut.has(at)) under = depth;
        });
    }
}

function place(field) {
    return field ? { space: field.space, offset: field.offset, length: field.length } : { space: null, offset: 0, length: 0 };
}

const ICONS = { weak: "problem", expiring: "clock", good: "check", plain: "dot" };

// What a value means here, in a word: an icon and text, for a colour alone says nothing to some.
export function badge({ code, kind, parts }) {
    return h("span", { class: `badge is-${kind}`, title: say(`remark.${code}.why`, parts) }, icon(ICONS[kind]), say(`remark.${code}.badge`, parts));
}

// The parts that a suite is taken apart into have no bytes of their own.
export function innermost(fields, { space, offset, length }) {
    let best = -1;
    fields.forEach((field, at) => {
        if (field.derived) return;
        const holds = field.space === space && field.offset <= offset && offset + length <= field.offset + field.length;
        if (holds && (best < 0 || field.length <= fields[best].length)) best = at;
    });
    return best;
}

customElements.define("field-tree", FieldTree);
