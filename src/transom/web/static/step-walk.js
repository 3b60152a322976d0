// All steps in a line, and the one that is shown: where a class is, while one step has the screen.

import { fill, h } from "./dom.js";
import { go } from "./state.js";
import { nameOf, stateOf } from "./story-rows.js";
import { stepsOf } from "./story-order.js";
import { say } from "./words.js";

const MOST = 24; // steps that have room beside each other

class StepWalk extends HTMLElement {
    show({ story, entry }) {
        this.setAttribute("aria-label", say("page.walk"));
        const steps = story ? stepsOf(story) : [];
        const at = steps.findIndex(({ id }) => id === entry?.id);
        if (at < 0) {
            fill(this);
            return;
        }
        const line = steps.length <= MOST ? h("ol", {}, steps.map((step) => h("li", {}, place(step, step === steps[at])))) : null;
        fill(
            this,
            way("←", "page.key.previous", steps[at - 1]),
            line,
            h("p", {}, `${at + 1} / ${steps.length}`),
            way("→", "page.key.next", steps[at + 1]),
        );
    }
}

function way(sign, what, step) {
    return h("button", { type: "button", "aria-label": say(what), disabled: !step, onclick: () => go({ step: step.id }) }, sign);
}

// By its number; what has none by what it is.
function place(step, isHere) {
    const who = step.kind === "before" || step.kind === "absent" ? step.kind : step.kind === "http" ? "open" : stateOf(step);
    // What stays shut may be anything: not the step that it would be if it were opened.
    const number = step.kind === "data" && who === "sealed" ? "" : step.step;
    const name = step.name ? nameOf(step) : (step.http ?? [step]).map(({ method, status }) => method ?? status).find(Boolean);
    const text = number === "" || number === undefined ? "·" : number;
    return h("button", { type: "button", class: `is-${who}`, "aria-current": isHere ? "step" : null, title: name, "aria-label": `${text} ${name ?? ""}`, onclick: () => go({ step: step.id }) }, text);
}

customElements.define("step-walk", StepWalk);
