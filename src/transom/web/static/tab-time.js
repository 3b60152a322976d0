// Time: bytes over time on a canvas, what the client sent above the line and what the server sent below; stalls named.

import { fill, h, icon } from "./dom.js";
import { blank, hatch, keepDrawn } from "./drawing.js";
import { direction, duration, exactBytes } from "./format.js";
import { count, say } from "./words.js";

const SIDES = ["client", "server"];
const TICKS = [0, 0.25, 0.5, 0.75, 1]; // of the whole time

class TabTime extends HTMLElement {
    async show({ ask, base }) {
        this.found = await ask(`${base}/time`);
        this.disconnectedCallback(); // shown again, when there is more of it
        const { stalls, longest, least } = this.found;
        this.at = -1;
        this.canvas = h("canvas", {
            class: "pace",
            role: "img",
            tabindex: "0",
            "aria-label": this.summary(),
            onkeydown: (event) => this.walk(event),
            onpointermove: (event) => this.point(event),
        });
        this.told = h("p", { class: "told note", "aria-live": "polite" }, say("page.time.walk"));
        fill(
            this,
            h("p", { class: "sentence" }, stalls.length ? count("page.time.stalls", stalls.length) : say("page.time.no_stall", { least: duration(least) })),
            peak("client", this.found),
            this.canvas,
            h("p", { class: "axis note", "aria-hidden": "true" }, TICKS.map((share) => h("span", {}, duration(share * this.span)))),
            peak("server", this.found),
            this.told,
            stalls.length
                ? h("ol", { class: "stalls" }, stalls.map((one, at) => h("li", { class: "is-problem" }, icon("problem"), `${at + 1} `, silence(one))))
                : longest
                  ? h("p", { class: "told note" }, `${say("page.time.longest")} ${silence(longest)}`)
                  : null,
        );
        this.stop?.();
        this.stop = keepDrawn(this.canvas, () => this.draw());
    }

    disconnectedCallback() {
        this.stop?.();
    }

    summary() {
        const { boxes, lasted, stalls } = this.found;
        const sums = SIDES.map((side) => `${direction(side)} ${exactBytes(boxes[side].reduce((one, other) => one + other, 0))}`);
        return [say("page.tab.time"), duration(lasted), ...sums, stalls.length ? count("page.time.stalls", stalls.length) : ""].filter(Boolean).join(", ");
    }

    get span() {
        return Math.max(this.found.boxes.client.length, 1) * this.found.width;
    }

    draw() {
        const { canvas, found } = this;
        if (!canvas.clientWidth) return;
        const high = canvas.clientHeight;
        const { draw, width, colour } = blank(canvas, high);
        const middle = Math.round(high / 2);
        const x = (time) => (time / this.span) * width;
        draw.fillStyle = colour("--line");
        TICKS.slice(1, -1).forEach((share) => draw.fillRect(Math.round(share * width), 0, 1, high));
        found.stalls.forEach(({ at, lasted }, place) => {
            const wide = Math.max(x(lasted), 2);
            draw.fillStyle = colour("--problem-ground");
            draw.fillRect(x(at), 0, wide, high);
            draw.strokeStyle = draw.fillStyle = colour("--problem");
            draw.globalAlpha = 0.35;
            hatch(draw, x(at), 0, wide, high);
            draw.globalAlpha = 1;
            label(draw, String(place + 1), x(at), colour("--problem-ground"));
        });
        draw.fillStyle = colour("--quiet");
        const step = width / Math.max(found.boxes.client.length, 1);
        SIDES.forEach((side) => {
            const top = most(found.boxes[side]) || 1;
            found.boxes[side].forEach((bytes, place) => {
                if (!bytes) return;
                const height = Math.max((bytes / top) * (middle - 6), 2);
                draw.fillRect(place * step, side === "client" ? middle - height : middle, Math.max(step - 0.5, 1), height);
            });
        });
        draw.fillStyle = colour("--lane");
        draw.fillRect(0, middle, width, 1);
        if (this.at >= 0) {
            draw.fillStyle = colour("--focus");
            draw.fillRect(this.at * step, 0, Math.max(step, 2), 2);
            draw.fillRect(this.at * step, high - 2, Math.max(step, 2), 2);
        }
    }

    walk(event) {
        const last = this.found.boxes.client.length - 1;
        const to = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 0, End: last }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        this.choose(Math.min(Math.max(to, 0), last));
    }

    point(event) {
        const boxes = this.found.boxes.client.length;
        this.choose(Math.min(Math.max(Math.floor((event.offsetX / this.canvas.clientWidth) * boxes), 0), boxes - 1));
    }

    choose(at) {
        if (at === this.at || at < 0) return;
        this.at = at;
        const { width, boxes } = this.found;
        const [from, to] = [duration(at * width), duration((at + 1) * width)];
        fill(this.told, `${from} – ${to}: ${SIDES.map((side) => `${direction(side)} ${exactBytes(boxes[side][at])}`).join(", ")}`);
        this.draw();
    }
}

// What the tallest bar of a side stands for; it stands on that side of the drawing.
function peak(side, { boxes, width }) {
    return h("p", { class: "peak" }, say("page.time.most", { way: direction(side), bytes: exactBytes(most(boxes[side])), time: duration(width) }));
}

// A number that lies on its own ground, not on the hatching.
function label(draw, text, x, ground) {
    const ink = draw.fillStyle;
    draw.fillStyle = ground;
    draw.fillRect(x + 1, 1, draw.measureText(text).width + 4, 14);
    draw.fillStyle = ink;
    draw.fillText(text, x + 3, 12);
}

function most(boxes) {
    return boxes.reduce((one, other) => Math.max(one, other), 0);
}

function silence({ name, at, lasted, sent }) {
    return say(`page.time.${name}`, { at: duration(at), time: duration(lasted), client: exactBytes(sent.client), server: exactBytes(sent.server) });
}

customElements.define("tab-time", TabTime);
