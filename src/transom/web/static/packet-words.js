// The packets of a step by their numbers, each a link to its row: all of them if they are few.

import { h } from "./dom.js";
import { isNarrow } from "./narrow.js";
import { go, state } from "./state.js";
import { say } from "./words.js";

export function packetLink(number) {
    const show = () => go({ tab: "packets", packet: String(number), step: isNarrow() ? "" : state.step });
    return h("button", { type: "button", class: "packet-link", onclick: show }, number);
}

export function packetsSaid({ count, numbers, last }) {
    if (!count) return "";
    if (count === 1) return linked("page.place.packet.one", { number: [last] });
    if (count <= numbers.length) return linked("page.place.packet.other", { numbers });
    return linked("page.place.packet.more", { numbers: numbers.slice(0, 2), last: [last], count: count.toLocaleString("en-US") });
}

// The same in a few characters.
export function packetsCounted(packets) {
    const { count, numbers, last } = packets;
    if (count > 3) return say("page.packets_in_all", { count: count.toLocaleString("en-US") });
    if (!count) return "";
    return count === 1 ? say("page.place.packet.one", { number: last }) : say("page.place.packet.other", { numbers: numbers.join(", ") });
}

// What `say` says, in parts: lists of numbers are links.
function linked(key, values) {
    return say(key).split(/\{(\w+)\}/).map((part, at) => (at % 2 ? links(values[part]) : part));
}

function links(value) {
    return Array.isArray(value) ? value.map((number, at) => [at ? ", " : "", packetLink(number)]) : value;
}
