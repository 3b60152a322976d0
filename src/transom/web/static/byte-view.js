// The bytes of a step: as they crossed, and what they opened to. Click one, or walk, and its field is found.

import { fill, h, icon } from "./dom.js";
import { bytesOf, hexOf, printable } from "./format.js";
import { innermost } from "./field-tree.js";
import { count, say } from "./words.js";

const ICONS = { header: "eye", open: "eye", sealed: "lock", opened: "key" };
// Where a row has room for 16: a wide window, and one in which they lie below the fields (step.css).
const WIDE = "(min-width: 1700px), (min-width: 1024px) and (max-width: 1179px)";

class ByteView extends HTMLElement {
    show(step, choose) {
        this.choose = choose;
        this.width = matchMedia(WIDE).matches ? 16 : 8;
        this.cells = [];
        this.at = -1;
        const blocks = step.blocks.map((block) => this.block(block));
        fill(
            this,
            h("h3", {}, say("page.bytes")),
            blocks.length
                ? h("div", { class: "blocks", tabindex: "0", role: "group", "aria-label": say("page.bytes"), onkeydown: (event) => this.walk(event), onclick: (event) => this.clicked(event), onmouseover: (event) => this.over(event) }, blocks)
                : h("p", { class: "note" }, say("page.no_bytes")),
            (this.spoken = h("output", { class: "for-ears", "aria-live": "polite" })),
        );
    }

    block(block) {
        const data = bytesOf(block.hex);
        const rows = [];
        for (let from = 0; from < data.length; from += this.width) rows.push(this.row(block, data, from));
        const left = block.length - data.length;
        const name = say(`page.block.${block.state}`);
        return h(
            "section",
            { class: `block is-${block.state}` },
            h("h4", {}, icon(ICONS[block.state]), name),
            h("div", { class: "dump" }, rows),
            left > 0 ? h("p", { class: "note" }, count("page.more_bytes", left)) : null,
        );
    }

    row(block, data, from) {
        const part = data.slice(from, from + this.width);
        const cells = [...part].map((byte, at) => {
            const cell = h("span", { class: "byte", "data-cell": this.cells.length }, hexOf(byte));
            this.cells.push({ cell, byte, space: block.space, offset: block.offset + from + at });
            return cell;
        });
        const text = h("span", { class: "ascii", "aria-hidden": "true" }, [...part].map(printable).join(""));
        return h("div", { class: "dump-row" }, h("span", { class: "offset", "aria-hidden": "true" }, hexOf(block.offset + from, 4)), h("span", { class: "hex" }, cells), text);
    }

    clicked({ target }) {
        if (target.dataset.cell) this.pick(Number(target.dataset.cell));
    }

    over({ target }) {
        const found = target.dataset.cell && this.cells[target.dataset.cell];
        if (found) this.choose({ space: found.space, offset: found.offset, length: 1, hover: true });
    }

    pick(at) {
        const { space, offset } = this.cells[at];
        this.choose({ space, offset, length: 1, cell: at });
    }

    mark(choice) {
        const name = choice.hover ? "is-under" : "is-chosen";
        const { space, offset, length } = this.extent(choice);
        for (const found of this.cells) {
            const inside = found.space === space && found.offset >= offset && found.offset < offset + length;
            found.cell.classList.toggle(name, inside);
        }
        if (choice.hover) return;
        this.at = choice.cell ?? this.cells.findIndex((found) => found.space === space && found.offset === offset);
        this.cells.forEach(({ cell }, at) => cell.classList.toggle("is-here", at === choice.cell));
        this.cells[this.at]?.cell.scrollIntoView({ block: "nearest" });
        this.speak();
    }

    // A byte stands for the field it belongs to.
    extent(choice) {
        const tree = this.parentElement?.querySelector("field-tree");
        if (choice.length !== 1 || choice.field !== undefined || !tree) return choice;
        const field = tree.fields[innermost(tree.fields, choice)];
        return field && field.length < 64 ? field : choice;
    }

    speak() {
        const found = this.cells[this.at];
        const selected = this.parentElement?.querySelector('field-tree [aria-selected="true"]');
        this.spoken.textContent = found ? `${hexOf(found.byte)} ${selected?.textContent ?? ""}` : "";
    }

    walk(event) {
        const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.width, ArrowUp: -this.width }[event.key];
        if (by === undefined || !this.cells.length) return;
        event.preventDefault();
        this.pick(Math.min(Math.max((this.at < 0 ? 0 : this.at) + by, 0), this.cells.length - 1));
    }
}

customElements.define("byte-view", ByteView);
