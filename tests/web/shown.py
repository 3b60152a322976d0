"""The page in a browser, held to what every state of it owes: no complaint, and no question to anybody else."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.real.browser import Browser, Page


@contextmanager
def shown(browser: Browser, url: str, state: str = "", width: int = 1280, height: int = 800) -> Generator[Page]:
    """The page in that state. Afterwards: it complained of nothing, and asked its own origin alone."""
    with browser.page() as page:
        page.resize(width, height)
        page.open(url + state)
        ready(page)
        yield page
        seen = page.seen()
        assert seen.complaints == []
        assert seen.failed == []
        asked = {urlsplit(one)[:2] for one in seen.requests if not one.startswith(("data:", "blob:"))}
        assert asked == {urlsplit(url)[:2]}


READY = """(() => {
    const table = document.querySelector("conversation-list.is-all:not([hidden])");
    if (table) return table.querySelector("tbody tr");
    if (document.querySelector("story-view .none")) return true;
    const open = document.querySelector("[role=tab][aria-selected=true]");
    return open ? document.querySelector("[role=tabpanel] > * > *") : document.querySelector("[role=tab]");
})()"""
"""There is something to look at: the table if it stands alone, that there is nothing, or what is in the open tab."""


RAW = r"""(() => {
    const unseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    const found = [document.title];
    while (walker.nextNode()) {
        const text = walker.currentNode;
        if (!text.parentElement.closest("script")) found.push(text.data);
    }
    for (const one of document.querySelectorAll("*")) found.push(...[...one.attributes].map(({ value }) => value));
    return found.filter((text) => unseen.test(text));
})()"""
"""The texts of the page in which something is that nobody sees."""


def ready(page: Page) -> None:
    """Wait until all that is asked for is drawn."""
    drawn(page)
    page.wait_for(READY)


def drawn(page: Page, *parts: str) -> None:
    """Wait until what is drawn is what these say: `1`, `without-keys`, a step's id, `ko`."""
    page.wait_for(f"(document.querySelector('transom-page')?.dataset.drawn ?? '').includes({' '.join(parts)!r})")
