// Files: each body that crossed, whole or with its holes, with a look at its beginning that runs nothing of it.

import { bytesOf, direction, exactBytes } from "./format.js";
import { digestText } from "./digest.js";
import { fill, h, icon } from "./dom.js";
import { hexDump } from "./hex-dump.js";
import { sealedNotice } from "./sealed-notice.js";
import { isReport } from "./source.js";
import { count, say } from "./words.js";

const LARGEST_PICTURE = 8 * 1024 * 1024;

class TabFiles extends HTMLElement {
    async show({ ask, base, row }) {
        const found = await ask(`${base}/files`);
        const who = row?.protocol === "tls" ? "opened" : "open";
        const left = found.total - found.files.length;
        fill(
            this,
            sealedNotice(found),
            found.files.map((file) => card(file, who, base)),
            left ? h("p", { class: "note" }, count("page.files.left", left)) : null,
            found.files.length && isReport() ? h("p", { class: "note" }, say("page.files.report")) : null,
            found.total || found.sealed.length ? null : h("p", { class: "note" }, say("page.files.none")),
        );
    }
}

function card(file, who, base) {
    const { name, type, range, status, stream, complete, from } = file;
    const digest = digestText(file);
    const facts = [direction(from), type ?? say("page.files.untyped"), exactBytes(file.length), range, status && `HTTP ${status}`, stream && `HTTP/2 stream ${stream}`];
    return h(
        "article",
        { class: `file is-${who}`, "aria-label": name },
        h("h3", {}, icon(who === "open" ? "eye" : "key"), name, complete ? h("span", { class: "note" }, icon("check"), say("page.verdict.whole")) : null),
        h("p", {}, facts.filter(Boolean).join(" · ")),
        digest ? h("p", { class: file.sha256 ? "digest" : "note" }, digest) : null,
        complete ? null : holes(file),
        h("details", {}, h("summary", {}, say("page.files.preview")), preview(file, base)),
        complete && !isReport()
            ? h("a", { class: "save", href: saved(file, base), download: name }, say("page.files.save", { name }))
            : null,
    );
}

function saved({ id }, base) {
    return `save/${base.replace(/^conversations\//, "")}/${id}`;
}

// A strip of the whole extent: what came, and what is missing; the first holes are told in words.
function holes({ missing, holes: total, extent }) {
    const strip = h("div", { class: "hole-strip", role: "img", "aria-label": count("page.files.holes", total) });
    for (const [start, end] of missing) {
        const hole = h("span", {});
        hole.style.left = `${(start / extent) * 100}%`;
        hole.style.width = `${((end - start) / extent) * 100}%`;
        strip.append(hole);
    }
    const told = missing.slice(0, 8).map(([start, end]) => say("page.files.hole", { start: start.toLocaleString("en-US"), end: end.toLocaleString("en-US"), bytes: exactBytes(end - start) }));
    const more = total > told.length ? [count("page.files.more_holes", total - told.length)] : [];
    return [
        h("p", { class: "is-problem" }, icon("problem"), say("page.verdict.partial"), " · ", total ? count("page.files.holes", total) : say("page.files.no_end")),
        total ? strip : null,
        h("ul", { class: "note" }, [...told, ...more].map((text) => h("li", {}, text))),
    ];
}

function preview(file, base) {
    const { picture, whole, text, hex, charset } = file.preview;
    if (picture && (whole || (file.complete && !isReport() && file.length <= LARGEST_PICTURE))) {
        return pictureOf(file, whole ? null : saved(file, base));
    }
    if (text === null && !hex) return h("p", { class: "note" }, say("page.files.nothing_kept"));
    const form = text === null ? say("page.files.as_hex") : say("page.files.as_text", { charset });
    const part = whole && (text !== null || hex.length / 2 === file.length) ? "" : ` ${say("page.files.beginning")}`;
    return [h("p", { class: "note" }, form + part), h("pre", { class: `preview${text === null ? " is-hex" : ""}`, lang: "" }, text ?? hexDump(bytesOf(hex)))];
}

// Given to the browser by the type that its bytes have, never by the one that the peer says; no such type runs anything.
function pictureOf({ name, preview: { picture, hex } }, address) {
    const image = h("img", { class: "preview", alt: name });
    const draw = (data) => {
        image.src = URL.createObjectURL(new Blob([data], { type: picture }));
        image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    };
    if (address) fetch(address).then((response) => response.arrayBuffer()).then(draw);
    else draw(bytesOf(hex));
    return [h("p", { class: "note" }, picture), image];
}

customElements.define("tab-files", TabFiles);
