// Whether there is room for one thing at a time, as layout.css has it.

const NARROW = matchMedia("screen and (max-width: 1023px)");

export function isNarrow() {
    return NARROW.matches;
}

export function whenTurned(listener) {
    NARROW.addEventListener("change", listener);
}
