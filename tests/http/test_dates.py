from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.http.dates import http_date, parse_http_date


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_the_three_forms_of_a_date_are_read(text: str) -> None:
    assert parse_http_date(text) == 784111777


def test_a_date_is_written_as_imf_fixdate() -> None:
    assert http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Sun, 06 Nov 1994 08:49:37 +0200",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 99999999999 08:49:37 GMT",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_http_date(text) is None


@given(st.integers(0, 253_402_300_799))
@settings(max_examples=50, deadline=None)
def test_a_written_date_reads_back(seconds: int) -> None:
    assert parse_http_date(http_date(seconds)) == seconds


@given(st.text(alphabet="SunNovMay 0123456789:,-+GMT", max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_whatever_raises(text: str) -> None:
    parse_http_date(text)


@pytest.mark.parametrize(("seconds", "text"), [(-1, "1970"), (1 << 60, "9999")])
def test_a_file_time_outside_the_calendar_is_written_as_the_nearest_in_it(seconds: int, text: str) -> None:
    assert text in http_date(seconds)
