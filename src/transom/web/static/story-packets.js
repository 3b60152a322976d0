// Arrows cut where one packet ends and the next begins. The cuts of an arrow are one picture: no element a packet.

import { h } from "./dom.js";
import { packetsCounted } from "./packet-words.js";

const WHOLE = 10_000; // the length of an arrow, as the document counts it

export function cutIntoPackets(rows, steps) {
    for (const row of rows) {
        const packets = steps[row.dataset.id];
        const shaft = row.querySelector(".shaft");
        if (!packets?.count || !shaft) continue;
        row.classList.add("is-cut");
        row.classList.toggle("is-parted", packets.cuts.length > 0);
        shaft.style.setProperty("--cuts", picture(packets.cuts, row.classList.contains("from-server") ? "left" : "right"));
        row.querySelector(".size")?.append(", ", h("span", { class: "packet-numbers" }, packetsCounted(packets)));
    }
}

function picture(cuts, towards) {
    if (!cuts.length) return "none";
    const stops = cuts.flatMap((cut) => {
        const place = `${(cut * 100) / WHOLE}%`;
        return [`transparent calc(${place} - 1px)`, `var(--ground) calc(${place} - 1px)`, `var(--ground) calc(${place} + 1px)`, `transparent calc(${place} + 1px)`];
    });
    return `linear-gradient(to ${towards}, ${stops.join(", ")})`;
}
