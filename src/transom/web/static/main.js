// The page begins: the document is opened, and everything else is drawn from it.

import { h, visible } from "./dom.js";
import { holdLoad } from "./loading.js";
import { openSource } from "./source.js";
import { beginAt, state } from "./state.js";
import { learnWords, speak } from "./words.js";
import "./transom-page.js";

async function begin() {
    const letLoad = holdLoad();
    try {
        const source = await openSource();
        beginAt(source.about.begins);
        learnWords(source.about.words);
        speak(state.lang || source.about.language);
        document.title = visible(`${source.about.name} – Transom`);
        const page = h("transom-page");
        document.body.append(page);
        await page.open(source);
    } catch (error) {
        document.body.append(h("p", { class: "fault", role: "alert" }, String(error.message ?? error)));
        throw error;
    } finally {
        letLoad();
    }
}

begin();
