"""Screenshots of the page, to be looked at: `python -m tests.web.screenshots FOLDER [CAPTURE]`.

Desktop and phone, English and Korean, light and dark, with the keys and without them; of `transom demo`'s own trace
unless a capture is given.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import get_args

from tests.real.browser import Page, Scheme
from tests.real.chromium import chromium
from tests.web.pages import demo_trace, served
from tests.web.shown import ready
from tests.web.streams import streams
from tests.web.talk import talk
from transom.cli.words import LANGS

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
    "to-scale": "#c=1&step=s0&scale=on",
    "packets": "#c=1&step=s0&packets=on",
    "table": "#list=open",
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

LONG = {"folded": "#c=0&step=q20", "folded-first": "#", "folded-packet": "#c=0&step=q20&tab=packets&packet=200"}
"""Of a story of more than 200 arrows."""


def take(folder: Path, capture: Path, scenes: Mapping[str, str] = SCENES) -> Iterator[Path]:
    """Write each picture."""
    folder.mkdir(parents=True, exist_ok=True)
    schemes: tuple[Scheme, ...] = get_args(Scheme)
    with (
        tempfile.TemporaryDirectory(prefix="transom-chromium-") as home,
        served(capture) as address,
        chromium(Path(home)) as browser,
        browser.page() as page,
    ):
        for (size, (width, height)), lang, scheme in product(SIZES.items(), LANGS, schemes):
            page.resize(width, height)
            page.prefer(scheme)
            for scene, state in scenes.items():
                yield _picture(page, folder / f"{size}-{lang}-{scheme}-{scene}.png", address, f"{state}&lang={lang}")


def _picture(page: Page, file: Path, address: str, state: str) -> Path:
    page.open("about:blank")
    page.open(address + state)
    ready(page)
    file.write_bytes(page.screenshot())
    return file


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
