// The whole page: asks for what the state names, and hands each part what it shows.

import { h } from "./dom.js";
import { follow, isHeld, keeping } from "./growing.js";
import { listen } from "./keys.js";
import { isNarrow, whenTurned } from "./narrow.js";
import { isReport } from "./source.js";
import { isPresenting, present } from "./presenting.js";
import { go, onChange, state } from "./state.js";
import { count, languages, say, speak, language } from "./words.js";
import { TABS } from "./tabs.js";
import "./conversation-list.js";
import "./file-problems.js";
import "./help-dialog.js";
import "./pane-divider.js";
import { turn } from "./story-view.js";
import "./step-view.js";
import "./step-walk.js";
import "./tab-strip.js";
import "./top-bar.js";
import "./verdict-line.js";

class TransomPage extends HTMLElement {
    async open(source) {
        this.source = source;
        this.build();
        onChange((before) => this.changed(before));
        whenTurned(() => this.draw());
        listen({
            switchView: () => this.switchView(),
            nextStep: () => this.story.move(1),
            previousStep: () => this.story.move(-1),
            filter: () => go({ list: "open" }),
            openTab: (key) => openTab(TABS.at(Number(key) - 1)),
            toScale: () => turn("scale"),
            byPacket: () => turn("packets"),
            present: () => present(!isPresenting()),
            walkPresented: (key) => isPresenting() && this.story.move(key === "ArrowRight" ? 1 : -1),
            help: () => this.help.open(),
            close: () => this.close(),
        });
        if (!source.about.views.includes(state.view)) state.view = source.about.views[0];
        if (!state.c && source.about.conversations > MANY) state.list = "open";
        if (!isReport()) addEventListener("focus", () => this.lookAgain());
        await this.draw();
        await this.tabs.ready;
    }

    // Whoever comes back to the page is told whether its file is still the one that was read.
    async lookAgain() {
        if (this.following) return;
        try {
            Object.assign(this.source.about, await this.source.progress(state.c));
        } catch {
            this.source.about.state = "gone";
        }
        this.verdict.show({ about: this.source.about, row: this.row });
    }

    // While there is more to come it is asked for.
    async followOn() {
        if (this.following) return;
        this.following = true;
        try {
            await follow(this.source, () => state.c, () => this.draw({ grown: true }));
        } catch {
            this.source.about.state = "gone";
            this.verdict.show({ about: this.source.about, row: this.row });
        }
        this.following = false;
    }

    build() {
        this.bar = h("top-bar");
        this.verdict = h("verdict-line", { role: "region" });
        this.problems = h("file-problems", { role: "region", hidden: true });
        this.list = h("conversation-list", { role: "region" });
        this.story = h("story-view", { role: "region" });
        this.step = h("step-view", { role: "region" });
        this.walk = h("step-walk", { role: "navigation" });
        this.tabs = h("tab-strip", { role: "region", id: "tabs" });
        this.divider = h("pane-divider");
        this.help = h("help-dialog");
        this.append(this.bar, this.verdict, this.problems, this.list, h("main", {}, this.story, this.step, this.walk, this.divider), this.tabs, this.help);
    }

    // The one that the table would show first: problems before all, then the largest.
    async chooseFirst() {
        const { rows } = await this.source.ask(`conversations/${state.view}`, { limit: 1 });
        if (rows.length) state.c = String(rows[0].conversation);
    }

    changed(before) {
        if (before.lang !== state.lang) speak(state.lang || this.source.about.language);
        this.draw();
    }

    switchView() {
        const { views } = this.source.about;
        go({ view: views[(views.indexOf(state.view) + 1) % views.length] });
    }

    // What lies above all else.
    close() {
        if (this.help.isOpen) this.help.close();
        else if (isPresenting()) present(false);
        else if (state.list) go({ list: "" });
        else if (isNarrow() && state.step) go({ step: "" });
        else go({ tab: "" });
    }

