// Bytes as text: offset, sixteen in hex (eight where it is narrow), and those that are letters. What lies in one of
// `marks`, `[start, end]` by place, is marked.

import { h } from "./dom.js";
import { hexOf, printable } from "./format.js";
import { isNarrow } from "./narrow.js";

export function hexDump(data, start = 0, marks = []) {
    const [size, digits] = isNarrow() ? [8, Math.max(hexOf(start + data.length).length, 4)] : [16, 8];
    const rows = [];
    for (let from = 0; from < data.length; from += size) {
        const part = [...data.slice(from, from + size)];
        const runs = runsOf(part.length, marks.map(([first, last]) => [first - from, last - from]));
        const hex = runs.flatMap(([first, last, isMarked], at) => [at ? " " : "", run(part.slice(first, last).map((byte) => hexOf(byte)).join(" "), isMarked)]);
        const text = runs.map(([first, last, isMarked]) => run(part.slice(first, last).map(printable).join(""), isMarked));
        rows.push(`${hexOf(start + from, digits)}  `, hex, " ".repeat((size - part.length) * 3 + 2), text, "\n");
    }
    return joined(rows.flat(2));
}

// `[0, length)` cut where a mark begins or ends.
function runsOf(length, marks) {
    const runs = [];
    let at = 0;
    for (const [first, last] of marks) {
        const [low, high] = [Math.max(first, at), Math.min(last, length)];
        if (low >= high) continue;
        if (low > at) runs.push([at, low, false]);
        runs.push([low, high, true]);
        at = high;
    }
    if (at < length) runs.push([at, length, false]);
    return runs;
}

function run(text, isMarked) {
    return isMarked ? h("mark", {}, text) : text;
}

// As few pieces as there can be: a page has thousands of rows.
function joined(parts) {
    const found = [];
    for (const part of parts) {
        if (typeof part === "string" && typeof found.at(-1) === "string") found.push(found.pop() + part);
        else found.push(part);
    }
    return found;
}
