// Certificates: the chain as a drawing, from the server's own up to the root, with what each check of it came to.

import { fill, h, icon, sayWith } from "./dom.js";
import { go } from "./state.js";
import { count, say } from "./words.js";

class TabCertificates extends HTMLElement {
    async show({ ask, base }) {
        const found = await ask(`${base}/certificates`);
        if (found.why) {
            const reason = say(`why_not.${found.why_not}`);
            const hidden = found.why === "hidden";
            fill(this, h("p", { class: `sentence is-${hidden ? "sealed" : "before"}` }, hidden ? icon("lock") : null, say(`page.certificates.${found.why}`, { reason })));
            return;
        }
        fill(
            this,
            h("p", { class: "sentence" }, say("page.certificates.rule")),
            found.chain.length || !found.problem ? null : h("p", { class: "is-problem" }, icon("problem"), problem(found.problem)),
            h("ol", { class: "chain" }, found.chain.map((one, at) => link(one, at === found.chain.length - 1 && !found.missing)), missing(found.missing)),
            h(
                "p",
                { class: "note" },
                say("page.certificates.judged", { moment: found.moment }),
                " ",
                found.step && h("button", { type: "button", class: "to-step", onclick: () => go({ step: found.step }) }, say("page.certificates.fields")),
            ),
        );
    }
}

// One certificate, and the line that leads to the one whose key signed it.
function link(one, last) {
    return h(
        "li",
        { class: "link" },
        h(
            "article",
            { class: `certificate${one.sent ? "" : " is-unsent"}`, "aria-label": `${say(`page.certificates.place.${one.place}`)}, ${one.subject}` },
            h("header", {}, h("span", { class: "note" }, say(`page.certificates.place.${one.place}`)), h("h3", {}, one.subject), one.sent ? null : h("span", { class: "note" }, say("page.certificates.unsent"))),
            h("dl", {}, facts(one).map(([label, text]) => [h("dt", {}, label), h("dd", {}, text)])),
            h("ul", { class: "checks" }, one.checks.map(check)),
            one.signature && hashes(one.signature),
        ),
        last ? null : h("p", { class: "signed-by" }, say("page.certificates.signed_by")),
    );
}

function facts(one) {
    const label = (name) => say(`page.certificates.label.${name}`);
    const days = one.days_left >= 0 ? ` (${count("page.certificates.days", one.days_left)})` : "";
    return [
        [label("issuer"), one.issuer],
        one.names.length ? [label("names"), one.names.join(", ")] : null,
        [label("key"), one.key],
        [label("dates"), [date(one.not_before), " – ", date(one.not_after), days]],
        [label("serial"), h("code", {}, one.serial)],
        ["SHA-256", halves(one.sha256)],
    ].filter(Boolean);
}

// Broken in the middle, where it is broken.
function halves(digest) {
    const middle = digest.length / 2;
    return h("code", {}, [digest.slice(0, middle), digest.slice(middle)].map((half) => h("span", { class: "half" }, half)));
}

// In one piece, whatever the line.
function date(text) {
    return h("span", { class: "date" }, text);
}

function check({ kind, ok, problem: code, values, source }) {
    if (ok === false) return h("li", { class: "is-problem" }, mark("✗"), problem({ problem: code, values }));
    if (ok === null) return h("li", { class: "is-open-question" }, mark("?"), say(`page.certificates.open.${kind}`, values));
    if (kind === "dates") return h("li", {}, mark("✓"), sayWith(date, "page.certificates.holds.dates", values));
    const from = source ? say(source.words, { source: source.given }) : "";
    return h("li", {}, mark("✓"), say(`page.certificates.holds.${kind}`, { ...values, source: from }));
}

function mark(sign) {
    return h("span", { class: "mark" }, `${sign} `);
}

function problem({ problem: code, values }) {
    return say(`problem.${code}`, values);
}

// The hash that was computed beside the one that was signed, where the signature lets it be seen.
function hashes({ scheme, hash, computed, signed, shows_hash: shows, issuer }) {
    const row = (key, text) => [h("dt", {}, say(key, { hash })), h("dd", {}, text)];
    const remark = shows
        ? signed
            ? [say("page.certificates.recovered", { issuer }), " ", say(computed === signed ? "page.certificates.equal" : "page.certificates.different")]
            : null
        : say(computed ? "page.certificates.into_check" : "page.certificates.whole", { scheme });
    return h(
        "section",
        { class: `hashes${shows && computed !== signed ? " is-problem" : ""}` },
        h("h4", {}, say("page.certificates.hashes", { scheme, issuer })),
        h(
            "dl",
            {},
            computed ? row("page.certificates.computed", h("code", {}, computed)) : null,
            shows ? row("page.certificates.signed", signed ? h("code", {}, signed) : say("page.certificates.no_hash")) : null,
        ),
        h("p", { class: "note" }, remark),
    );
}

function missing(issuer) {
    return issuer ? h("li", { class: "link" }, h("p", { class: "certificate is-unsent" }, say("page.certificates.missing", { issuer }))) : null;
}

customElements.define("tab-certificates", TabCertificates);
