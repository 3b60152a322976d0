// A request as a line to type: to be read before it is copied, since part of it is what somebody else once wrote.

import { h, sayNaming } from "./dom.js";
import { say } from "./words.js";

const FILE = "request-body";

export function curlCommand(curl) {
    if (!curl) return null;
    const line = h("pre", { lang: "en", tabindex: "0", "aria-label": say("page.http.curl") }, curl.line);
    const told = h("span", { class: "note", role: "status" });
    const copy = async () => {
        told.textContent = "";
        told.textContent = say((await isCopied(line)) ? "page.http.curl_copied" : "page.http.curl_marked");
    };
    return h(
        "details",
        { class: "curl" },
        h("summary", {}, say("page.http.curl")),
        line,
        h("p", { class: "for-screen" }, h("button", { type: "button", class: "to-step", onclick: copy }, say("page.http.curl_copy")), " ", told),
        curl.is_masked ? h("p", { class: "note" }, say("page.http.curl_masked")) : null,
        curl.needs_file ? h("p", { class: "note" }, sayNaming("page.http.curl_file", { file: FILE })) : null,
    );
}

// Where a browser lets no page copy, the line is marked, and one key is left to press.
async function isCopied(line) {
    try {
        await navigator.clipboard.writeText(line.textContent);
        return true;
    } catch {
        getSelection().selectAllChildren(line);
        return false;
    }
}
