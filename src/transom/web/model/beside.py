"""Which conversations are worth seeing beside one: the same transfer by the other way, HTTP beside HTTPS."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice

import numpy as np

from transom.dissect.json_lines import Json, Line
from transom.web.model.rows import Row
from transom.web.model.table import Numbers, Table

MOST_LISTED = 12

_LARGE = 64 * 1024
"""Bytes from which on a size tells of what crossed, and not of the handshake around it."""

_MORE_BY_TLS = 0.05


def beside(table: Table, shown: Table, number: int, among: Collection[int] | None = None) -> Line:
    """`best` is the number of the same transfer by the other way, None if there is none; `others` are listed first to
    last by how much alike they are. It is found by what `table` knows, and told in the words of `shown`.
    """
    row = table.find(number)
    if row is None:
        return {"best": None, "others": []}
    places = _order(table, row, among)
    others = (int(table.numbers["conversation"][place]) for place in places)
    listed = list(islice((one for one in others if one != number), MOST_LISTED))
    rows = (found for other in listed if (found := table.find(other)))
    told = (found for other in listed if (found := shown.find(other)))
    best = next((other["conversation"] for other in rows if _is_same_transfer(row, other)), None)
    return {"best": best, "others": [_told(other) for other in told]}


def _order(table: Table, row: Row, among: Collection[int] | None) -> Numbers:
    """The places of all: the other way before the same, the same file before another, then the nearest in size."""
    places = np.arange(len(table)) if among is None else table.places(among)
    client, server = (table.numbers[name][places] for name in ("client_bytes", "server_bytes"))
    other_way = table.where("protocol", lambda protocol: (protocol == "tls") != (row["protocol"] == "tls"))
    same_path = table.having("exchange", _path, _path(row["exchange"]))
    order = np.lexsort((abs(client + server - _size(row)), ~same_path[places], ~other_way[places]))
    return places[order]


def _is_same_transfer(row: Row, other: Row) -> bool:
    if (row["protocol"] == "tls") == (other["protocol"] == "tls"):
        return False
    if (path := _path(row["exchange"])) is not None and path == _path(other["exchange"]):
        return True
    one, two = _size(row), _size(other)
    return min(one, two) >= _LARGE and abs(one - two) <= _MORE_BY_TLS * min(one, two)


def _size(row: Row) -> int:
    sizes = (row["client_bytes"], row["server_bytes"])
    return sum(size for size in sizes if isinstance(size, int))


def _path(exchange: Json) -> str | None:
    path = exchange.get("path") if isinstance(exchange, Mapping) else None
    return path if isinstance(path, str) else None


def _told(row: Row) -> Line:
    return {name: row[name] for name in ("conversation", "protocol", "version", "sni", "server")}
