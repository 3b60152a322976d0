// The story: lanes, the rows between them, and the ways to draw it.

import { fill, h } from "./dom.js";
import { go, state } from "./state.js";
import { foldRow, within } from "./story-folds.js";
import { isStep, stepsOf } from "./story-order.js";
import { cutIntoPackets } from "./story-packets.js";
import { before, row } from "./story-rows.js";
import { toScale } from "./story-scale.js";
import { count, say } from "./words.js";

class StoryView extends HTMLElement {
    show({ story, entry, fault, base, ask, about }) {
        this.setAttribute("aria-label", say("page.story"));
        if (fault || !story) {
            this.order = [];
            fill(this, h("p", { class: fault ? "fault" : "none" }, fault ?? say(`page.nothing.${why(about)}`)));
            return;
        }
        if (base !== this.base || entry?.id !== this.current) this.turned = new Map(base === this.base ? [...this.turned].filter(([, open]) => open) : []);
        Object.assign(this, { story, base, ask, current: entry?.id, left: leftOut(story, about) });
        this.order = stepsOf(story).map(({ id }) => id);
        this.draw();
    }

    draw() {
        const keepFocus = this.contains(document.activeElement) && (document.activeElement.dataset.fold ?? "");
        const list = h("ol", { class: "rows" });
        const timed = [];
        if (this.story.before) list.append(before(this.story.before, this.current));
        if (this.story.folds) this.folded(list, timed);
        else this.arrows(this.story.items, list, timed);
        fill(this, h("h2", { class: "for-ears" }, say("page.story")), heads(), this.left, list, tools());
        if (state.scale) toScale(timed);
        if (state.packets) this.cut(list);
        const chosen = this.querySelector('[aria-current="true"]');
        if (keepFocus) this.querySelector(`[data-fold="${CSS.escape(keepFocus)}"]`)?.focus();
        else {
            chosen?.scrollIntoView({ block: "nearest" });
            if (keepFocus === "") chosen?.focus();
        }
    }

    // The one with the step that is shown is open, and those that were opened.
    folded(list, timed) {
        const { folds, items } = this.story;
        const inside = folds.map(() => []);
        for (const item of items) inside[within(folds, item)]?.push(item);
        folds.forEach((fold, place) => {
            const mine = inside[place];
            const isOpen = this.turned.get(fold.id) ?? mine.some(({ id }) => id === this.current);
            const line = foldRow(fold, mine, isOpen, () => {
                this.turned.set(fold.id, !isOpen);
                this.draw();
            });
            list.append(line);
            if (isOpen) this.arrows(mine, list, timed);
            else timed.push({ row: line, at: fold.at, lasted: fold.lasted });
        });
    }

    arrows(items, list, timed) {
        const lines = items.map((item) => row(item, this.current));
        lines.forEach((line, at) => {
            if (!line) return;
            const item = items[at];
            if (at && item.flight !== items[at - 1].flight) line.classList.add("begins-flight");
            if ("packet" in item && isStep(item)) timed.push({ row: line, at: item.at, lasted: item.lasted ?? 0 });
            list.append(line);
        });
        bracket(items, lines);
    }

    async cut(list) {
        const { steps } = await this.ask(`${this.base}/carried`);
        if (!list.isConnected) return;
        cutIntoPackets(list.querySelectorAll("button.row"), steps);
        this.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
    }

    // Again, once the page is as long as it will be: before, it may not have scrolled so far.
    bringForward() {
        this.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
    }

    // The step that many on from the one that is shown, whether its row is folded or not.
    // From the step that was asked for last, drawn or not: keys come faster than answers.
    move(by) {
        const at = this.order.indexOf(this.order.includes(state.step) ? state.step : this.current);
        const next = this.order[at < 0 ? 0 : Math.min(Math.max(at + by, 0), this.order.length - 1)];
        if (next) go({ step: next });
    }
}

// Why no conversation is shown.
function why({ conversations, state: how }) {
    if (conversations) return "chosen";
    return how === undefined || how === "whole" ? "here" : "yet";
}

// A report has the details of the first steps alone, and says so before one of the others is asked for.
function leftOut({ items }, { steps }) {
    const all = items.filter(({ kind }) => kind === "message" || kind === "data" || kind === "http").length;
    if (!steps || all <= steps) return null;
    return h("p", { class: "note left-out-steps" }, count("page.story_steps", steps, { total: all.toLocaleString("en-US") }));
}

function heads() {
    const lanes = ["ca", "client", "path", "server"].map((lane) => h("span", { class: `lane lane-${lane}` }, say(`page.lane.${lane}`)));
    return h("div", { class: "lanes", "aria-hidden": "true" }, h("span", { class: "lane lane-step" }), lanes);
}

function tools() {
    const way = (name, text) => h("button", { type: "button", "aria-pressed": String(Boolean(state[name])), class: `way-${name}`, onclick: () => turn(name) }, text);
    return h("div", { class: "story-ways", role: "group", "aria-label": say("page.story_tools") }, way("scale", say("page.story_scale")), way("packets", say("page.story_packets")));
}

// Draw it in this way, or no more.
export function turn(name) {
    go({ [name]: state[name] ? "" : "on" });
}

// Messages that share one record.
function bracket(items, lines) {
    items.forEach((item, at) => {
        if (!items[at + 1]?.joined || item.joined) return;
        const after = items.findIndex((other, place) => place > at && !other.joined);
        const together = lines.slice(at, after < 0 ? items.length : after);
        together.forEach((line, place) => line.classList.add("in-record", place === 0 ? "record-begins" : place === together.length - 1 ? "record-ends" : "record-goes-on"));
        lines[at].querySelector(".size").append(h("span", { class: "shared" }, `, ${say("page.in_record", { count: together.length })}`));
    });
}

customElements.define("story-view", StoryView);
