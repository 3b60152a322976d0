"""A real browser driven from outside: what the tests of a page need of it, whichever browser it is.

Every wait ends: with what was waited for, or after `PATIENCE` seconds with an error that says what did not come.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from tests.real.conversation import Conversation, Message
from tests.real.programs import run

T = TypeVar("T")

PATIENCE = 60

Scheme = Literal["light", "dark"]
Medium = Literal["screen", "print"]

_AS_JSON = "(async () => JSON.stringify(await ({expression})))()"

_POLLED = """new Promise((done, fail) => {{
    const until = performance.now() + {milliseconds};
    const look = async () => {{
        const found = await ({condition});
        if (found) done(found);
        else if (performance.now() < until) setTimeout(look, 10);
        else fail(new Error("never came true: " + {told}));
    }};
    look().catch(fail);
}})"""

_PLACE = """(element => {{
    element?.scrollIntoView({{block: "center", inline: "center", behavior: "instant"}});
    const box = element?.getClientRects()[0];
    return box && [box.x + box.width / 2, box.y + box.height / 2];
}})({selector}.split(">>>").reduce((from, step) => from && (from.shadowRoot ?? from).querySelector(step), document))"""


class Refused(Exception):
    """The browser does not show the page, or does not keep the file, for the reason that it names."""


class ScriptError(Exception):
    """What a script of the test's own threw in the page."""


@dataclass
class Seen:
    """What a page did: the URLs it asked for, those that failed with the reason, and its console's levels and texts."""

    requests: list[str] = field(default_factory=list[str])
    failed: list[str] = field(default_factory=list[str])
    console: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def complaints(self) -> list[str]:
        """The errors and warnings of the console."""
        return [f"{level}: {text}" for level, text in self.console if level in ("error", "warning")]


@dataclass(frozen=True)
class Download:
    """One that has ended: where the file is, or `problem`."""

    path: Path
    problem: str = ""


class Page(ABC):
    """A tab in front, with a storage of its own. A browser is made for one at a time."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._seen = Seen()
        self._downloads: list[Download] = []

    @abstractmethod
    def open(self, url: str) -> None:
        """Go to `url` and wait until it is loaded, or is found to be a download. Raises Refused."""

    @abstractmethod
    def press(self, key: str) -> None:
        """Press a key and let it go: a character, or a name of `KEYS`."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Give the page so many CSS pixels."""

    @abstractmethod
    def prefer(self, scheme: Scheme) -> None:
        """What the reader's system prefers."""

    @abstractmethod
    def lay_out_for(self, medium: Medium) -> None:
        """Show the page as it is laid out for that medium."""

    @abstractmethod
    def screenshot(self) -> bytes:
        """What is seen, as PNG."""

    @abstractmethod
    def tls_version(self) -> str:
        """Which one the page's connection has, in the browser's own account: `TLS 1.3`."""

    @abstractmethod
    def hear(self, event: Message) -> None:
        """Take note of an event, if it is about this page."""

    @abstractmethod
    def _run(self, expression: str) -> str | None:
        """What an expression's promise brings. Raises ScriptError."""

    @abstractmethod
    def _drag_mouse(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """Press it at one place and let it go at another."""

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression as JSON has it, a promise's when it is one. Raises ScriptError."""
        return json.loads(self._run(_AS_JSON.format(expression=expression)) or "null")

    def wait_for(self, condition: str) -> Any:
        """The value of a JavaScript expression once it is true; it is looked at from within the page."""
        polled = _POLLED.format(condition=condition, told=json.dumps(condition), milliseconds=PATIENCE * 500)
        return self.evaluate(polled)

    def click(self, selector: str) -> None:
        """Click on the element, with a mouse, once it is there and has a place; `>>>` goes into a shadow root."""
        x, y = self._place(selector)
        self._drag_mouse(x, y, x, y)

    def drag(self, selector: str, by_x: float, by_y: float = 0) -> None:
        """Press the mouse in the middle of the element, once it is there, and let it go so many pixels further."""
        x, y = self._place(selector)
        self._drag_mouse(x, y, x + by_x, y + by_y)

    def _place(self, selector: str) -> tuple[float, float]:
        x, y = self.wait_for(_PLACE.format(selector=json.dumps(selector)))
        return x, y

    def download(self, begin: Callable[[], object]) -> Path:
        """The file of the download that `begin` starts, once it is whole. Raises Refused when it fails."""
        count = len(self._downloads)
        begin()
        (ended,) = self._conversation.wait(lambda: self._downloads[count:] or None, "the download has ended")
        if ended.problem:
            raise Refused(ended.problem)
        return ended.path

    def seen(self) -> Seen:
        """All that happened until now: it was told before a question of now is answered."""
        self.evaluate("0")
        return self._seen

    def wait_until_seen(self, look: Callable[[Seen], T | None], what: str) -> T:
        """What `look` returns, once something happened that makes it other than None; `what` is for the error."""
        return self._conversation.wait(lambda: look(self._seen), what)


class Browser(ABC):
    """A running browser, whose profile nobody needs afterwards."""

    @abstractmethod
    def page(self) -> AbstractContextManager[Page]:
        """A new page, until the block ends."""


Launch = Callable[[Path, Sequence[Path], str], AbstractContextManager[Browser]]
"""Starts a browser with its files in a folder, which trusts these CAs (PEM) and speaks TLS up to `1.2` or `1.3`."""


@dataclass(frozen=True)
class Key:
    """The number it has on Windows, which DevTools wants, WebDriver's character for it, and what it writes."""

    code: int
    webdriver: str
    text: str = ""


KEYS = {
    "Backspace": Key(8, "\ue003"),
    "Tab": Key(9, "\ue004"),
    "Enter": Key(13, "\ue007", "\r"),
    "Escape": Key(27, "\ue00c"),
    "PageUp": Key(33, "\ue00e"),
    "PageDown": Key(34, "\ue00f"),
    "End": Key(35, "\ue010"),
    "Home": Key(36, "\ue011"),
    "ArrowLeft": Key(37, "\ue012"),
    "ArrowUp": Key(38, "\ue013"),
    "ArrowRight": Key(39, "\ue014"),
    "ArrowDown": Key(40, "\ue015"),
    "Delete": Key(46, "\ue017"),
}


def key_of(name: str) -> Key:
    """A row of `KEYS`, or the key that writes this character."""
    return KEYS.get(name) or Key(ord(name.upper()), name, name)


def new_store(folder: Path, trusted: Iterable[Path]) -> None:
    """An NSS certificate store that trusts the CAs of these PEM files for servers."""
    folder.mkdir(parents=True)
    _certutil(folder, "-N", "--empty-password")
    for number, ca in enumerate(trusted):
        _certutil(folder, "-A", "-n", f"trusted {number}", "-t", "C,,", "-i", str(ca))


def _certutil(folder: Path, *arguments: str) -> None:
    ran = run("certutil", "-d", f"sql:{folder}", *arguments)
    assert ran.exit_code == 0, ran.stderr
