"""Screenshots of the page, to be looked at: `python -m tests.web.screenshots FOLDER [CAPTURE]`.

Every scene of `tests.web.scenes`, at its sizes, in English and Korean, light and dark; of a capture that is given, the
scenes of `transom demo`. `--only TEXT` takes those alone whose name has it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import get_args

from tests.real.browser import Page, Scheme
from tests.real.chromium import chromium
from tests.web.pages import served
from tests.web.scenes import DEMO, SIZES, Scene, sources
from tests.web.shown import ready
from transom.cli.words import LANGS


def take(folder: Path, address: str, scenes: Mapping[str, Scene]) -> Iterator[Path]:
    """Write each picture of the page that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    schemes: tuple[Scheme, ...] = get_args(Scheme)
    with tempfile.TemporaryDirectory(prefix="transom-chromium-") as home, chromium(Path(home)) as browser:
        for (size, (width, height)), lang, scheme in product(SIZES.items(), LANGS, schemes):
            for name, scene in scenes.items():
                if size not in scene.sizes:
                    continue
                with browser.page() as page:
                    page.resize(width, height)
                    page.prefer(scheme)
                    show(page, address, scene, lang)
                    file = folder / f"{size}-{lang}-{scheme}-{name}.png"
                    file.write_bytes(page.screenshot())
                    yield file


def show(page: Page, address: str, scene: Scene, lang: str) -> None:
    """The scene, as it is looked at."""
    page.open(f"{address}{scene.state}&lang={lang}")
    ready(page)
    # What a tab asks for after it is there: the packet that the address names.
    page.evaluate("(async () => { await document.querySelector('tab-strip').ready; })()")
    scene.done(page)
    # A step that was walked to is drawn when its answer has come.
    ready(page)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.web.screenshots")
    parser.add_argument("folder", type=Path)
    parser.add_argument("capture", type=Path, nargs="?")
    parser.add_argument("--only", default="", metavar="TEXT")
    options = parser.parse_args()
    pages = [(lambda _: served(options.capture), DEMO)] if options.capture else sources()
    for opening, all_scenes in pages:
        scenes = {name: scene for name, scene in all_scenes.items() if options.only in name}
        if not scenes:
            continue
        with tempfile.TemporaryDirectory(prefix="transom-scenes-") as made, opening(Path(made)) as address:
            for picture in take(options.folder, address, scenes):
                print(picture)


if __name__ == "__main__":
    main()