    // Only what was asked for last is drawn, however the answers come in. `grown`: nothing but that there is more now.
    async draw({ grown = false } = {}) {
        const turn = (this.turn = (this.turn ?? 0) + 1);
        document.documentElement.dataset.view = state.view;
        document.documentElement.dataset.theme = state.theme || "auto";
        // The table does not wait for a conversation to be read.
        const listed = this.list.show({ source: this.source });
        const shown = await this.fetch();
        await listed;
        if (turn !== this.turn) return;
        this.nameRegions();
        this.bar.show({ about: this.source.about, languages: languages(), language: language(), say });
        this.row = shown.row;
        this.verdict.show({ about: this.source.about, row: shown.row });
        const { problems, problems_left_out: leftOut } = this.source.about;
        this.put(this.problems, { about: this.source.about }, [problems, leftOut, language()], true);
        const isMore = grown && shown.base === this.base;
        const isSameStep = shown.base === this.base && shown.step?.id === this.stepId;
        const isFirst = !this.base;
        [this.base, this.stepId] = [shown.base, shown.step?.id];
        const asking = { ...shown, ask: this.source.ask, about: this.source.about };
        this.put(this.story, asking, [shown.story, shown.entry?.id, shown.fault, language()], isMore);
        if (!isMore || !isHeld(this.step)) this.put(this.step, asking, [shown.step, language()], isMore, isSameStep);
        this.put(this.walk, asking, [shown.story, shown.entry?.id, language()], isMore);
        this.tabs.hidden = this.source.about.conversations === 0;
        this.tabs.show(asking);
        this.divider.hidden = this.tabs.hidden || !this.tabs.isOpen;
        this.divider.show(this.tabs);
        if (isFirst) {
            this.story.bringForward();
            this.tabs.bringForward();
        }
        if (isMore) await this.tabs.grow();
        if (this.source.about.state !== "whole" || shown.story?.over === false) this.followOn();
        this.dataset.state = this.source.about.state;
        this.dataset.turn = turn;
        this.dataset.drawn = [state.c, state.view, shown.step?.id ?? "", language()].join(" ");
    }

    // What is as it was is left alone.
    put(part, shown, about, isMore, isSame = isMore) {
        const now = JSON.stringify(about);
        if (isMore && now === part.drawnAs) return;
        part.drawnAs = now;
        const restore = isSame ? keeping(part) : null;
        part.show(shown);
        restore?.();
    }

    nameRegions() {
        this.verdict.setAttribute("aria-label", say("page.outcome"));
        this.list.setAttribute("aria-label", count("page.conversations", this.source.about.conversations));
        this.tabs.setAttribute("aria-label", say("page.tabs"));
    }

    async fetch() {
        const { ask, about } = this.source;
        if (state.c === "" && state.list !== "open" && about.conversations) await this.chooseFirst();
        if (state.c === "") return {};
        const base = `conversations/${state.c}/${state.view}`;
        try {
            if (this.isLeftOut(state.c)) return { row: await this.rowOf(state.c), fault: this.leftOut() };
            const [story, row] = await Promise.all([ask(`${base}/story`), this.rowOf(state.c)]);
            const entry = entryOf(story, state.step);
            const step = entry?.local ?? leftOutStep(story, entry, about) ?? (entry ? await ask(`${base}/step/${entry.id}`) : null);
            return { base, row, story, step, entry };
        } catch (error) {
            return { fault: error.message };
        }
    }

    // A report has the table of all, and the parts of some.
    isLeftOut(conversation) {
        const { chosen } = this.source.about;
        return Boolean(chosen) && !chosen.includes(Number(conversation));
    }

    leftOut() {
        const { chosen, conversations, name } = this.source.about;
        return count("page.not_chosen", chosen.length, { total: conversations.toLocaleString("en-US"), name });
    }

    async rowOf(conversation) {
        return (await this.source.ask(`conversations/${state.view}`, { number: conversation, limit: 1 })).rows[0];
    }
}

const MANY = 20; // conversations of which the table comes first

const STEPS = { message: true, data: true, http: true };

// The entry of that id, the first where there is none like it; on a screen with room for one, the first if none was chosen. In the other view several messages may be one record, or one record several messages.
function entryOf(story, id) {
    if (!id) return isNarrow() ? undefined : firstStep(story);
    // What does not cross here has no bytes, and nothing more is to be asked for.
    const local = [story.before, ...story.items].find((item) => item?.id === id && (item.kind === "before" || item.kind === "absent"));
    if (local) return { id, local };
    const [place] = id.split(".");
    return (
        story.items.find((item) => item.id === id && item.kind in STEPS) ??
        story.items.find((item) => item.id === place) ??
        lastBefore(story, place) ??
        firstStep(story)
    );
}

// A report has the details of the first steps alone; of one behind them what its line in the story says.
function leftOutStep({ items }, entry, { steps }) {
    const place = steps ? items.filter(({ kind }) => kind in STEPS).findIndex(({ id }) => id === entry?.id) : -1;
    if (place < 0 || place < steps) return null;
    const { step = null, name = entry.method ? "HTTP request" : "HTTP response", length = entry.head } = entry;
    return { ...entry, step, name, length, isLeftOut: true };
}

function firstStep(story) {
    return story.items.find((item) => item.kind in STEPS);
}

// A record inside a run has no entry of its own where the run is all that can be seen.
function lastBefore(story, place) {
    const [side, offset] = [place[0], Number(place.slice(1))];
    const found = story.items.filter(
        (item) => "offset" in item && item.id[0] === side && item.offset <= offset,
    );
    return found.at(-1);
}

// `0` is the key of the last one.
function openTab(tab) {
    return tab ? go({ tab: state.tab === tab.name ? "" : tab.name }) : false;
}

customElements.define("transom-page", TransomPage);
