// The keys, and what the colours say.

import { fill, h, icon } from "./dom.js";
import { KEYS, KEYS_WITHIN } from "./keys.js";
import { say } from "./words.js";

const MEANINGS = [["open", "eye"], ["sealed", "lock"], ["opened", "key"], ["problem", "problem"]];

class HelpDialog extends HTMLElement {
    open() {
        const rows = [...KEYS, ...KEYS_WITHIN].map(({ keys, shown, does }) => [
            h("dt", {}, (shown ? [shown] : keys).map((key) => h("kbd", {}, key))),
            h("dd", {}, say(does)),
        ]);
        const meanings = MEANINGS.map(([name, picture]) => h("li", { class: `is-${name}` }, icon(picture), say(`page.meaning.${name}`)));
        this.dialog = h(
            "dialog",
            { "aria-label": say("page.help"), onclose: () => fill(this) },
            h("h2", {}, say("page.meanings")),
            h("ul", {}, meanings),
            h("h2", {}, say("page.shortcuts")),
            h("dl", {}, rows),
            h("form", { method: "dialog" }, h("button", {}, say("page.close"))),
        );
        fill(this, this.dialog);
        this.dialog.showModal();
        // The button to close it, at its end, has the focus: it is read from its beginning all the same.
        this.dialog.scrollTop = 0;
    }

    get isOpen() {
        return Boolean(this.dialog?.open);
    }

    close() {
        this.dialog.close();
    }
}

customElements.define("help-dialog", HelpDialog);
