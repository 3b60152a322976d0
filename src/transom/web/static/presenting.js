// One step on the whole screen, for a class.

export function isPresenting() {
    return document.documentElement.classList.contains("present");
}

export function present(on) {
    document.documentElement.classList.toggle("present", on);
}
