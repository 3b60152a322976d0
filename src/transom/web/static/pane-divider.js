// The line between the story and the tabs: drawn up or down by mouse or key, it gives either more room. It stays as it
// was put while the page is open.

import { say } from "./words.js";

const [LEAST, MOST, STEP, FIRST] = [15, 80, 5, 45]; // hundredths of the window that the tabs have

class PaneDivider extends HTMLElement {
    show(pane) {
        this.setAttribute("aria-label", say("page.divider"));
        if (this.pane) return;
        this.pane = pane;
        this.setAttribute("role", "separator");
        this.setAttribute("tabindex", "0");
        this.setAttribute("aria-orientation", "horizontal");
        this.setAttribute("aria-controls", pane.id);
        this.setAttribute("aria-valuemin", LEAST);
        this.setAttribute("aria-valuemax", MOST);
        this.addEventListener("keydown", (event) => this.walk(event));
        this.addEventListener("pointerdown", (event) => this.press(event));
        this.place(FIRST);
    }

    place(share) {
        this.share = Math.min(Math.max(share, LEAST), MOST);
        this.pane.style.setProperty("--share", this.share);
        this.setAttribute("aria-valuenow", Math.round(this.share));
    }

    walk(event) {
        const to = { ArrowUp: this.share + STEP, ArrowDown: this.share - STEP, Home: LEAST, End: MOST }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        this.place(to);
    }

    press(event) {
        event.preventDefault();
        this.setPointerCapture(event.pointerId);
        const move = ({ clientY }) => this.place((1 - clientY / innerHeight) * 100);
        this.addEventListener("pointermove", move);
        this.addEventListener("lostpointercapture", () => this.removeEventListener("pointermove", move), { once: true });
    }
}

customElements.define("pane-divider", PaneDivider);
