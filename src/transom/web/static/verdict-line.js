// One line that says what became of the conversation, as this view knows it.

import { english, fill, h, icon, sayNaming } from "./dom.js";
import { aboutBytes, duration, protocolName, shortDigest } from "./format.js";
import { isOdd } from "./rows.js";
import { go, state } from "./state.js";
import { heard } from "./story-rows.js";
import { count, say } from "./words.js";

class VerdictLine extends HTMLElement {
    show({ about, row }) {
        const toggle = h(
            "button",
            {
                type: "button",
                class: "list-toggle",
                "aria-expanded": String(state.list === "open"),
                onclick: () => go({ list: state.list === "open" ? "" : "open" }),
            },
            count("page.conversations", about.conversations),
        );
        const parts = row ? verdict(row) : [];
        const name = row ? h("strong", {}, `#${row.conversation} `, english(row.sni ?? row.server ?? "")) : null;
        fill(this, toggle, h("p", { class: "verdict", role: "status" }, name, ...parts), changed(about) ?? progress(about));
    }
}

// What became of the file that this is the page of.
function changed({ changed: how }) {
    return how ? h("p", { class: "progress is-problem" }, icon("problem"), say(`page.changed.${how}`)) : null;
}

// How far the document is, while it is read or while it is still happening.
function progress({ state: how, read, size }) {
    if (how === "whole" || how === undefined) return null;
    const share = size ? Math.min(Math.floor((read / size) * 100), 100) : 0;
    return h("p", { class: `progress is-${how}` }, say(`page.state.${how}`, { share }));
}

function verdict(row) {
    const said = [file(row), row.not_reached ? null : protocolName(row), chain(row), trouble(row)];
    return [...said, duration(row.lasted)].filter(Boolean).map((part) => h("span", { class: "said" }, part));
}

function file(row) {
    if (row.exchange) {
        const { name, bytes, complete } = row.exchange;
        const whole = say(`page.verdict.${complete ? "whole" : row.running ? "running" : "partial"}`);
        return h("span", { class: complete || row.running ? "" : "is-problem" }, english(name ?? "?"), ` ${whole}, ${aboutBytes(bytes ?? 0)}`, digest(row.exchange));
    }
    if (row.decrypted && row.decrypted !== "full" && row.why_not) {
        const reason = say(`why_not.${row.why_not}`);
        const bytes = aboutBytes(row.client_bytes + row.server_bytes);
        return h("span", { class: "is-sealed" }, icon("lock"), say("page.verdict.sealed", { reason, bytes }));
    }
    return null;
}

function digest({ sha256, as_announced: asAnnounced, withheld }) {
    if (sha256) return [", ", h("span", { class: "sha", lang: "en" }, `SHA-256 ${shortDigest(sha256)}`), announced(asAnnounced)];
    return withheld === "masked" ? [", ", h("span", {}, say("page.verdict.digest_masked"))] : null;
}

// Whether it is the digest that its sender said; where none was said there is no mark.
function announced(holds) {
    if (holds === true) return h("span", { class: "announced", title: say("page.verdict.as_announced") }, " ✓", heard(` ${say("page.verdict.as_announced")}`));
    return holds === false ? h("span", { class: "announced is-problem" }, ` ✗ ${say("page.verdict.not_as_announced")}`) : null;
}

function chain(row) {
    if (!row.verdict) return null;
    if (row.verdict === "trusted") return say("page.verdict.trusted");
    return h("span", { class: "is-problem" }, icon("problem"), sayNaming(`problem.${row.verdict}`, row.verdict_parts));
}

function trouble(row) {
    if (!isOdd(row)) return null;
    const said = [
        row.missing_bytes ? [count("page.verdict.missing", row.missing_bytes)] : null,
        row.alert ? [say(`page.alert.${row.alert.from}`), " ", english(row.alert.name)] : null,
        row.not_reached ? [say(`not_reached.${row.not_reached}`)] : null,
        row.problems && !row.not_reached ? [count("page.verdict.problems", row.problems)] : null,
    ].filter(Boolean);
    return h("span", { class: "is-problem" }, icon("problem"), said.map((part, at) => [at ? ", " : "", part]));
}

customElements.define("verdict-line", VerdictLine);
