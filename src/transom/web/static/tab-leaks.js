// What leaks: the sum of the observer that has no keys, whichever view is shown.

import { digestText } from "./digest.js";
import { fill, h, icon } from "./dom.js";
import { duration, exactBytes } from "./format.js";
import { say } from "./words.js";

const HIDDEN = Symbol("hidden");

const FACTS = [
    ["ends", (found) => (found.client ? `${found.client} → ${found.server}` : null)],
    ["server_name", serverName],
    ["alpn", (found) => (found.offered.length ? found.offered.join(", ") + (found.alpn ? ` → ${found.alpn}` : "") : null)],
    ["certificate", (found) => found.certificate ?? (found.protocol === "tls" ? HIDDEN : null)],
    ["ja4", (found) => found.ja4],
    ["sizes", (found) => `→ ${exactBytes(found.client_bytes)}, ← ${exactBytes(found.server_bytes)}`],
    ["answer", (found) => (found.largest_answer === null ? null : say("page.leak.about", { bytes: exactBytes(found.largest_answer) }))],
    ["lasted", (found) => duration(found.lasted)],
    ["content", (found) => (found.protocol === "tls" ? HIDDEN : null)],
];

function serverName({ protocol, server_name: name, encrypted_client_hello: ech }) {
    if (name === null) return protocol === "tls" ? HIDDEN : null;
    return ech ? say("page.leak.perhaps_public", { name }) : name;
}

class TabLeaks extends HTMLElement {
    async show({ ask, base, view }) {
        const found = await ask(`${base}/leaks`);
        this.classList.toggle("is-aside", view === "with-keys");
        const facts = FACTS.map(([name, look]) => [name, look(found)]).filter(([, text]) => text !== null);
        const exchanges = found.exchanges.map(exchange);
        fill(
            this,
            h("p", { class: "sentence" }, say(found.protocol === "tls" ? "page.leak.tls" : "page.leak.open")),
            h("dl", {}, facts.map(([name, text]) => fact(name, text))),
            exchanges.length ? h("ul", { class: "exchanges" }, exchanges) : null,
        );
    }
}

function fact(name, text) {
    const who = text === HIDDEN ? "sealed" : "open";
    return [
        h("dt", {}, say(`page.leak.${name}`)),
        h("dd", { class: `is-${who}` }, icon(who === "sealed" ? "lock" : "eye"), h("span", {}, text === HIDDEN ? say("page.leak.hidden") : text)),
    ];
}

function exchange(one) {
    const { method, target, status, bytes } = one;
    const size = bytes === null ? "" : exactBytes(bytes);
    const parts = [`${method ?? "?"} ${target ?? "?"}`, String(status ?? "?"), size, digestText(one)].filter(Boolean);
    return h("li", { class: "is-open" }, icon("eye"), parts.map((part) => [h("span", {}, part), " "]));
}

customElements.define("tab-leaks", TabLeaks);
