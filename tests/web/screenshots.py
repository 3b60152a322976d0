"""Screenshots of the page, to be looked at: `python -m tests.web.screenshots FOLDER [CAPTURE]`.

Desktop and phone, English and Korean, light and dark, with the keys and without them; of `transom demo`'s own trace
unless a capture is given.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import get_args

from tests.dissect.told import ZEEK
from tests.real.browser import Page, Scheme
from tests.real.chromium import chromium
from tests.web.many import capture as many
from tests.web.model.test_reader import page_of
from tests.web.pages import demo_trace, opened, served, serving
from tests.web.shown import ready
from tests.web.streams import streams
from tests.web.talk import talk
from transom.capture.growth import Growth
from transom.capture.write import TraceWriter
from transom.cli.words import LANGS
from transom.tls.keys.keylog import KeyLog
from transom.web.model.opened import Kind
from transom.web.report import report

SIZES = {"desktop": (1280, 800), "phone": (360, 740)}

SCENES = {
    "first": "#",
    "server-hello": "#step=s0",
    "finished": "#step=c194&tab=leaks",
    "without-keys": "#view=without-keys&step=c194",
    "http": "#c=0&step=a0",
    "tls13": "#c=3&step=s133",
    "before": "#c=1&step=before",
    "before-without-keys": "#c=3&view=without-keys&step=absent-5",
    "static-rsa": "#c=2&step=absent-4",
    "upload": "#c=4",
    "sealed-records": "#c=3&view=without-keys&step=s133",
    "taken-apart": "#c=1&step=s0",
    "present": "#c=1&step=s0",
    "help": "#c=1",
    "to-scale": "#c=1&scale=on",
    "to-scale-later": "#c=1&scale=on",
    "packets": "#c=1&packets=on",
    "packets-later": "#c=1&packets=on",
    "table": "#list=open",
    "table-beside": "#c=1&list=open",
    "tab-follow": "#c=3&tab=follow",
    "tab-follow-sealed": "#c=3&tab=follow&view=without-keys",
    "tab-follow-hex": "#c=3&tab=follow&view=without-keys&as=hex",
    "tab-follow-further": "#c=1&tab=follow&from=1.16384&beside=none",
    "tab-follow-beside": "#c=0&beside=3&tab=follow",
    "tab-compare": "#c=0&beside=3&tab=compare",
    "tab-compare-versions": "#c=1&beside=3&tab=compare",
    "tab-http": "#c=1&tab=http",
    "tab-http-sealed": "#c=3&tab=http&view=without-keys",
    "tab-files": "#c=0&tab=files",
    "tab-packets": "#c=1&tab=packets",
    "tab-time": "#c=1&tab=time",
    "tab-certificates": "#c=1&tab=certificates",
    "tab-certificates-hidden": "#c=3&tab=certificates&view=without-keys",
    "tab-keys": "#c=2&tab=keys",
    "tab-keys-tls13": "#c=3&tab=keys",
    "tab-leaks": "#c=1&tab=leaks&view=without-keys",
    "tab-leaks-open": "#c=0&tab=leaks&view=without-keys",
    "tab-corrections": "#c=1&tab=corrections",
}

STREAMS = {
    "http2-http": "#c=0&tab=http",
    "http2-files": "#c=0&tab=files",
    "http2-follow": "#c=0&tab=follow",
    "http2-step": "#c=0&step=s2175&tab=time",
    "http2-sealed": "#c=0&tab=http&view=without-keys",
}
"""Of HTTP/2."""

LONG = {"folded": "#c=0&step=q20", "folded-first": "#", "folded-packet": "#c=0&tab=packets&packet=200"}
"""Of a story of more than 200 arrows."""

MANY = {"many": "#", "many-filtered": "#text=host-0001", "many-cut-off": "#c=100"}
"""Of many conversations, some of them cut off."""

FAILED = {"failed": "#", "failed-alert": "#c=0&step=s0"}
"""Of a handshake with an alert, and a chain that fails."""

_LAST_ROW = "[...document.querySelectorAll('button.row')].at(-1).scrollIntoView()"

DONE: Mapping[str, Callable[[Page], object]] = {
    "taken-apart": lambda page: page.evaluate(
        "[...document.querySelectorAll('field-tree li')].find(row => row.textContent.startsWith('Cipher Suite'))"
        "?.scrollIntoView({block: 'center'})"
    ),
    "present": lambda page: page.press("p"),
    "help": lambda page: page.press("?"),
    "to-scale-later": lambda page: page.evaluate(_LAST_ROW),
    "packets-later": lambda page: page.evaluate(_LAST_ROW),
}
"""What is done to the page in a scene that no address leads to."""


def take(folder: Path, capture: Path, scenes: Mapping[str, str] = SCENES) -> Iterator[Path]:
    """Write each picture of a capture's live page."""
    with served(capture) as address:
        yield from take_at(folder, address, scenes)


