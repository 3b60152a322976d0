// A document that is still being read, or written: asked for again and again, and shown without taking anything from
// under the reader's hands.

const EVERY = 300; // milliseconds

// Call `changed` whenever there is more of the document, or of the conversation that `shown` names, until both are
// whole. Rejects when nobody answers any more.
export async function follow(source, shown, changed) {
    let known = "";
    for (;;) {
        const told = await source.progress(shown());
        const now = JSON.stringify([shown(), told]);
        Object.assign(source.about, told);
        if (now !== known) {
            known = now;
            source.forget();
            await changed();
        }
        if (told.state === "whole" && (told.conversation?.over ?? true)) return;
        await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
}

// Whether the reader is at something inside the element: on a control in it, or with a part of its text selected.
export function isHeld(element) {
    const { activeElement } = document;
    const selected = getSelection();
    const hasSelected = !selected.isCollapsed && element.contains(selected.anchorNode);
    return hasSelected || (element !== activeElement && element.contains(activeElement));
}

// What the reader did to the element, what is scrolled, folded open, in focus: call what is returned when it is drawn anew.
export function keeping(element) {
    const all = [element, ...element.querySelectorAll("*")];
    const scrolled = all.filter(({ scrollTop, scrollLeft }) => scrollTop || scrollLeft);
    const places = scrolled.map((part) => [pathTo(part, element), part.scrollTop, part.scrollLeft]);
    const opened = [...element.querySelectorAll("details")].map(({ open }) => open);
    const { activeElement } = document;
    const focused = element.contains(activeElement) && activeElement !== element && (activeElement.dataset.id || activeElement.id);
    return () => {
        element.querySelectorAll("details").forEach((part, at) => (part.open = opened[at] ?? part.open));
        if (focused) element.querySelector(`[data-id="${CSS.escape(focused)}"], #${CSS.escape(focused)}`)?.focus({ preventScroll: true });
        for (const [path, top, left] of places) partAt(path, element)?.scrollTo({ top, left, behavior: "instant" });
    };
}

function pathTo(part, top) {
    return part === top ? [] : [...pathTo(part.parentElement, top), [...part.parentElement.children].indexOf(part)];
}

function partAt(path, top) {
    return path.reduce((part, place) => part?.children[place], top);
}
