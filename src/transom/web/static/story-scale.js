// The story to scale: a distance between two arrows is the time between them, but never so small that they would touch.

import { h } from "./dom.js";
import { duration } from "./format.js";
import { say } from "./words.js";

const LEAST_HEIGHT = 1200; // pixels for the whole of it
const ROW = 44;
const WORTH_SAYING = 20; // pixels of a pause that have room for its length

// `timed` are rows as `{ row, at, lasted }`, in their order, nanoseconds.
export function toScale(timed) {
    const start = Math.min(...timed.map(({ at }) => at));
    const end = Math.max(...timed.map(({ at, lasted }) => at + lasted));
    if (!(end > start)) return;
    const pixels = Math.max(LEAST_HEIGHT, timed.length * ROW) / (end - start);
    timed.forEach(({ row, at, lasted }, place) => {
        const long = Math.round(lasted * pixels);
        if (long > ROW) {
            row.classList.add("is-long");
            row.style.setProperty("--long", `${long}px`);
        }
        const next = timed[place + 1];
        if (next) pause(row, next.at - at - lasted, pixels, Math.max(long, ROW) - long);
    });
}

// The rows themselves take a part of the time between them: the floor under it.
function pause(row, time, pixels, taken) {
    const height = Math.round(time * pixels) - taken;
    if (height < 1) return;
    if (height < WORTH_SAYING) {
        row.style.marginBottom = `${height}px`;
        return;
    }
    const gap = h("li", { class: "pause" }, h("span", { class: "pause-length" }, say("page.pause", { time: duration(time) })));
    gap.style.height = `${height}px`;
    row.after(gap);
}
