"""The table as columns answers as a list of rows would, filtered and sorted the plain way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.many import APART, START, capture, rows, table
from tests.web.pages import opened
from transom.dissect.json_lines import Json, Line, encode
from transom.web.model.beside import beside
from transom.web.model.document import MOST_CHOSEN, document
from transom.web.model.rows import Row
from transom.web.model.table import MOST_AT_ONCE, ORDERS, Query, TableWriter
from transom.web.model.times import Span

COUNT = 3000


def numbers(found: Line) -> list[int]:
    listed: Any = found["rows"]
    return [row["conversation"] for row in listed]


def test_a_row_comes_out_as_it_went_in() -> None:
    made = table(COUNT)
    assert [made.row(place) for place in range(COUNT)] == list(rows(COUNT))


def test_the_first_are_those_with_problems_and_then_the_largest() -> None:
    assert table(COUNT).first(5) == [2000, 1000, 0, 2999, 2998]
    assert numbers(table(COUNT).answer(Query(limit=5))) == [2000, 1000, 0, 2999, 2998]


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("sort", ORDERS[1:])
def test_it_is_sorted_by_every_column(sort: str, *, down: bool) -> None:
    expected: list[Any] = list(rows(COUNT))
    expected.sort(key=lambda row: row[sort])
    if down:
        expected.reverse()
    found = table(COUNT).answer(Query(offset=100, limit=50, sort=sort, descending=down))
    assert numbers(found) == [row["conversation"] for row in expected[100:150]]


@pytest.mark.parametrize(
    ("text", "matching"),
    [("", 3000), ("HOST-00001", 10), ("tlsv1.2", 1000), (":41234", 1), ("no such", 0), (".", 3000), ("example host", 0),
     ("192.0.2.1:443 tls", 3000)],
)  # fmt: skip
def test_a_filter_finds_the_rows_that_have_the_text(text: str, matching: int) -> None:
    found = table(COUNT).answer(Query(text=text, sort="conversation"))
    assert (found["matching"], found["total"]) == (matching, COUNT)
    assert len(numbers(found)) == min(matching, 200)


def test_when_they_began_is_counted_in_boxes_over_all_of_the_time() -> None:
    found = table(COUNT).answer(Query(limit=0, boxes=30))
    times: Any = found["times"]
    assert found["rows"] == []
    assert (times["first"], times["boxes"]) == (START, [100] * 30)
    assert times["odd"] == [1 if box in (0, 10, 20) else 0 for box in range(30)]
    some: Any = table(COUNT).answer(Query(text="host-00001", boxes=30))["times"]
    assert some["boxes"] == [10, *[0] * 29]
    assert some["width"] == times["width"]


@pytest.mark.parametrize(
    ("since", "until", "first", "count"), [(None, 5, 0, 5), (7, None, 7, 2993), (10, 20, 10, 10), (9, 9, 0, 0)]
)
def test_a_span_keeps_those_that_began_in_it(since: int | None, until: int | None, first: int, count: int) -> None:
    span = Span(*(None if bound is None else bound * APART for bound in (since, until)))
    found = table(COUNT).answer(Query(sort="conversation", span=span))
    assert found["matching"] == count
    assert numbers(found) == list(range(first, first + min(count, 200)))


@pytest.mark.parametrize("number", ["-1", "9" * 4000, "9" * 18])
def test_no_number_of_an_address_is_too_much(number: str) -> None:
    names = ("offset", "limit", "since", "until", "boxes", "number")
    for name in names:
        found = table(10).answer(Query.of({name: number}))
        assert found["total"] == 10


def test_names_of_any_script_and_any_character_are_found() -> None:
    (plain,) = rows(1)
    names = ["a\nb", "STRASSE.example", "파일.example", "(.*", "\udc80"]
    writer = TableWriter()
    for number, name in enumerate(names):
        row: Row = plain | {"conversation": number, "sni": name}
        writer.add(row)
    made = writer.table()
    for number, name in enumerate(names):
        assert numbers(made.answer(Query(text=name))) == [number]
    assert numbers(made.answer(Query(text="straße"))) == [1]


def test_one_row_is_asked_for_by_its_number() -> None:
    assert numbers(table(COUNT).answer(Query(number=1234))) == [1234]
    assert numbers(table(COUNT).answer(Query(number=COUNT))) == []


def test_what_a_part_of_a_column_is_is_looked_at_once_whoever_asks() -> None:
    made, asked = table(COUNT), 0

    def begins(content: Json) -> str | None:
        nonlocal asked
        asked += 1
        return content[:10] if isinstance(content, str) and content != "host-002999.example" else None

    found = made.having("sni", begins, "host-00299")
    assert [int(place) for place in found.nonzero()[0]] == list(range(2990, 2999))
    assert asked == COUNT
    assert not made.having("sni", begins, "nobody").any()
    assert not made.having("sni", begins, None).any()
    assert not made.having("no column", begins, "host-00299").any()
    assert asked == COUNT


def test_what_stands_beside_one_is_found_among_some_as_it_is_among_all() -> None:
    writer = TableWriter()
    for row in rows(60):
        number: Any = row["conversation"]
        writer.add(row | {"protocol": "http" if number % 2 else "tls", "exchange": {"path": f"/{number // 2 % 20}"}})
    made = writer.table()
    of_all: Any = beside(made, made, 7)
    assert (of_all["best"], [row["conversation"] for row in of_all["others"]][:4]) == (6, [6, 46, 8, 4])
    of_some: Any = beside(made, made, 7, [7, 5, 8, 47, 50])
    assert (of_some["best"], [row["conversation"] for row in of_some["others"]]) == (None, [8, 50, 47, 5])
    assert beside(made, made, 60) == {"best": None, "others": []}


def test_a_table_of_nothing_answers() -> None:
    made = TableWriter().table()
    for sort in ORDERS:
        assert made.answer(Query(sort=sort, text="x")) == {"total": 0, "matching": 0, "offset": 0, "rows": []}
    times: Any = made.answer(Query(boxes=3))["times"]
    assert times["boxes"] == times["odd"] == [0, 0, 0]


def test_a_report_has_the_whole_table_and_says_of_whom_it_has_more(tmp_path: Path) -> None:
    found = document(opened(capture(tmp_path / "many.pcapng", 300)))
    about: Any = found["about"]
    answers: Any = found["answers"]
    tables: Any = json.loads(encode(found["tables"]))
    assert len(about["chosen"]) == MOST_CHOSEN
    assert set(about["chosen"][:3]) == {0, 100, 200}  # cut off
    assert {int(address.split("/")[1]) for address in answers} == set(about["chosen"])
    assert tables["with-keys"]["numbers"]["conversation"] == ",".join(map(str, range(300)))


def test_no_slice_is_longer_than_two_hundred_rows_whatever_is_asked_for() -> None:
    assert len(numbers(table(COUNT).answer(Query.of({"limit": "100000"})))) == MOST_AT_ONCE == 200
