from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.errors import HttpError
from transom.http.ranges import ContentRange, Selection, content_range, parse_content_range, select_range


@pytest.mark.parametrize(
    ("field", "selection"),
    [
        ("bytes=0-499", Selection(206, 0, 500)),
        ("bytes=500-999", Selection(206, 500, 1000)),
        ("bytes=-500", Selection(206, 500, 1000)),
        ("bytes=900-", Selection(206, 900, 1000)),
        ("bytes=0-0", Selection(206, 0, 1)),
        ("BYTES=0-0", Selection(206, 0, 1)),
        ("bytes=999-5000", Selection(206, 999, 1000)),
        ("bytes=0-" + "9" * 5000, Selection(206, 0, 1000)),
        ("bytes=-5000", Selection(206, 0, 1000)),
        ("bytes=-" + "9" * 5000, Selection(206, 0, 1000)),
        ("bytes=00000000000000000000000-0", Selection(206, 0, 1)),
    ],
)
def test_a_range_that_overlaps_the_file_is_answered_206(field: str, selection: Selection) -> None:
    assert select_range(field, 1000) == selection


@pytest.mark.parametrize("field", ["bytes=1000-", "bytes=1000-2000", "bytes=" + "9" * 30 + "-", "bytes=-0"])
def test_a_range_beyond_the_end_is_answered_416(field: str) -> None:
    assert select_range(field, 1000).status == 416


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
        "bytes=0-0,5-9",
        "bytes=" + ",".join(["0-"] * 1300),
        "bytes=0-0\r\nX: y",
    ],
)
def test_what_does_not_parse_and_several_ranges_are_answered_with_the_whole_file(field: str | None) -> None:
    assert select_range(field, 1000) == Selection(200, 0, 1000)


def test_an_empty_file_has_no_first_byte_and_its_last_bytes_are_all_of_it() -> None:
    assert select_range("bytes=0-", 0).status == 416
    assert select_range("bytes=-5", 0) == Selection(200, 0, 0)


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30).map("bytes=".__add__), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_a_selection_is_always_within_the_file(field: str, size: int) -> None:
    selection = select_range(field, size)
    assert 0 <= selection.start <= selection.end <= size
    assert selection.status != 206 or selection.length > 0


def test_content_range_says_first_and_last_byte() -> None:
    assert content_range(Selection(206, 0, 500), 1000) == "bytes 0-499/1000"
    assert content_range(select_range("bytes=2000-", 1000), 1000) == "bytes */1000"


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
