// Whether there is room for one thing at a time, as layout.css has it. On paper there is room for all. But what has to be
// asked for comes too late for a page that is being printed: a live one is printed as it is.

import { onPaper } from "./drawing.js";
import { isReport } from "./source.js";

const NARROW = matchMedia("screen and (max-width: 1023px)");
const screen = { isNarrow: NARROW.matches };

export function isNarrow() {
    if (!onPaper()) screen.isNarrow = NARROW.matches;
    return screen.isNarrow && !hasRoomForAll();
}

// Paper has, and a report has all that could be asked for.
export function hasRoomForAll() {
    return onPaper() && isReport();
}

export function whenTurned(listener) {
    const room = () => `${isNarrow()} ${hasRoomForAll()}`;
    let before = room();
    const look = () => {
        if (room() === before) return;
        before = room();
        listener();
    };
    NARROW.addEventListener("change", look);
    addEventListener("sheetchange", look);
}
