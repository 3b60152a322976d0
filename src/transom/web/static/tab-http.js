// HTTP: each exchange with its heads, its sizes and where its time went. What stays sealed is told by size alone.

import { curlCommand } from "./curl-command.js";
import { fill, h, icon } from "./dom.js";
import { duration, exactBytes } from "./format.js";
import { sealedNotice } from "./sealed-notice.js";
import { go } from "./state.js";
import { count, say } from "./words.js";

class TabHttp extends HTMLElement {
    async show({ ask, base, row }) {
        const found = await ask(`${base}/http`);
        const who = row?.protocol === "tls" ? "opened" : "open";
        const left = found.total - found.exchanges.length;
        fill(
            this,
            sealedNotice(found),
            found.exchanges.map((exchange) => card(exchange, who)),
            left ? h("p", { class: "note" }, count("page.http.left", left)) : null,
            found.total || found.sealed.length ? null : h("p", { class: "note" }, say("page.http.none")),
        );
    }
}

function card(exchange, who) {
    const { method, target, version, stream, status, reason, step, complete } = exchange;
    const name = method ? `${method} ${target}` : "?";
    const answer = status === null ? say("page.http.unanswered") : `${status} ${reason}`.trim();
    const title = step
        ? h("button", { type: "button", class: "to-step", onclick: () => go({ step }) }, name)
        : name;
    return h(
        "article",
        { class: `exchange is-${who}`, "aria-label": `${name}, ${answer}` },
        h("h3", {}, icon(who === "open" ? "eye" : "key"), title, h("span", { class: "note" }, version === "2" ? `HTTP/2 stream ${stream}` : version ? `HTTP/${version}` : "")),
        h(
            "div",
            {},
            h(
                "p",
                { class: "answer" },
                h("strong", { class: complete ? "" : "is-problem" }, complete ? null : icon("problem"), answer),
                bodyText("page.http.sent", exchange.request_body),
                bodyText("page.http.received", exchange.response_body),
            ),
            waterfall(exchange.phases),
        ),
        h("div", {}, heads("page.http.request_headers", exchange.request_headers), heads("page.http.response_headers", exchange.response_headers), curlCommand(exchange.curl)),
    );
}

function bodyText(key, body) {
    if (!body || (!body.length && body.complete)) return null;
    const expected = body.complete || body.expected === null ? "" : ` ${say("page.http.of", { bytes: exactBytes(body.expected) })}`;
    const whole = body.complete ? "" : `, ${say("page.verdict.partial")}`;
    return h("span", {}, say(key, { bytes: exactBytes(body.length) + expected }) + whole);
}

// One bar a phase, laid out by the time it began; the drawing says nothing that the words beside it do not. What took no
// time that the capture tells has none.
function waterfall(phases) {
    const start = phases[0]?.at;
    const total = Math.max(...phases.map(({ at, lasted }) => at + lasted)) - start;
    if (!(total > 0)) return null;
    const longest = phases.reduce((one, other) => (other.lasted > one.lasted ? other : one));
    const share = Math.round((longest.lasted / total) * 100);
    const bars = phases.map(({ name, at, lasted }) => [
        h("dt", {}, say(`page.http.phase.${name}`)),
        h("dd", { class: name === longest.name ? "is-longest" : "" }, bar((at - start) / total, lasted / total), h("span", {}, duration(lasted))),
    ]);
    return [
        h("p", { class: "sentence" }, say(`page.http.longest.${longest.name}`, { share, time: duration(total) })),
        h("dl", { class: "waterfall" }, bars),
    ];
}

function bar(from, width) {
    const track = h("span", { class: "track", "aria-hidden": "true" });
    const filled = h("span", { class: "filled" });
    // Set by script, which the policy allows; an attribute it would not.
    filled.style.marginLeft = `min(${from * 100}%, 100% - 2px)`; // what took no time is seen at the very end too
    filled.style.width = `${width * 100}%`;
    track.append(filled);
    return track;
}

function heads(key, headers) {
    if (!headers.length) return null;
    return h(
        "details",
        {},
        h("summary", {}, `${say(key)} (${headers.length})`),
        h("dl", { class: "headers" }, headers.map(([name, content]) => [h("dt", {}, name), h("dd", {}, content)])),
    );
}

customElements.define("tab-http", TabHttp);
