from __future__ import annotations

import pytest

from transom.http.conditional import Validators, precondition, range_applies
from transom.http.dates import http_date
from transom.http.messages import Headers

CURRENT = Validators('"now"', 784111777)
EARLIER, SAME, LATER = (http_date(CURRENT.modified + seconds) for seconds in (-1, 0, 1))


def answer(method: str = "GET", current: Validators | None = CURRENT, **fields: str) -> int | None:
    return precondition(method, Headers((name.replace("_", "-"), value) for name, value in fields.items()), current)


def test_a_request_without_conditions_goes_on() -> None:
    assert answer() is None


@pytest.mark.parametrize("tags", ['"now"', 'W/"now"', '"old", "now"', '"a,b" ,W/"now"', ',, "now" ,', "*"])
def test_a_client_that_has_the_file_is_told_so(tags: str) -> None:
    assert answer(If_None_Match=tags) == 304
    assert answer("HEAD", If_None_Match=tags) == 304
    assert answer("PUT", If_None_Match=tags) == 412


@pytest.mark.parametrize("tags", ['"old"', '"No"', "now", '"now', '"now" "old"', '"now;"', ""])
def test_a_client_that_has_another_file_or_talks_nonsense_gets_this_one(tags: str) -> None:
    assert answer(If_None_Match=tags) is None


@pytest.mark.parametrize(
    ("tags", "status"), [('"now"', None), ("*", None), ('W/"now"', 412), ('"old"', 412), ("now", 412)]
)
def test_if_match_compares_strongly(tags: str, status: int | None) -> None:
    assert answer(If_Match=tags) == status
    assert answer("PUT", If_Match=tags) == status


@pytest.mark.parametrize(("date", "status"), [(EARLIER, None), (SAME, 304), (LATER, 304), ("yesterday", None)])
def test_if_modified_since(date: str, status: int | None) -> None:
    assert answer(If_Modified_Since=date) == status
    assert answer("PUT", If_Modified_Since=date) is None


@pytest.mark.parametrize(("date", "status"), [(EARLIER, 412), (SAME, None), (LATER, None), ("yesterday", None)])
def test_if_unmodified_since(date: str, status: int | None) -> None:
    assert answer(If_Unmodified_Since=date) == status


def test_tags_count_before_dates() -> None:
    assert answer(If_None_Match='"old"', If_Modified_Since=LATER) is None
    assert answer(If_Match='"now"', If_Unmodified_Since=EARLIER) is None


def test_if_match_counts_before_if_none_match() -> None:
    assert answer(If_Match='"old"', If_None_Match='"now"') == 412
    assert answer(If_Match='"now"', If_None_Match='"now"') == 304


def test_an_upload_may_ask_that_there_be_no_file_yet_or_that_there_be_one() -> None:
    assert answer("PUT", None, If_None_Match="*") is None
    assert answer("PUT", None, If_Match="*") == 412


@pytest.mark.parametrize(
    ("if_range", "applies"),
    [
        (None, True),
        ('"now"', True),
        ('W/"now"', False),
        ('"old"', False),
        ("now", False),
        (SAME, True),
        (EARLIER, False),
        (LATER, False),
        ("", False),
    ],
)
def test_a_part_is_given_only_of_the_very_file_the_client_holds(if_range: str | None, applies: bool) -> None:
    headers = Headers([] if if_range is None else [("If-Range", if_range)])
    assert range_applies(headers, CURRENT) is applies
