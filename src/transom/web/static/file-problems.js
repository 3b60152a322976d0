// What is odd about the file itself, whichever of its conversations is looked at.

import { english, fill, h, icon } from "./dom.js";
import { count, say, told } from "./words.js";

class FileProblems extends HTMLElement {
    show({ about }) {
        const { problems = [], problems_left_out: leftOut = 0 } = about;
        this.hidden = problems.length === 0;
        if (this.hidden) return fill(this);
        this.setAttribute("aria-label", say("page.file_problems"));
        const [first, ...others] = problems.map(problem);
        const more = others.length + leftOut;
        const unsaid = leftOut ? h("p", {}, count("page.file_problems_left_out", leftOut)) : null;
        const rest = more ? h("details", {}, h("summary", {}, count("page.file_problems_more", more)), others, unsaid) : null;
        return fill(this, first, rest);
    }
}

function problem({ code, told: text }) {
    return h("p", { class: "is-problem" }, icon("problem"), say("page.file_problems"), ": ", english(code), ", ", told(text));
}

customElements.define("file-problems", FileProblems);
