// Follow: what both sides said, as one conversation; beside it the same transfer by the other way, where there is one.

import { chooser, otherOf } from "./beside.js";
import { fill, h } from "./dom.js";
import { followPane } from "./follow-pane.js";
import { go, state } from "./state.js";
import { say } from "./words.js";

const FORMS = ["text", "hex", "raw"];

class TabFollow extends HTMLElement {
    async show(shown) {
        this.shown = shown;
        await this.draw();
    }

    // The conversation is the same; what of it is followed, and how, may be another.
    isOutdated() {
        return this.asked !== asked();
    }

    // Only what was asked for last is drawn, however the answers come in.
    async draw() {
        const turn = (this.turn = (this.turn ?? 0) + 1);
        this.asked = asked();
        const { ask, base, row, about } = this.shown;
        const { best, others } = await ask(`${base}/beside`);
        const other = otherOf(best, row.conversation);
        const numbers = other === null ? [row.conversation] : [row.conversation, other];
        const panes = await Promise.all(numbers.map((number) => this.followed(number)));
        if (turn !== this.turn) return;
        // HTTP stands on the left, whichever of them was chosen first.
        panes.sort((one, two) => Number(one.row?.protocol === "tls") - Number(two.row?.protocol === "tls"));
        const focused = this.contains(document.activeElement) && document.activeElement.dataset.name;
        fill(
            this,
            h("div", { class: "forms" }, FORMS.map(formButton), others.length || other !== null ? chooser(others, panes.map((pane) => pane.row), other) : null),
            h("div", { class: `follow-panes of-${panes.length}` }, panes.map((pane) => followPane(pane, formOf(), about.kind))),
        );
        if (focused) this.querySelector(`[data-name="${focused}"]`)?.focus();
    }

    async followed(number) {
        const { ask, view } = this.shown;
        const from = places()[number];
        const part = from === undefined ? "follow" : `follow/${from}`;
        try {
            const [{ rows }, found] = await Promise.all([
                ask(`conversations/${view}`, { number, limit: 1 }),
                ask(`conversations/${number}/${view}/${part}`),
            ]);
            return { number, row: rows[0], found, from, goTo: (place) => goTo(number, place) };
        } catch (error) {
            return { number, fault: error.message };
        }
    }
}

function asked() {
    return [state.as, state.beside, state.from].join(" ");
}

function formOf() {
    return FORMS.includes(state.as) ? state.as : FORMS[0];
}

function formButton(form) {
    const choose = () => go({ as: form === FORMS[0] ? "" : form });
    return h("button", { type: "button", "data-name": `form-${form}`, "aria-pressed": String(form === formOf()), title: say(`page.follow.about.${form}`), onclick: choose }, say(`page.follow.${form}`));
}

// Where each conversation is read: `3.16384_0.32768` is the third from its byte 16,384 on.
function places() {
    return Object.fromEntries(state.from.split("_").filter(Boolean).map((one) => one.split(".")));
}

// `place` is undefined for the beginning.
function goTo(number, place) {
    const all = { ...places(), [number]: place };
    go({ from: Object.entries(all).filter(([, at]) => at !== undefined).map(([one, at]) => `${one}.${at}`).join("_") });
}

customElements.define("tab-follow", TabFollow);
