// The SHA-256 of a body; or why it is not told: from it one could guess what is masked.

import { withOptions } from "./dom.js";
import { say } from "./words.js";

export function digestText({ sha256, withheld }) {
    if (sha256) return `SHA-256 ${sha256}`;
    return withheld ? withOptions(say(`page.digest.${withheld}`)) : "";
}
