"""`compare` of one file: the same transfer by several ways, written into one trace and read back from it."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from transom.capture.write import TraceWriter
from transom.cli.compare_page import Compared, Comparison
from transom.cli.crossings import (
    HOST,
    IN_THE_CLEAR,
    TLS12,
    TLS13,
    Crossing,
    Offered,
    Way,
    is_opened,
    journey_of,
    road,
    rsa_keys,
    serving,
    ways_on_loopback,
)
from transom.cli.roots import trust_store
from transom.cli.show.comparison import write_comparison_in_full
from transom.cli.show.terminal import Terminal
from transom.cli.traces import open_trace
from transom.cli.words import Words
from transom.dissect.captured import keys_for, observe_capture
from transom.dissect.column import Column, column
from transom.dissect.compare_lines import journey_line
from transom.dissect.facts import Facts
from transom.dissect.journey import Carried, Seen
from transom.dissect.json_lines import encode
from transom.dissect.session import Session
from transom.dissect.telling import Looking
from transom.dissect.timeline import Item, Listener
from transom.errors import TransferError, UsageError
from transom.files.names import name_from_url
from transom.tls.keys.keylog import KeyLog
from transom.transfer.content import whole_file
from transom.transfer.failure import TLS_HANDSHAKE
from transom.transfer.get import get
from transom.transfer.request import GetRequest
from transom.transfer.site import Site
from transom.transfer.url import Url, parse_url
from transom.trust.local_ca import LocalCA, Owner
from transom.trust.store import TrustStore
from transom.web.model.opened import Pair
from transom.wire.escape import escape_message
from transom.wire.tap import Buffer, Ending, Endpoints, Side, Tap, Taps


@contextmanager
def compare_file(options: argparse.Namespace, file: Path, terminal: Terminal, words: Words) -> Generator[Comparison]:
    """Move it on loopback, by every way. Raises TransferError: 26 for a file that cannot be read."""
    carried = _carried(file)
    now = datetime.now(UTC)
    ca = LocalCA.in_memory(Owner("compare", HOST), now)
    identity = ca.issue([HOST], now, "rsa")  # RSA: the static form can be shown with no other key
    path = "/" + quote(os.fsencode(file.absolute().name))

    async def cross(crossings: _Crossings) -> None:
        async with serving(Site(file), identity) as (http, https):
            for way in ways_on_loopback(static_rsa=options.static_rsa):
                start = f"https://{HOST}:{https}" if way.offered else f"http://{HOST}:{http}"
                await crossings.fetch(way, start + path, ca.trust_store)

    with _crossed(options, cross) as crossings:
        later = crossings.seen(Looking(private_keys=rsa_keys(identity)))
        columns = crossings.columns(
            carried, ca.trust_store, lambda crossing, _: is_opened(crossing.kind, later[crossing.number])
        )
        _show(options, carried, columns, terminal, words)
        yield lambda: crossings.compared(carried.name, ca.trust_store, with_keys=not options.without_keys)


@contextmanager
def compare_urls(
    options: argparse.Namespace, urls: Sequence[str], terminal: Terminal, words: Words
) -> Generator[Comparison]:
    """Fetch it by each version that the server takes, and in the clear where that is asked for.

    Raises UsageError for URLs that cannot be used, and TransferError with the exit codes of `get`.
    """
    parsed = sorted((parse_url(url) for url in urls), key=lambda url: url.secure)
    if not parsed[-1].secure:
        raise UsageError("there is no TLS to compare at an http:// URL; give the https:// one, alone or beside it")
    store = None if options.insecure else trust_store(options.cacert)
    refusals: list[tuple[Way, TransferError]] = []

    async def cross(crossings: _Crossings) -> None:
        for url in parsed:
            for way in _WAYS[options.tls_max] if url.secure else (IN_THE_CLEAR,):
                try:
                    await crossings.fetch(way, url.text, store)
                except TransferError as error:
                    if error.exit_code != TLS_HANDSHAKE:
                        raise
                    refusals.append((way, error))
        if not any(crossing.kind != "http" for crossing in crossings.all):
            raise refusals[0][1]

    with _crossed(options, cross) as crossings:
        name = _name_of(parsed[-1])
        first = crossings.all[0]
        carried = Carried(name, first.result.bytes if first.result else 0, first.arrived_sha256)
        columns = crossings.columns(carried, store, _by_its_suite)
        _show(options, carried, columns, terminal, words)
        for way, error in refusals:
            why = escape_message(words.tell(error))
            said = words.say("compare.refused_way", way=words.say(f"column.{way.kind}"), why=why)
            (Terminal.on(sys.stderr, os.environ) if options.json else terminal).paragraph(said, 0)
        yield lambda: crossings.compared(name, store, with_keys=not options.without_keys)


_WAYS = {
    "1.2": (Way("ecdhe", Offered(TLS12)),),
    "1.3": (Way("ecdhe", Offered(TLS12)), Way("tls13", Offered(TLS13))),
}


@dataclass
class _Numbered(Crossing):
    """`number` is that of its conversation in the trace."""

    number: int = -1


class _Crossings:
    """The crossings that came to their end, all in one trace; what arrives is hashed and thrown away."""

    def __init__(self, writer: TraceWriter, trace: Path, folder: Path) -> None:
        self._writer = writer
        self._trace = trace
        self._target = folder / "arrived"
        self._opened = 0
        self.all: list[_Numbered] = []

    async def fetch(self, way: Way, url: str, store: TrustStore | None) -> None:
        """Fetch `url` once more. Raises as `get` does."""
        crossing = _Numbered(way.kind)

        def keep(line: str) -> None:
            self._writer.secret(line.rstrip("\n"))

        def tap() -> Tap:
            return Taps([_AtOpening(lambda: self._number(crossing)), self._writer.conversation()])

        request = GetRequest(url, output=self._target, overwrite=True, sha256=True, resume=False)
        crossing.result = await get(request, road(way.offered or Offered(), store, keep, tap))
        crossing.arrived_sha256 = crossing.result.sha256 or ""
        self._target.unlink()
        self.all.append(crossing)

    def _number(self, crossing: _Numbered) -> None:
        crossing.number = self._opened
        self._opened += 1

    def seen(self, looking: Looking) -> dict[int, Seen]:
        """What one observer makes of each conversation of the trace."""
        items: dict[int, list[Item]] = {}
        facts: dict[int, Facts] = {}

        def listener_for(number: int) -> Listener:
            return items.setdefault(number, []).append

        def over(ended: Facts) -> None:
            facts[ended.number] = ended

        observe_capture(self._trace, looking, listener_for, over)
        return {number: Seen(tuple(told), facts[number]) for number, told in items.items()}

    def compared(self, name: str, store: TrustStore | None, *, with_keys: bool) -> Compared:
        """The first and the last side by side, for a page."""
        keys = keys_for(self._trace, []) if with_keys else KeyLog()
        first, last = self.all[0].number, self.all[-1].number
        pair = Pair(first, last) if first != last else None
        return Compared(self._trace, Looking(keys, store=store, hash_bodies=True), name, pair)

    def columns(
        self, carried: Carried, store: TrustStore | None, opened_later: Callable[[_Numbered, Seen], bool | None]
    ) -> list[Column]:
        """The figures of each."""
        with_keys = self.seen(Looking(keys_for(self._trace, []), store=store))
        without_keys = self.seen(Looking(store=store, hash_bodies=True))
        columns: list[Column] = []
        for crossing in self.all:
            seen = with_keys[crossing.number]
            later = opened_later(crossing, seen)
            columns.append(column(journey_of(crossing, seen, without_keys[crossing.number], later), carried))
        return columns


@contextmanager
def _crossed(options: argparse.Namespace, cross: Callable[[_Crossings], Awaitable[None]]) -> Generator[_Crossings]:
    """All of them, done: in the trace that was asked for, or in one that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="transom-compare-") as name:
        folder = Path(name)
        trace = options.trace or folder / "trace.pcapng"
        with open_trace(trace) as writer:
            crossings = _Crossings(writer, trace, folder)

            async def run() -> None:
                await cross(crossings)

            asyncio.run(run())
        yield crossings


class _AtOpening:
    """A tap that says when there is a conversation: one that never opened has no number."""

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        self._then()

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        """What crosses is for the others."""

    def lost(self, side: Side, count: int, time: int) -> None:
        """Nothing is."""

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        """Nor is the end."""


def _by_its_suite(crossing: Crossing, seen: Seen) -> bool | None:
    """Of a server whose key nobody here has: only static RSA sends the secret under that key (RFC 5246 §7.4.7.1)."""
    return None if crossing.kind == "http" else Session.of(seen.items).is_static_rsa


def _carried(file: Path) -> Carried:
    with closing(whole_file(file)) as content:
        size = content.length
    with file.open("rb") as opened:
        return Carried(file.name, size, hashlib.file_digest(opened, "sha256").hexdigest())


def _name_of(url: Url) -> str:
    try:
        return name_from_url(url.text)
    except UsageError:  # a URL that ends with "/"
        return url.host


def _show(
    options: argparse.Namespace, carried: Carried, columns: Sequence[Column], terminal: Terminal, words: Words
) -> None:
    if options.json:
        for each in columns:
            print(encode(journey_line(each, carried)))
    else:
        write_comparison_in_full(terminal, words, carried, columns)
