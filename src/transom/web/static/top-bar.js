// The bar: what is open, the switch, the language, the theme, help.

import { fill, h, icon } from "./dom.js";
import { isPresenting, present } from "./presenting.js";
import { go, state } from "./state.js";
import { say, sayIn } from "./words.js";

const THEMES = ["", "light", "dark"];

class TopBar extends HTMLElement {
    show({ about, languages, language }) {
        const other = languages.find((name) => name !== language);
        fill(
            this,
            h(
                "header",
                {},
                h("p", { class: `kind kind-${about.kind}` }, say(`page.kind.${about.kind}`)),
                h("h1", { lang: "en" }, h("span", { class: "brand" }, "transom"), h("span", { class: "name" }, about.name)),
                this.viewSwitch(about),
                h(
                    "nav",
                    { "aria-label": say("page.settings") },
                    button("language", sayIn(other, "page.language"), () => go({ lang: other }), { lang: other }),
                    button("theme", "◐", () => go({ theme: next(THEMES, state.theme) }), {
                        "aria-label": say(`page.theme.${state.theme || "auto"}`),
                        title: say(`page.theme.${state.theme || "auto"}`),
                    }),
                    button("present", icon("screen"), () => present(!isPresenting()), {
                        "aria-label": say("page.key.present"),
                        title: say("page.key.present"),
                    }),
                    button("help", "?", () => document.querySelector("help-dialog").open(), {
                        "aria-label": say("page.help"),
                        title: say("page.help"),
                    }),
                ),
            ),
        );
    }

    viewSwitch(about) {
        const views = about.views.map((view) =>
            h(
                "button",
                {
                    type: "button",
                    role: "radio",
                    class: `view-${view}`,
                    "aria-checked": String(view === state.view),
                    onclick: () => go({ view }),
                },
                icon(view === "with-keys" ? "key" : "eye"),
                say(`page.view.${view}`),
            ),
        );
        const hint = views.length > 1 ? h("kbd", { "aria-hidden": "true" }, "k") : null;
        return h("div", { class: "switch", role: "radiogroup", "aria-label": say("page.looking") }, views, hint);
    }
}

function button(name, text, onclick, more = {}) {
    return h("button", { type: "button", class: `set-${name}`, onclick, ...more }, text);
}

function next(list, current) {
    return list[(list.indexOf(current) + 1) % list.length];
}

customElements.define("top-bar", TopBar);
