// The strip of tabs, and the one that is open.

import { fill, h } from "./dom.js";
import { go, state } from "./state.js";
import { TABS } from "./tabs.js";
import { language, say } from "./words.js";

class TabStrip extends HTMLElement {
    show(shown) {
        const focused = this.contains(document.activeElement) && document.activeElement.id;
        const open = TABS.find(({ name }) => name === (state.tab || TABS[0].name));
        // A step further the tab is the same, and stays as it was scrolled.
        const about = [shown.base, open.name, language()].join(" ");
        if (this.about === about) return;
        this.about = about;
        const strip = h(
            "div",
            { role: "tablist", "aria-label": say("page.tabs"), onkeydown: (event) => this.walk(event) },
            TABS.map((tab, at) =>
                h(
                    "button",
                    {
                        type: "button",
                        role: "tab",
                        id: `tab-${tab.name}`,
                        "aria-selected": String(tab === open),
                        "aria-controls": "tab-panel",
                        tabindex: tab === open ? "0" : "-1",
                        onclick: () => go({ tab: tab.name }),
                    },
                    h("kbd", { "aria-hidden": "true" }, at + 1),
                    say(tab.label),
                ),
            ),
        );
        const content = h(open.element);
        const panel = h("div", { role: "tabpanel", id: "tab-panel", tabindex: "0", "aria-labelledby": `tab-${open.name}` }, content);
        fill(this, strip, h("h2", { class: "for-ears" }, say(open.label)), panel);
        if (focused) document.getElementById(focused)?.focus();
        if (shown.base) content.show({ ...shown, view: state.view });
    }

    walk(event) {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!by) return;
        event.preventDefault();
        const at = TABS.findIndex(({ name }) => name === (state.tab || TABS[0].name));
        go({ tab: TABS[(at + by + TABS.length) % TABS.length].name });
        document.getElementById(`tab-${state.tab}`)?.focus();
    }
}

customElements.define("tab-strip", TabStrip);
