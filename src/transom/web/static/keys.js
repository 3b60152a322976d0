// Every key of the page, in one table: the list that `?` shows is made from it.

export const KEYS = [
    { keys: ["k"], does: "page.key.switch", action: "switchView" },
    { keys: ["j", "n"], does: "page.key.next", action: "nextStep" },
    { keys: ["J", "N"], does: "page.key.previous", action: "previousStep" },
    { keys: ["/"], does: "page.key.filter", action: "filter" },
    { keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"], shown: "1–9, 0", does: "page.key.tab", action: "openTab" },
    { keys: ["t"], does: "page.key.scale", action: "toScale" },
    { keys: ["s"], does: "page.key.packets", action: "byPacket" },
    { keys: ["p"], does: "page.key.present", action: "present" },
    { keys: ["ArrowRight", "ArrowLeft"], shown: "p ← →", does: "page.key.present_walk", action: "walkPresented" },
    { keys: ["?"], does: "page.key.help", action: "help" },
    { keys: ["Escape"], shown: "Esc", does: "page.key.close", action: "close" },
];

// Keys that a part has while it is in focus.
export const KEYS_WITHIN = [
    { shown: "↑ ↓", does: "page.key.walk" },
    { shown: "← →", does: "page.key.fold" },
];

export function listen(actions) {
    const table = new Map(KEYS.flatMap(({ keys, action }) => keys.map((key) => [key, action])));
    document.addEventListener("keydown", (event) => {
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
        const action = actions[table.get(event.key)];
        if (action && action(event.key) !== false) event.preventDefault();
    });
}

function isTyping({ target, key }) {
    return key !== "Escape" && target instanceof HTMLElement && target.matches("input, textarea, select");
}
