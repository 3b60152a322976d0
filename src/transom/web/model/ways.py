"""Which conversations carried the same file by another way: the columns of a comparison beside the two it is of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from transom.dissect.journey import Kind
from transom.dissect.json_lines import Json
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.suites import KeyExchange, take_apart
from transom.web.model.table import Table

KINDS: tuple[Kind, ...] = ("http", "ecdhe", "rsa", "tls13")
"""In the order of the columns."""

_Mask = npt.NDArray[np.bool_]


def ways(table: Table, chosen: Sequence[int], among: Collection[int] | None = None) -> list[int]:
    """`chosen`, and of each other way the first conversation of the very same file; in the order of the columns."""
    rows = [row for number in chosen if (row := table.find(number)) is not None]
    files = {file for row in rows if (file := _whole_file(row["exchange"])) is not None}
    if len(rows) != len(chosen) or len(files) != 1:
        return list(chosen)
    numbers = table.numbers["conversation"]
    same = table.having("exchange", _whole_file, *files)
    if among is not None:
        same &= np.isin(numbers, list(among))
    found: list[int] = []
    for is_of_kind in _kinds(table):
        mine = [number for number in chosen if is_of_kind[numbers == number].any()]
        others = numbers[same & is_of_kind]
        found += sorted(mine) or ([int(others.min())] if len(others) else [])
    return found


def _kinds(table: Table) -> Iterator[_Mask]:
    """For each kind of `KINDS`, which rows are of it."""
    tls = table.where("protocol", lambda protocol: protocol == "tls")
    newest = table.where("version", lambda version: version == "TLSv1.3")
    static = table.where("cipher_suite", _is_static_rsa)
    yield from (~tls, tls & ~newest & ~static, tls & ~newest & static, tls & newest)


def _whole_file(exchange: Json) -> str | None:
    """The SHA-256 of what an exchange carried whole, or what stands for it."""
    if not isinstance(exchange, Mapping) or not exchange.get("complete"):
        return None
    known = exchange.get("sha256") or exchange.get("same")
    return known if isinstance(known, str) else None


def _is_static_rsa(name: Json) -> bool:
    suite = CipherSuite.__members__.get(name) if isinstance(name, str) else None
    parts = take_apart(suite) if suite is not None else None
    return parts is not None and parts.key_exchange is KeyExchange.RSA
