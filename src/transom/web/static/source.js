// Where the document is: behind the live page, or inside this file. Both answer the same addresses.

import { PackedTable } from "./rows.js";
import { say } from "./words.js";

export async function openSource() {
    const inside = document.getElementById("document");
    const ask = inside ? answersOf(await unpacked(inside.textContent)) : askServer;
    const { remember, forget } = memory(ask);
    const progress = (conversation) => askServer("state", conversation === "" ? {} : { c: conversation });
    return { about: await ask("about"), ask: remember, forget, progress };
}

// Whether this is a file to mail around, which has less in it than could be asked of a live page.
export function isReport() {
    return document.getElementById("document") !== null;
}

async function askServer(address, parameters = {}) {
    const query = new URLSearchParams(parameters);
    const response = await fetch(`api/${address}?${query}`);
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
}

function answersOf(document) {
    const tables = new Map(Object.entries(document.tables).map(([view, columns]) => [view, new PackedTable(columns)]));
    return async (address, parameters = {}) => {
        if (address === "about") return document.about;
        const [, view, more] = address.split("/");
        if (more === undefined) return tables.get(view).select(parameters);
        const answer = document.answers[address];
        if (!answer) throw new Error(say("page.not_in_file"));
        return answer;
    };
}

async function unpacked(text) {
    const packed = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).json();
}

const MOST_REMEMBERED = 200;

function memory(ask) {
    const known = new Map();
    const remember = (address, parameters = {}) => {
        const name = `${address}?${new URLSearchParams(parameters)}`;
        if (!known.has(name)) {
            if (known.size >= MOST_REMEMBERED) known.delete(known.keys().next().value);
            const answer = ask(address, parameters);
            answer.catch(() => known.delete(name));
            known.set(name, answer);
        }
        return known.get(name);
    };
    return { remember, forget: () => known.clear() };
}
