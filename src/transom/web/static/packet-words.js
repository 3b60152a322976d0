// The packets of a step by their numbers: all of them if they are few.

import { say } from "./words.js";

export function packetsSaid({ count, numbers, last }) {
    if (!count) return "";
    if (count === 1) return say("page.place.packet.one", { number: last });
    if (count <= numbers.length) return say("page.place.packet.other", { numbers: numbers.join(", ") });
    return say("page.place.packet.more", { numbers: numbers.slice(0, 2).join(", "), last, count: count.toLocaleString("en-US") });
}

// The same in a few characters.
export function packetsCounted(packets) {
    return packets.count > 3 ? say("page.packets_in_all", { count: packets.count.toLocaleString("en-US") }) : packetsSaid(packets);
}