def take_at(folder: Path, address: str, scenes: Mapping[str, str]) -> Iterator[Path]:
    """Write each picture of the page that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    schemes: tuple[Scheme, ...] = get_args(Scheme)
    with (
        tempfile.TemporaryDirectory(prefix="transom-chromium-") as home,
        chromium(Path(home)) as browser,
        browser.page() as page,
    ):
        for (size, (width, height)), lang, scheme in product(SIZES.items(), LANGS, schemes):
            page.resize(width, height)
            page.prefer(scheme)
            for scene, state in scenes.items():
                _show(page, address, f"{state}&lang={lang}")
                if scene in DONE:
                    DONE[scene](page)
                file = folder / f"{size}-{lang}-{scheme}-{scene}.png"
                file.write_bytes(page.screenshot())
                yield file


def _show(page: Page, address: str, state: str) -> None:
    page.open("about:blank")
    page.open(address + state)
    ready(page)
    # What a tab asks for after it is there: the packet that the address names.
    page.evaluate("(async () => { await document.querySelector('tab-strip').ready; })()")


def take_reports(folder: Path, capture: Path, made: Path) -> Iterator[Path]:
    """Write each picture of the three reports, of whose first lines each says which it is."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    for kind in kinds:
        file = made / f"{kind}.html"
        file.write_text(report(opened(capture, kind)), "utf-8")
        yield from take_at(folder, file.as_uri(), {f"report-{kind}": "#c=3"})


@contextmanager
def under_way(demo: Path, path: Path) -> Generator[str]:
    """The live page of what `demo` does while its second download is under way."""
    path.write_bytes(demo.read_bytes()[: demo.stat().st_size * 3 // 8])
    keys = KeyLog()
    growth = Growth(keys.receive)
    with serving(page_of(path, growth, keys)) as address:
        yield address
    growth.over = True


def _empty(path: Path) -> Path:
    with TraceWriter(path, "tests"):
        return path


if __name__ == "__main__":
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="transom-demo-") as made:
        source = Path(sys.argv[2]) if len(sys.argv) > 2 else demo_trace(Path(made))
        for picture in take(target, source):
            print(picture)
        for picture in take(target, streams(Path(made) / "visit.pcapng"), STREAMS):
            print(picture)
        for picture in take(target, talk(Path(made) / "long.pcapng", 150), LONG):
            print(picture)
        for picture in take(target, many(Path(made) / "many.pcapng", 500), MANY):
            print(picture)
        for picture in take(target, ZEEK / "tls-early-alert.pcap", FAILED):
            print(picture)
        for picture in take(target, _empty(Path(made) / "empty.pcapng"), {"empty": "#"}):
            print(picture)
        for picture in take_reports(target, source, Path(made)):
            print(picture)
        if len(sys.argv) == 2:
            with under_way(source, Path(made) / "under-way.pcapng") as live:
                for picture in take_at(target, live, {"under-way": "#c=1"}):
                    print(picture)
