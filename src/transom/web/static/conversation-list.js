// The table of conversations: sorted and filtered where the rows are, drawn as far as it is seen.

import { fill, h, icon } from "./dom.js";
import { aboutBytes, milliseconds } from "./format.js";
import { isOdd } from "./rows.js";
import { go, state } from "./state.js";
import { count, say } from "./words.js";

const COLUMNS = [
    { name: "conversation", cell: (row) => row.conversation },
    { name: "client", cell: (row) => row.client ?? "" },
    { name: "server", cell: (row) => row.server ?? "" },
    { name: "sni", cell: (row) => row.sni ?? "" },
    { name: "version", cell: (row) => row.version ?? row.protocol },
    { name: "client_bytes", cell: (row) => aboutBytes(row.client_bytes) },
    { name: "server_bytes", cell: (row) => aboutBytes(row.server_bytes) },
    { name: "lasted", cell: (row) => milliseconds(row.lasted) },
    { name: "problems", cell: (row) => (isOdd(row) ? h("span", { class: "is-problem" }, icon("problem"), row.problems || "") : "") },
];

class ConversationList extends HTMLElement {
    async show({ source }) {
        this.hidden = state.list !== "open";
        if (this.hidden) return;
        const [sort, down] = state.sort.split("-");
        const query = { text: state.text, ...(sort ? { sort } : {}), ...(down ? { down } : {}) };
        const found = await source.ask(`conversations/${state.view}`, query);
        const typed = this.querySelector("input");
        const focused = typed === document.activeElement;
        const filter = typed ?? this.makeFilter();
        fill(
            this,
            h("label", {}, say("page.filter"), filter, h("span", { role: "status" }, count("page.found", found.matching))),
            table(found.rows, sort, down),
        );
        if (focused || !typed) filter.focus();
    }

    makeFilter() {
        return h("input", { type: "search", value: state.text, oninput: (event) => go({ text: event.target.value }) });
    }
}

function table(rows, sort, down) {
    const heads = COLUMNS.map(({ name }) => {
        const order = name === sort ? (down ? "descending" : "ascending") : "none";
        const onclick = () => go({ sort: name === sort && !down ? `${name}-down` : name });
        return h("th", { scope: "col", "aria-sort": order }, h("button", { type: "button", onclick }, say(`page.column.${name}`)));
    });
    return h("div", { class: "scrolls" }, h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows.map(line))));
}

function line(row) {
    const choose = () => go({ c: String(row.conversation), step: "", list: "" });
    const [first, ...others] = COLUMNS.map(({ cell }) => cell(row));
    return h(
        "tr",
        { "aria-current": String(row.conversation) === state.c ? "true" : null, onclick: choose },
        h("th", { scope: "row" }, h("button", { type: "button", onclick: choose }, `#${first}`)),
        others.map((content) => h("td", {}, content)),
    );
}

customElements.define("conversation-list", ConversationList);
