from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.errors import HttpError
from transom.http.ranges import (
    MOST_PARTS,
    ContentRange,
    Part,
    Selection,
    content_range,
    parse_content_range,
    select_ranges,
    whole,
)


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("bytes=0-499", Part(0, 500)),
        ("bytes=500-999", Part(500, 1000)),
        ("bytes=-500", Part(500, 1000)),
        ("bytes=900-", Part(900, 1000)),
        ("bytes=0-0", Part(0, 1)),
        ("BYTES=0-0", Part(0, 1)),
        ("bytes=999-5000", Part(999, 1000)),
        ("bytes=0-" + "9" * 5000, Part(0, 1000)),
        ("bytes=-5000", Part(0, 1000)),
        ("bytes=-" + "9" * 5000, Part(0, 1000)),
        ("bytes=00000000000000000000000-0", Part(0, 1)),
    ],
)
def test_a_range_that_overlaps_the_file_is_answered_206(field: str, part: Part) -> None:
    assert select_ranges(field, 1000) == Selection(206, (part,))


@pytest.mark.parametrize("field", ["bytes=1000-", "bytes=1000-2000", "bytes=" + "9" * 30 + "-", "bytes=-0"])
def test_a_range_beyond_the_end_is_answered_416(field: str) -> None:
    assert select_ranges(field, 1000) == Selection(416, ())


@pytest.mark.parametrize(
    "field",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-1",
        "bytes=0x0-1",
        "bytes=--1",
        "bytes=-1-",
        "bytes=1.5-2",
        "bytes=٣-٤",
        "octets=0-1",
        "bytes 0-1",
        "bytes=0-0,x",
        "bytes=0-0,,5-9",
        "bytes=0-0;5-9",
        "bytes=0-0\r\nX: y",
    ],
)
def test_what_does_not_parse_is_answered_with_the_whole_file(field: str | None) -> None:
    assert select_ranges(field, 1000) == whole(1000) == Selection(200, (Part(0, 1000),))


@pytest.mark.parametrize(
    ("field", "parts"),
    [
        ("bytes=0-0,5-9", [(0, 1), (5, 10)]),
        ("bytes=0-4 ,\t5-9", [(0, 10)]),
        ("bytes=0-5,3-9,9-9", [(0, 10)]),
        ("bytes=0-9,2-3", [(0, 10)]),
        ("bytes=0-9,-10", [(0, 10), (990, 1000)]),
        ("bytes=0-9,2000-,990-2000", [(0, 10), (990, 1000)]),
        ("bytes=2000-,-0,7-7", [(7, 8)]),
    ],
)
def test_several_ranges_are_a_206_of_those_in_the_file_joined_where_they_touch(
    field: str, parts: list[tuple[int, int]]
) -> None:
    assert select_ranges(field, 1000) == Selection(206, tuple(Part(*part) for part in parts))


def test_several_ranges_all_beyond_the_end_are_answered_416() -> None:
    assert select_ranges("bytes=1000-,2000-3000,-0", 1000) == Selection(416, ())


@pytest.mark.parametrize(
    "field",
    [
        # CVE-2011-3192, as it was published: every part overlaps every other.
        "bytes=0-," + ",".join(f"5-{last}" for last in range(1300)),
        "bytes=" + ",".join(["0-"] * 1300),
        "bytes=" + ",".join(f"{2 * start}-{2 * start}" for start in range(MOST_PARTS + 1)),
        "bytes=500-,0-499",
        "bytes=5-9,0-0",
        "bytes=0-0,900-,-200",
    ],
)
def test_a_range_bomb_is_answered_with_the_whole_file(field: str) -> None:
    assert select_ranges(field, 1000) == whole(1000)


def test_an_empty_file_has_no_first_byte_and_its_last_bytes_are_all_of_it() -> None:
    assert select_ranges("bytes=0-", 0).status == 416
    assert select_ranges("bytes=-5", 0) == select_ranges("bytes=0-,-5", 0) == whole(0)
    assert select_ranges("bytes=-0", 0).status == 416


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30).map("bytes=".__add__), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_parts_are_always_within_the_file_ascending_and_apart(field: str, size: int) -> None:
    selection = select_ranges(field, size)
    bounds = [bound for part in selection.parts for bound in part]
    assert bounds == sorted(bounds)
    assert all(0 <= bound <= size for bound in bounds)
    assert selection.status != 206 or len(set(bounds)) == len(bounds) > 0
    assert (selection.status == 416) == (not selection.parts)


def test_content_range_says_first_and_last_byte() -> None:
    assert content_range(Part(0, 500), 1000) == "bytes 0-499/1000"
    assert content_range(None, 1000) == "bytes */1000"


@pytest.mark.parametrize(
    ("field", "parsed"),
    [
        ("bytes 0-499/1000", ContentRange(0, 500, 1000)),
        ("bytes 7-7/*", ContentRange(7, 8, None)),
        ("bytes */1000", ContentRange(None, None, 1000)),
    ],
)
def test_a_content_range_is_read(field: str, parsed: ContentRange) -> None:
    assert parse_content_range(field) == parsed


@pytest.mark.parametrize(
    "field", ["", "bytes", "bytes 5-1/10", "bytes 0-10/10", "bytes 0-1", "bytes a-b/c", "bytes 0-" + "9" * 5000 + "/*"]
)
def test_a_content_range_that_is_nonsense_is_refused(field: str) -> None:
    with pytest.raises(HttpError, match="Content-Range"):
        parse_content_range(field)
