// What is shown, all of it in the address: a link shows another reader the same.

const DEFAULTS = { c: "", view: "with-keys", step: "", tab: "", lang: "", theme: "", scale: "", packets: "", list: "", text: "", since: "", until: "", sort: "", as: "", beside: "", from: "", packet: "" };
const listeners = [];

export const state = { ...DEFAULTS };

// An address that says nothing is where the page begins.
export function beginAt(begins) {
    const given = new URLSearchParams(begins);
    if ([...given].length && !location.hash) history.replaceState(null, "", `#${given}`);
    readAddress();
}

export function readAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const [name, value] of Object.entries(DEFAULTS)) state[name] = given.get(name) ?? value;
}

export function onChange(listener) {
    listeners.push(listener);
}

// Change what is shown; `changes` are fields of the state.
export function go(changes) {
    const before = { ...state };
    Object.assign(state, changes);
    const given = Object.entries(state).filter(([name, value]) => value !== DEFAULTS[name]);
    const address = `#${new URLSearchParams(given)}`;
    // Going back leads to the conversation before, not through every step of this one.
    history[before.c && before.c !== state.c ? "pushState" : "replaceState"](null, "", address);
    tell(before);
}

export function tell(before) {
    for (const listener of listeners) listener(before);
}

addEventListener("popstate", () => {
    const before = { ...state };
    readAddress();
    tell(before);
});
