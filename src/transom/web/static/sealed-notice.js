// What somebody who cannot open a conversation knows of what was said in it: that there was something, and its size.

import { h, icon } from "./dom.js";
import { direction, duration, exactBytes } from "./format.js";
import { count, say } from "./words.js";

// `sealed` are the runs of records that stay shut; null if there are none.
export function sealedNotice({ sealed, why_not: whyNot }) {
    if (!sealed.length) return null;
    // What a download looks like. The rest may be anything; before the client has said something it is the handshake.
    const asked = sealed.findIndex(({ from }) => from === "client");
    const answer = sealed.filter(({ from }, at) => from === "server" && at > asked).sort((one, other) => other.wire_bytes - one.wire_bytes)[0];
    return h(
        "section",
        { class: "sealed-runs is-sealed" },
        h("p", { class: "sentence" }, icon("lock"), say("page.http.sealed", { reason: say(`why_not.${whyNot ?? "nothing-sealed"}`) })),
        h("ul", {}, sealed.map((one) => run(one, one === answer))),
    );
}

function run({ from, at, lasted, records, wire_bytes: wireBytes, about }, isAnswer) {
    const size = about === null ? exactBytes(wireBytes) : say("page.leak.about", { bytes: exactBytes(about) });
    const times = say(lasted ? "page.http.at_over" : "page.http.at", { at: duration(at), time: duration(lasted) });
    return h("li", {}, h("span", {}, direction(from)), " ", h("strong", {}, say(`page.http.shut.${isAnswer ? "answer" : "other"}`, { size })), " ", h("span", { class: "note" }, `${count("page.records", records)}, ${times}`));
}
