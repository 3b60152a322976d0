// The strip of tabs, and the one that is open: none is until it is asked for. Where there is little room the strip is a
// list, and what is open stands in it below its name.

import { fill, h, icon } from "./dom.js";
import { isHeld, keeping } from "./growing.js";
import { hasRoomForAll, isNarrow } from "./narrow.js";
import { go, state } from "./state.js";
import { TABS } from "./tabs.js";
import { language, say } from "./words.js";

class TabStrip extends HTMLElement {
    get isOpen() {
        return this.classList.contains("has-one-open");
    }

    show(shown) {
        const focused = this.contains(document.activeElement) && document.activeElement.id;
        const open = TABS.find(({ name }) => name === state.tab) ?? (hasRoomForAll() ? TABS[0] : null);
        // A step further the tab is the same, and stays as it was scrolled.
        const about = [shown.base, open?.name, language(), isNarrow()].join(" ");
        if (this.about === about) {
            if (shown.base && this.content?.isOutdated?.()) this.showTab(this.content, shown);
            return;
        }
        this.about = about;
        this.classList.toggle("has-one-open", Boolean(open));
        const strip = h(
            "div",
            { role: "tablist", "aria-label": say("page.tabs"), onkeydown: (event) => this.walk(event) },
            TABS.map((tab, at) => name(tab, at, open)),
        );
        const content = (this.content = open && h(open.element));
        fill(this, strip, open && [h("h2", { class: "for-ears" }, say(open.label)), panel(open, content)]);
        if (focused) document.getElementById(focused)?.focus();
        this.shown = null;
        if (content && shown.base) this.showTab(content, shown);
    }

    // What the tab asks for is noted, so that it is drawn again when another answer comes to that.
    showTab(content, shown) {
        const asked = new Map();
        const ask = async (address, parameters) => {
            const answer = await shown.ask(address, parameters);
            asked.set(JSON.stringify([address, parameters]), JSON.stringify(answer));
            return answer;
        };
        const show = () => content.show({ ...shown, ask, view: state.view });
        this.shown = { asked, show, ask: shown.ask, panel: content.parentElement };
        this.ready = show();
    }

    // In the list, which is below the story: whoever opens the page at a tab sees that first.
    async bringForward() {
        await this.ready;
        if (isNarrow()) this.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "start", behavior: "instant" });
    }

    // There is more of the conversation now.
    async grow() {
        const { shown } = this;
        if (!shown || isHeld(shown.panel)) return;
        const isOther = async ([question, known]) => JSON.stringify(await shown.ask(...JSON.parse(question))) !== known;
        const others = await Promise.all([...shown.asked].map(isOther));
        if (!others.includes(true) || shown !== this.shown || isHeld(shown.panel)) return;
        const restore = keeping(shown.panel);
        await shown.show();
        restore();
    }

    // To the next name; where one is open, the next one opens in its place.
    walk(event) {
        const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!by) return;
        event.preventDefault();
        const at = TABS.findIndex(({ name }) => `tab-${name}` === event.target.id);
        const { name } = TABS[(at + by + TABS.length) % TABS.length];
        if (state.tab) go({ tab: name });
        for (const one of this.querySelectorAll('[role="tab"]')) one.tabIndex = one.id === `tab-${name}` ? 0 : -1;
        document.getElementById(`tab-${name}`)?.focus();
    }
}

// What leaks is what is left without the keys: there it comes forward.
function isForward(tab) {
    return tab.name === "leaks" && state.view === "without-keys";
}

function name(tab, at, open) {
    const button = h(
        "button",
        {
            type: "button",
            role: "tab",
            class: isForward(tab) ? "is-open is-forward" : null,
            id: `tab-${tab.name}`,
            "aria-selected": String(tab === open),
            "aria-controls": tab === open ? "tab-panel" : null,
            tabindex: tab === (open ?? TABS[0]) ? "0" : "-1",
            onclick: () => go({ tab: tab === open ? "" : tab.name }),
        },
        h("kbd", { "aria-hidden": "true" }, (at + 1) % 10),
        isForward(tab) ? icon("eye") : null,
        say(tab.label),
    );
    button.style.order = 2 * at;
    return button;
}

// In the list it stands below its name; beside the strip the order changes nothing.
function panel(open, content) {
    const panel = h("div", { role: "tabpanel", id: "tab-panel", tabindex: "0", "aria-labelledby": `tab-${open.name}` }, content);
    panel.style.order = 2 * TABS.indexOf(open) + 1;
    return panel;
}

customElements.define("tab-strip", TabStrip);
