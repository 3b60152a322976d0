// When the conversations began: a bar for each stretch of time, and a brush that keeps those of a part of it. One draws
// over the bars with the mouse, or moves the two edges by key.

import { fill, h } from "./dom.js";
import { blank, hatch, keepDrawn } from "./drawing.js";
import { clock } from "./format.js";
import { isNarrow } from "./narrow.js";
import { go, state } from "./state.js";
import { count, say } from "./words.js";

const HEIGHT = 44;
const PAGE = 10; // boxes
const EDGES = ["since", "until"];

// As many as there is room for.
export function boxesWanted() {
    return isNarrow() ? 64 : 160;
}

class TimeBrush extends HTMLElement {
    show(times) {
        this.times = times;
        if (!this.canvas) this.build();
        this.describe();
        this.draw();
    }

    build() {
        this.canvas = h("canvas", { role: "img", onpointerdown: (event) => this.press(event, Math.floor(this.borderAt(event))) });
        this.edges = EDGES.map((name, at) =>
            h("span", {
                class: `edge is-${name}`,
                role: "slider",
                tabindex: "0",
                "data-name": name,
                "aria-orientation": "horizontal",
                onkeydown: (event) => this.move(event, at),
                onpointerdown: (event) => this.press(event, this.borders[1 - at]),
            }),
        );
        this.said = h("span", { role: "status" });
        this.clear = h("button", { type: "button", class: "brush-clear", onclick: () => this.choose(0, this.last) });
        this.ends = EDGES.map(() => h("span", {}));
        fill(this, h("div", { class: "brush" }, this.canvas, this.edges), h("p", { class: "brush-line note" }, this.ends[0], h("span", {}, this.said, " ", this.clear), this.ends[1]));
        keepDrawn(this.canvas, () => this.draw());
    }

    get last() {
        return this.times.boxes.length;
    }

    // Between which borders of boxes is chosen: two of 0 … last.
    get borders() {
        const { width } = this.times;
        const since = state.since === "" ? 0 : Math.floor(Number(state.since) / width);
        const until = state.until === "" ? this.last : Math.ceil(Number(state.until) / width);
        return [Math.min(since, this.last), Math.min(until, this.last)];
    }

    describe() {
        const { boxes, odd, width } = this.times;
        const borders = this.borders;
        const whole = this.isWhole(...borders);
        this.setAttribute("aria-label", say("page.brush.name"));
        this.ends[0].textContent = this.told(0);
        this.ends[1].textContent = `${this.told(this.last)} UTC`;
        this.said.textContent = whole ? "" : say("page.brush.chosen", { since: this.clock(Number(state.since)), until: this.clock(state.until === "" ? this.last * width : Number(state.until)) });
        this.clear.hidden = whole;
        this.clear.textContent = say("page.brush.all");
        const problems = sum(odd) ? `, ${count("page.brush.odd", sum(odd))}` : "";
        this.canvas.setAttribute("aria-label", `${say("page.brush.name")}: ${count("page.conversations", sum(boxes))}${problems}`);
        this.edges.forEach((edge, at) => {
            edge.setAttribute("aria-label", say(`page.brush.${EDGES[at]}`));
            edge.setAttribute("aria-valuemin", at ? borders[0] + 1 : 0);
            edge.setAttribute("aria-valuemax", at ? this.last : borders[1] - 1);
            edge.setAttribute("aria-valuenow", borders[at]);
            edge.setAttribute("aria-valuetext", `${this.told(borders[at])} UTC`);
            edge.style.left = `${(borders[at] / this.last) * 100}%`;
        });
    }

    told(border) {
        return this.clock(border * this.times.width);
    }

    clock(after) {
        const { first, width } = this.times;
        return clock(first + after, this.last * width);
    }

    isWhole(since, until) {
        return since === 0 && until === this.last;
    }

    draw() {
        if (!this.canvas.clientWidth) return;
        const { draw, width, colour } = blank(this.canvas, HEIGHT);
        const { boxes, odd } = this.times;
        const [since, until] = this.borders;
        const step = width / this.last;
        const most = boxes.reduce((one, other) => Math.max(one, other), 1);
        const high = (number) => (number ? Math.max((number / most) * (HEIGHT - 4), 2) : 0);
        if (!this.isWhole(since, until)) {
            draw.fillStyle = colour("--chosen");
            draw.fillRect(since * step, 0, (until - since) * step, HEIGHT);
        }
        boxes.forEach((number, at) => {
            draw.fillStyle = colour(at >= since && at < until ? "--quiet" : "--lane");
            draw.fillRect(at * step, HEIGHT - high(number), Math.max(step - 1, 1), high(number));
            if (!odd[at]) return;
            draw.fillStyle = colour("--problem");
            draw.fillRect(at * step, HEIGHT - high(odd[at]), Math.max(step - 1, 1), high(odd[at]));
            draw.strokeStyle = colour("--sunk");
            hatch(draw, at * step, HEIGHT - high(odd[at]), Math.max(step - 1, 1), high(odd[at]));
        });
        draw.fillStyle = colour("--lane");
        draw.fillRect(0, HEIGHT - 1, width, 1);
    }

    borderAt({ clientX }) {
        const { left, width } = this.canvas.getBoundingClientRect();
        return (Math.min(Math.max(clientX - left, 0), width) / width) * this.last;
    }

    // From `anchor` to wherever the pointer goes.
    press(event, anchor) {
        const { target, pointerId } = event;
        const to = (moved) => {
            const border = Math.round(this.borderAt(moved));
            const since = Math.min(anchor, border, this.last - 1);
            this.choose(since, Math.max(anchor, border, since + 1));
        };
        event.preventDefault();
        if (target !== this.canvas) target.focus();
        target.setPointerCapture(pointerId);
        target.addEventListener("pointermove", to);
        target.addEventListener("lostpointercapture", () => target.removeEventListener("pointermove", to), { once: true });
        if (target === this.canvas) to(event);
    }

    move(event, at) {
        const [since, until] = this.borders;
        const here = at ? until : since;
        const [least, most] = at ? [since + 1, this.last] : [0, until - 1];
        const to = { ArrowRight: here + 1, ArrowUp: here + 1, ArrowLeft: here - 1, ArrowDown: here - 1, PageUp: here + PAGE, PageDown: here - PAGE, Home: least, End: most }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const border = Math.min(Math.max(to, least), most);
        this.choose(at ? since : border, at ? border : until);
    }

    choose(since, until) {
        const { width } = this.times;
        const chosen = { since: since === 0 ? "" : String(since * width), until: until === this.last ? "" : String(until * width) };
        if (chosen.since !== state.since || chosen.until !== state.until) go(chosen);
    }
}

function sum(numbers) {
    return numbers.reduce((one, other) => one + other, 0);
}

customElements.define("time-brush", TimeBrush);
