from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.http.listing import PAGE_HEADERS, listing_json, listing_page, wants_json
from transom.http.media_types import media_type


@dataclass(frozen=True)
class Line:
    name: str
    is_folder: bool = False
    size: int = 1234567
    modified: int = 784111777 * 10**9


class Tags(HTMLParser):
    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.links += [value or "" for name, value in attrs if name == "href"]


def test_a_folder_is_a_page_with_sizes_and_times() -> None:
    page = listing_page("/d/", [Line("sub", is_folder=True), Line("한 글.bin")], more=False)
    assert Tags(page).links == ["../", "./sub/", "./%ED%95%9C%20%EA%B8%80.bin"]
    assert b"1,234,567" in page
    assert b"1994-11-06 08:49" in page
    assert re.findall(rb"<th[^>]*>([^<]*)</th>", page) == [b"Name", b"Bytes", b"Modified (UTC)"]
    assert b"There are more" not in page


def test_the_root_has_no_way_up_and_a_bounded_listing_says_so() -> None:
    page = listing_page("/", [Line("a")], more=True)
    assert Tags(page).links == ["./a"]
    assert b"There are more" in page


@given(st.text(min_size=1).filter(lambda name: "/" not in name))
@settings(max_examples=100, deadline=None)
def test_no_name_makes_a_tag_or_leads_elsewhere(name: str) -> None:
    plain, page = Tags(listing_page("/", [Line("a")], more=False)), Tags(listing_page("/", [Line(name)], more=False))
    assert page.tags == plain.tags
    assert re.fullmatch(r"\./[A-Za-z0-9._~%-]+", page.links[0])


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "javascript:alert(1)", "\u202egnp.exe", "\udcff"])
def test_a_hostile_name_is_shown_and_does_nothing(name: str) -> None:
    page = listing_page("/%3Cb%3E/", [Line(name)], more=False)
    assert "<script" not in page.decode()
    assert "<b>" not in page.decode()
    assert "\u202e" not in page.decode()
    assert 'href="javascript' not in page.decode()


def test_the_policy_allows_the_style_and_the_icon_that_are_in_the_page_and_nothing_else() -> None:
    policy = PAGE_HEADERS.get("Content-Security-Policy") or ""
    page = listing_page("/", [], more=False)
    style = re.search(rb"<style>(.*?)</style>", page)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1]).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; frame-ancestors 'none'"
    assert re.findall(rb"<(?:link|img|script)[^>]*>", page) == re.findall(rb'<link rel="icon" href="data:[^"]*">', page)


def test_a_folder_is_json_with_names_as_they_are() -> None:
    found = json.loads(listing_json("/d/", [Line("sub", is_folder=True), Line('a"<\udcff')], more=True))
    assert found == {
        "path": "/d/",
        "entries": [
            {"name": "sub", "type": "folder", "size": None, "modified": 784111777},
            {"name": 'a"<\udcff', "type": "file", "size": 1234567, "modified": 784111777},
        ],
        "more": True,
    }


@pytest.mark.parametrize(
    ("accept", "json_wanted"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", True),
        ("Application/JSON;q=0.9, */*", True),
        ("text/html,application/json", False),
    ],
)
def test_json_is_for_who_asks_for_it_and_not_for_a_browser(accept: str | None, json_wanted: bool) -> None:
    assert wants_json(accept) is json_wanted


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "text/plain; charset=utf-8"),
        ("A.HTML", "text/html; charset=utf-8"),
        ("a.tar.gz", "application/gzip"),
        ("a.json", "application/json"),
        ("a.bin", "application/octet-stream"),
        ("README", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_the_media_type_follows_the_suffix(name: str, expected: str) -> None:
    assert media_type(name) == expected
