// Bytes as text: offset, sixteen in hex, and those that are letters.

import { hexOf, printable } from "./format.js";

export function hexDump(data, start = 0) {
    const rows = [];
    for (let from = 0; from < data.length; from += 16) {
        const part = [...data.slice(from, from + 16)];
        const hex = part.map((byte) => hexOf(byte)).join(" ").padEnd(47);
        rows.push(`${hexOf(start + from, 8)}  ${hex}  ${part.map(printable).join("")}\n`);
    }
    return rows.join("");
}
