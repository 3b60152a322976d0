// A folded story: a row for what one side said before the other did, which opens to its arrows.

import { english, h } from "./dom.js";
import { exactBytes } from "./format.js";
import { gist, heard, readers } from "./story-rows.js";
import { count, say } from "./words.js";

const DIRECTIONS = { client: "C → S", server: "C ← S" };

// Which fold each item is in.
export function within(folds, item) {
    return folds.findIndex(({ first, last }) => item.flight + 1 >= first && item.flight + 1 <= last);
}

// `inside` are its items, or those of them that are here.
export function foldRow(fold, inside, isOpen, toggle) {
    const { first, last } = fold;
    const name = first === last ? say("page.flights.one", { first }) : say("page.flights.other", { first, last });
    const parts = [count("page.arrows", fold.arrows), fold.records ? count("page.records", fold.records) : "", exactBytes(fold.wire_bytes)];
    const who = Object.entries(fold.who).map(([state, number]) => h("span", { class: `fold-who is-${state}` }, readers(state), heard(", "), number));
    return h(
        "li",
        { class: "fold-row" },
        h(
            "button",
            { type: "button", class: "fold", "aria-expanded": String(isOpen), "data-fold": fold.id, onclick: toggle },
            h("span", { class: "fold-name" }, name),
            h("span", { class: "gist" }, english(gist(inside))),
            h("span", { class: "about" }, DIRECTIONS[fold.from] ?? "C ⇄ S"),
            h("span", { class: "about" }, parts.filter(Boolean).join(", ")),
            who,
        ),
    );
}
