"""Every scene of the page: a tab that has none is not looked at, and none of them complains or asks anybody else."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.real.browser import Browser
from tests.web.scenes import SIZES, Opening, Scene, sources
from tests.web.screenshots import show
from tests.web.shown import shown

SOURCES = sources()
SCENES = dict(chain.from_iterable(scenes.items() for _, scenes in SOURCES))


def test_every_tab_of_the_page_has_a_scene(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1") as page:
        tabs = page.evaluate("[...document.querySelectorAll('[role=tab]')].map(one => one.id.replace('tab-', ''))")
    looked_at = {tab for scene in SCENES.values() for tab in parse_qs(scene.state.lstrip("#")).get("tab", [])}
    assert len(tabs) == 10
    assert set(tabs) - looked_at == set()


def test_no_two_scenes_have_one_name() -> None:
    assert len(SCENES) == sum(len(scenes) for _, scenes in SOURCES)


@pytest.mark.parametrize(("opening", "scenes"), SOURCES, ids=[next(iter(scenes)) for _, scenes in SOURCES])
def test_no_scene_complains_or_asks_anybody_else(
    browser: Browser, tmp_path: Path, opening: Opening, scenes: Mapping[str, Scene]
) -> None:
    with opening(tmp_path) as address:
        for number, (name, scene) in enumerate(scenes.items()):
            # Each size and each language is drawn, though not each scene in all of them.
            size = scene.sizes[number % len(scene.sizes)]
            lang = ("en", "ko")[number % 3 % 2]
            with shown(browser, address, f"{scene.state}&lang={lang}", *SIZES[size]) as page:
                show(page, address, scene, lang)
                drawn = page.evaluate("document.querySelector('transom-page').dataset.drawn")
            assert lang in drawn.split(), (name, size)
