// Follow: both sides in order, as text or as hex. In a sealed stream what can be read all the same is marked.

import { fill, h } from "./dom.js";
import { bytesOf, direction } from "./format.js";
import { hexDump } from "./hex-dump.js";
import { say } from "./words.js";

const FORMS = ["text", "hex"];

class TabFollow extends HTMLElement {
    async show({ ask, base }) {
        this.found = await ask(`${base}/follow`);
        this.form ??= "text";
        this.draw();
    }

    draw() {
        const { found } = this;
        const forms = FORMS.map((form) =>
            h("button", { type: "button", "aria-pressed": String(form === this.form), onclick: () => this.change(form) }, say(`page.follow.${form}`)),
        );
        const state = found.sealed ? "sealed" : found.opened ? "opened" : "open";
        fill(
            this,
            h("div", { class: "forms" }, forms, h("span", { class: "note" }, this.remark())),
            h("div", { class: `said is-${state}` }, found.said.map((turn) => this.turn(turn))),
        );
    }

    change(form) {
        this.form = form;
        this.draw();
    }

    remark() {
        const { withheld, sealed, why_not: whyNot, kept, total } = this.found;
        if (withheld) return say("page.follow.withheld");
        const all = total.client + total.server;
        const part = kept < all ? say("page.follow.part", { kept: kept.toLocaleString("en-US"), total: all.toLocaleString("en-US") }) : "";
        const shut = sealed ? say("page.follow.sealed", { reason: say(`why_not.${whyNot ?? "nothing-sealed"}`) }) : "";
        return [shut, part].filter(Boolean).join(" ");
    }

    turn(turn) {
        const content = this.form === "hex" ? hexDump(bytesOf(turn.hex), turn.start) : turn.text.map(({ text, island }) => (island ? h("mark", {}, text) : text));
        return h("section", { class: `turn from-${turn.from}` }, h("h3", {}, `${direction(turn.from)} ${say(`page.lane.${turn.from}`)}`), h("pre", { lang: "" }, content));
    }
}

customElements.define("tab-follow", TabFollow);
