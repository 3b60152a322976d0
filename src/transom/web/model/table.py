"""The table of conversations as columns: filtered and sorted here, given in slices, packed for a report.

A hundred thousand rows are asked for at every key that is typed, so no Python object is looked at for a row that is not
shown: numbers are arrays, every other column is codes into the list of what occurs in it, and what a filter searches is
one text with a line a row.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from transom.dissect.json_lines import Json, Line
from transom.errors import UsageError
from transom.value import value
from transom.web.model.rows import Row
from transom.web.model.times import MOST_BOXES, Span, counted, first_of

MOST_AT_ONCE = 200

NUMBERS = (
    "conversation", "start", "lasted", "client_bytes", "server_bytes", "missing_bytes", "problems", "exchanges",
    "whole",
)  # fmt: skip
"""Columns of which every row has a number."""

SEARCHED = ("client", "server", "protocol", "version", "sni", "cipher_suite")
"""Columns that a filter looks into, beside the path of the exchange."""

_BY_NUMBER = ("conversation", "start", "lasted", "client_bytes", "server_bytes", "problems")
_BY_TEXT = ("client", "server", "protocol", "version", "sni")
ORDERS = ("notable", *_BY_NUMBER, *_BY_TEXT)

_MOST_REMEMBERED = 8

_AT_ONCE = 1_000
"""Rows that are made into columns together."""

_LARGEST = 1 << 62
"""No column has a number beyond it."""

Numbers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]


@value
class Query:
    """Which rows: `[offset, offset + limit)` of those with `text` in them that began within `span`, in the order of
    `sort`; or one by number. `boxes` are asked for to see when they began.
    """

    offset: int = 0
    limit: int = MOST_AT_ONCE
    sort: str = "notable"
    descending: bool = False
    text: str = ""
    span: Span = Span()
    number: int | None = None
    boxes: int = 0

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Query:
        """From an address. Raises UsageError."""
        sort = parameters.get("sort", "notable")
        if sort not in ORDERS:
            raise UsageError(f"sort is one of {', '.join(ORDERS)}")
        return cls(
            offset=_number(parameters, "offset") or 0,
            limit=min(_number(parameters, "limit", MOST_AT_ONCE) or 0, MOST_AT_ONCE),
            sort=sort,
            descending="down" in parameters,
            text=parameters.get("text", ""),
            span=Span(_number(parameters, "since"), _number(parameters, "until")),
            number=_number(parameters, "number"),
            boxes=min(_number(parameters, "boxes") or 0, MOST_BOXES),
        )


def _number(parameters: Mapping[str, str], name: str, default: int | None = None) -> int | None:
    if name not in parameters:
        return default
    try:
        return min(max(int(parameters[name]), 0), _LARGEST)
    except ValueError:
        raise UsageError(f"{name} is a number") from None


class TableWriter:
    """Takes the rows in any order."""

    def __init__(self) -> None:
        self._numbers = {name: array("q") for name in NUMBERS}
        self._coded: dict[str, _Coder] = {}
        self._added: list[Row] = []

    def add(self, row: Row) -> None:
        self._added.append(row)
        if len(self._added) == _AT_ONCE:
            self._take_added()

    def _take_added(self) -> None:
        """A column at a time, which takes half of the time that a row at a time does."""
        rows, self._added = self._added, []
        for name, column in self._numbers.items():
            column.extend([_counted(row.get(name)) for row in rows])
        for name in rows[0] if rows else ():
            if name not in self._numbers:
                self._coded.setdefault(name, _Coder()).extend([row.get(name) for row in rows])

    def table(self, running: Sequence[Row] = ()) -> Table:
        """All rows, by their number, and those that are not to stay as they are."""
        self._take_added()
        added = {name: [_counted(row.get(name)) for row in running] for name in NUMBERS}
        numbers = {
            name: np.concatenate((np.array(numbers, np.int64), np.array(added[name], np.int64)))
            for name, numbers in self._numbers.items()
        }
        order = np.argsort(numbers["conversation"], kind="stable")
        names = self._coded or dict.fromkeys(name for row in running for name in row if name not in NUMBERS)
        coded: dict[str, Coded] = {}
        for name in names:
            values, codes = self._coded.get(name, _Coder()).with_more([row.get(name) for row in running])
            coded[name] = Coded(values, codes[order])
        return Table({name: column[order] for name, column in numbers.items()}, coded)


class _Coder:
    def __init__(self) -> None:
        self.values: list[Json] = []
        self.codes = array("i")
        self._known: dict[str | None, int] = {}

    def extend(self, contents: Iterable[Json]) -> None:
        known, values, codes = self._known, self.values, self.codes
        for content in contents:
            # The same content is written in the same way: its members stand in the order of the row's writer.
            name = content if content is None or isinstance(content, str) else f"\0{content!r}"
            code = known.get(name)
            if code is None:
                code = known[name] = len(values)
                values.append(content)
            codes.append(code)

    def with_more(self, contents: Sequence[Json]) -> tuple[Sequence[Json], Codes]:
        """The values and codes with these behind; what is known here stays as it is."""
        more = _Coder()
        more.extend(contents)
        codes = np.concatenate((np.array(self.codes, np.int32), np.array(more.codes, np.int32) + len(self.values)))
        return [*self.values, *more.values], codes.astype(np.int32)


@value
class Coded:
    """A column of few values: `values[codes[row]]`."""

    values: Sequence[Json]
    codes: Codes

    def ranks(self) -> Codes:
        """For each row the place of its text in the order of texts."""
        texts = [str(content or "") for content in self.values]
        place = {text: rank for rank, text in enumerate(sorted(set(texts)))}
        return np.array([place[text] for text in texts] or [0], np.int32)[self.codes]


_Part = Callable[[Json], str | None]


@value
class _Parted:
    """One part of each content of a column: `known` has a number for each, `codes` that of each row, or -2."""

    known: Mapping[str, int]
    codes: Codes

    @classmethod
    def of(cls, column: Coded, part: _Part) -> _Parted:
        known: dict[str, int] = {}
        parts = (part(content) for content in column.values)
        codes = [-2 if one is None else known.setdefault(one, len(known)) for one in parts]
        return cls(known, np.array(codes or [-2], np.int32)[column.codes])


class Table:
    """`numbers` and `coded` are columns of the same length, by conversation."""

    def __init__(self, numbers: Mapping[str, Numbers], coded: Mapping[str, Coded]) -> None:
        self.numbers = numbers
        self._coded = coded
        self._orders: dict[str, Numbers] = {}
        self._found: OrderedDict[tuple[str, str, Span], Numbers] = OrderedDict()
        self._parts: dict[tuple[str, _Part], _Parted] = {}

    def __len__(self) -> int:
        return len(self.numbers["conversation"])

    def answer(self, query: Query) -> Line:
        """The slice, and how many there are of how many; and when those with the text began, if that was asked."""
        if query.number is not None:
            found = self._one(query.number)
        else:
            found = self._matching(query.text, query.sort, query.span)
        if query.descending:
            found = found[::-1]
        part = [self.row(int(place)) for place in found[query.offset : query.offset + query.limit]]
        answer: Line = {"total": len(self), "matching": len(found), "offset": query.offset, "rows": part}
        return answer | {"times": self._times(query)} if query.boxes else answer

    def first(self, count: int) -> list[int]:
        """The conversations that the table shows first: problems before all, then the largest."""
        return [int(number) for number in self.numbers["conversation"][self._order("notable")[:count]]]

    def row(self, place: int) -> Row:
        """One line of it."""
        numbers: Row = {name: int(column[place]) for name, column in self.numbers.items()}
        return numbers | {name: column.values[column.codes[place]] for name, column in self._coded.items()}

    def find(self, number: int) -> Row | None:
        """The line of a conversation."""
        found = self._one(number)
        return self.row(int(found[0])) if len(found) else None

    def where(self, name: str, holds: Callable[[Json], bool]) -> npt.NDArray[np.bool_]:
        """For each row whether it holds of a column that is no number."""
        if name not in self._coded:
            return np.zeros(len(self), np.bool_)
        column = self._coded[name]
        return np.array([holds(content) for content in column.values], np.bool_)[column.codes]

    def having(self, name: str, part: _Part, wanted: str | None) -> npt.NDArray[np.bool_]:
        """For each row whether that `part` of a column's content is `wanted`; of None, no row is.

        Each content is looked at once, whatever is asked for later: of a report each conversation asks.
        """
        if name not in self._coded:
            return np.zeros(len(self), np.bool_)
        if (parted := self._parts.get((name, part))) is None:
            parted = self._parts[name, part] = _Parted.of(self._coded[name], part)
        found: npt.NDArray[np.bool_] = parted.codes == (-1 if wanted is None else parted.known.get(wanted, -1))
        return found

    def places(self, among: Collection[int]) -> Numbers:
        """Where the rows of these conversations are, in the order of the table."""
        return np.flatnonzero(np.isin(self.numbers["conversation"], list(among)))

    def packed(self) -> Line:
        """All of it for a report. A column of numbers is one text, which takes much less time to write than a list."""
        return {
            "numbers": {name: _joined(column) for name, column in self.numbers.items()},
            "coded": {
                name: {"values": column.values, "codes": _joined(column.codes)} for name, column in self._coded.items()
            },
        }

    def _one(self, number: int) -> Numbers:
        numbers = self.numbers["conversation"]  # in order
        place = int(np.searchsorted(numbers, number))
        return np.arange(place, place + int(place < len(numbers) and numbers[place] == number))

    def _matching(self, text: str, sort: str, span: Span) -> Numbers:
        """The places of the rows, in their order."""
        if (found := self._found.pop((text, sort, span), None)) is None:
            found = self._order(sort)
            if text:
                found = found[self._has(text)[found]]
            if span != Span():
                found = found[span.has(self._began)[found]]
        self._found[text, sort, span] = found
        if len(self._found) > _MOST_REMEMBERED:
            self._found.popitem(last=False)
        return found

    def _times(self, query: Query) -> Line:
        """Of all of them, so that a span can be chosen wider than it is."""
        shown = self._matching(query.text, query.sort, Span())
        return counted(self._first, self._began, shown, self._odd, query.boxes)

    @cached_property
    def _first(self) -> int:
        return first_of(self.numbers["start"])

    @cached_property
    def _began(self) -> Numbers:
        return np.maximum(self.numbers["start"] - self._first, 0)

    def _has(self, text: str) -> npt.NDArray[np.bool_]:
        lines, ends = self._searched
        # A line is passed by once it matches.
        pattern = re.escape(_line(text).encode("utf-8", "surrogatepass")) + rb"[^\n]*"
        at = np.fromiter((found.start() for found in re.finditer(pattern, lines)), np.int64)
        has = np.zeros(len(self), np.bool_)
        has[np.searchsorted(ends, at, side="right")] = True
        return has

    @cached_property
    def _searched(self) -> tuple[bytes, Numbers]:
        """The text that a filter searches, and where each row's line ends in it."""
        paths = [content.get("path") if isinstance(content, Mapping) else None for content in self._values("exchange")]
        columns = [([_line(str(text or "")) for text in self._values(name)], self._codes(name)) for name in SEARCHED]
        columns.append(([_line(str(path or "")) for path in paths], self._codes("exchange")))
        parts = zip(*([texts[code] for code in codes] for texts, codes in columns), strict=True)
        lines = [" ".join(row).encode("utf-8", "surrogatepass") + b"\n" for row in parts]
        return b"".join(lines), np.cumsum([len(line) for line in lines], dtype=np.int64)

    def _values(self, name: str) -> Sequence[Json]:
        return self._coded[name].values if name in self._coded else ()

    def _codes(self, name: str) -> Sequence[int]:
        return self._coded[name].codes.tolist() if name in self._coded else ()

    def _order(self, sort: str) -> Numbers:
        if sort not in self._orders:
            self._orders[sort] = self._sorted(sort)
        return self._orders[sort]

    def _sorted(self, sort: str) -> Numbers:
        numbers = self.numbers
        if sort == "notable":
            size = numbers["client_bytes"] + numbers["server_bytes"]
            return np.lexsort((-size, ~self._odd))
        if not len(self):
            return np.zeros(0, np.int64)
        return np.argsort(numbers[sort] if sort in numbers else self._coded[sort].ranks(), kind="stable")

    @cached_property
    def _odd(self) -> npt.NDArray[np.bool_]:
        alerts = np.array([alert is not None for alert in self._values("alert")] or [False], np.bool_)
        alerted = alerts[self._coded["alert"].codes] if "alert" in self._coded else np.zeros(len(self), np.bool_)
        return (self.numbers["problems"] > 0) | (self.numbers["missing_bytes"] > 0) | alerted


def _counted(content: Json) -> int:
    return content if isinstance(content, int) else 0


def _line(text: str) -> str:
    return text.casefold().replace("\n", " ")


def _joined(column: Numbers | Codes) -> str:
    return ",".join(map(str, column.tolist()))
