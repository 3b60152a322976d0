// Which other conversation is put beside the one that is shown: the best one there is, unless another was chosen.

import { h } from "./dom.js";
import { protocolName } from "./format.js";
import { go, state } from "./state.js";
import { say } from "./words.js";

const NONE = "none";

export function otherOf(best, number) {
    if (state.beside === NONE) return null;
    const other = /^\d+$/.test(state.beside) ? Number(state.beside) : best;
    return other === number ? null : other;
}

// `known` are rows of which one may be chosen and not listed.
export function chooser(others, known, chosen) {
    const isListed = others.some(({ conversation }) => conversation === chosen);
    const rows = [...others, ...known.filter((row) => !isListed && row?.conversation === chosen)];
    const options = rows.map((row) => h("option", { value: row.conversation, selected: row.conversation === chosen }, `#${row.conversation} ${protocolName(row)} ${row.sni ?? row.server ?? ""}`));
    return h(
        "label",
        { class: "beside" },
        say("page.follow.beside"),
        h("select", { "data-name": "beside", onchange: (event) => go({ beside: event.target.value }) }, h("option", { value: NONE, selected: chosen === null }, say("page.follow.nothing")), options),
    );
}
