"""`compare` of two conversations: each looked at in a capture, or held with a server now, and where they part."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from transom.capture.merge import merge
from transom.capture.reader import secrets
from transom.capture.source import spooled
from transom.capture.write import TraceWriter
from transom.cli.compare_page import Compared
from transom.cli.compare_page import Comparison as ForPage
from transom.cli.compare_targets import Which, is_url
from transom.cli.crossings import TLS12, Offered, road
from transom.cli.options.looking import looking_from_outside, looking_of, named_as_typed
from transom.cli.roots import trust_store
from transom.cli.show.differences import write_differences
from transom.cli.show.terminal import Terminal
from transom.cli.traces import open_trace
from transom.cli.words import Words
from transom.dissect.both_ends import BothEnds, Messages, Place, both_ends, with_ends
from transom.dissect.compare_lines import comparison_line, difference_line
from transom.dissect.differences import Comparison
from transom.dissect.flow import Flow
from transom.dissect.json_lines import encode
from transom.dissect.meaning import meanings_of
from transom.dissect.met import Met, is_same, meet, met_again
from transom.dissect.one import tell_one
from transom.dissect.portrait import Portrait, Portraitist
from transom.dissect.recording import Recording
from transom.dissect.telling import Looking
from transom.dissect.timeline import Item
from transom.errors import CaptureError, NoCapture, TransferError, TransomError, UsageError
from transom.http.framing import Framing
from transom.http.messages import NO_HEADERS, Headers, Response
from transom.tls.keys.keylog import KeyLog
from transom.transfer.client import exchange
from transom.transfer.url import Url, parse_url
from transom.trust.store import TrustStore
from transom.value import value
from transom.web.model.opened import Pair
from transom.wire.tap import Buffer

MOST_TAKEN = 2**20
"""Bytes of an answer: it is the handshake that is looked at."""


@value
class _Looked:
    """One of the two: its name, in full and in short, the capture that it is in, and its number there."""

    name: str
    short: str
    capture: Path
    number: int
    portrait: Portrait
    met: Met | None = None
    messages: Messages | None = None

    @property
    def told_number(self) -> int | None:
        """None of a server that was asked: there is nothing that it is counted in."""
        return None if is_url(self.name) else self.number


@contextmanager
def compare_pair(
    options: argparse.Namespace, targets: Sequence[str], chosen: dict[Which, int], terminal: Terminal, words: Words
) -> Generator[ForPage]:
    """Look at both and show it. Raises CaptureError, UsageError, and TransferError for a server that is not reached."""
    if [*targets] == ["-", "-"]:
        raise UsageError("- and -: standard input can be read once; expected another capture or a URL beside it")
    urls = {target: parse_url(target) for target in targets if is_url(target)}  # before a trace takes a file's place
    with ExitStack() as open_files:
        folder = Path(open_files.enter_context(tempfile.TemporaryDirectory(prefix="transom-compare-")))
        trace = options.trace or folder / "trace.pcapng"
        files: list[tuple[str, Which]] = [
            (target, which) for target, which in zip(targets, _BOTH, strict=True) if target not in urls
        ]
        captures = [_Capture(open_files.enter_context(spooled(Path(file))), Path(file)) for file, _ in files]
        numbers = _choose(captures, [chosen.get(which) for _, which in files])
        looked: list[_Looked] = []
        with open_trace(trace) as writer:
            for target in targets:
                if target in urls:
                    asked = sum(one.capture == trace for one in looked)
                    looked.append(_ask(options, urls[target], writer, (trace, asked)))
                else:
                    looked.append(_look(options, captures.pop(0), numbers.pop(0)))
        a, b = looked
        comparison = _held_together(a, b)
        _show(options, a, b, comparison, terminal, words)
        yield lambda: _compared(options, a, b, comparison.ends, folder / "both.pcapng")


def _held_together(a: _Looked, b: _Looked) -> Comparison:
    """Where both are one connection, with what differs between the two places."""
    if a.met is None or b.met is None or a.messages is None or not is_same(a.met, b.met):
        return Comparison(a.portrait, b.portrait)
    if a.capture.samefile(b.capture) and a.number == b.number:
        return Comparison(a.portrait, b.portrait)
    here, there = (Place(one.capture, one.number, met.endpoints) for one, met in ((a, a.met), (b, b.met)))
    ends = both_ends(here, there, a.messages, same_hello=a.met.random == b.met.random)
    return Comparison(with_ends(a.portrait, here, ends, "a"), with_ends(b.portrait, there, ends, "b"), ends)


def _compared(options: argparse.Namespace, a: _Looked, b: _Looked, ends: BothEnds | None, both: Path) -> Compared:
    """What the two are in, in one capture."""
    looking = looking_from_outside(options, hash_bodies=True)
    if options.insecure and is_url(a.name) and is_url(b.name):
        looking = replace(looking, store=None)
    if not options.without_keys:
        for capture in (a.capture, b.capture):
            looking.keys.receive(secrets(capture))
            looking.keys.finish()
    if a.capture.samefile(b.capture):
        pair = Pair(a.number, b.number, ends) if a.number != b.number else None
        name = a.short if a.short == b.short else f"{a.short}, {b.short}"
        return Compared(a.capture, looking, name, pair)
    merged = merge([(a.short, a.capture), (b.short, b.capture)], both)
    pair = Pair(merged.begins[0] + a.number, merged.begins[1] + b.number, ends)
    return Compared(both, looking, f"{a.short}, {b.short}", pair, merged.problems)


def _show(
    options: argparse.Namespace, a: _Looked, b: _Looked, comparison: Comparison, terminal: Terminal, words: Words
) -> None:
    meanings = meanings_of(comparison)
    if options.json:
        print(encode(comparison_line(comparison, (a.name, b.name), (a.told_number, b.told_number), meanings)))
        for difference in comparison.differences:
            print(encode(difference_line(difference)))
    else:
        same = a.capture.samefile(b.capture) and a.number == b.number
        names = [(one.name, one.told_number) for one in (a, b)]
        write_differences(terminal, words, comparison, meanings, names, with_itself=same)


_BOTH: tuple[Which, Which] = ("a", "b")


@value
class _Capture:
    """`path` is where it can be read again and again, `typed` what the user calls it."""

    path: Path
    typed: Path

    @cached_property
    def met(self) -> list[Met]:
        """Every conversation of it. Raises CaptureError."""
        try:
            with named_as_typed(self.path, self.typed):
                return meet(self.path)
        except NoCapture as error:
            if not self.typed.is_file():
                raise
            raise NoCapture(
                "{error}; of two targets each is a capture or a URL, and a file by itself crosses by several ways: "
                "transom compare {path}",
                error=error.sentence,
                path=shlex.quote(str(self.typed)),
            ) from error


def _choose(captures: Sequence[_Capture], wanted: Sequence[int | None]) -> list[int]:
    """The numbers: those that are wanted; else one connection that is in both; else the first that speaks TLS."""
    if len(captures) == 2 and None in wanted:
        a, b = captures
        these, those = (
            [met for met in one.met if number is None or met.number == number]
            for one, number in zip(captures, wanted, strict=True)
        )
        again = [] if a.path.samefile(b.path) else list(islice(met_again(_tls_first(these), those), 1))
        for one, other in again:
            return [one.number, other.number]
    return [
        _first_of_tls(capture) if number is None else number for capture, number in zip(captures, wanted, strict=True)
    ]


def _tls_first(these: Sequence[Met]) -> list[Met]:
    return sorted(these, key=lambda met: met.protocol != "tls")


def _look(options: argparse.Namespace, capture: _Capture, number: int) -> _Looked:
    """A conversation of a capture."""
    path, typed = capture.path, capture.typed
    if number >= len(capture.met):
        raise UsageError(
            "{path}: no conversation {number}: the capture has {count}, counted from 0",
            path=typed,
            number=number,
            count=len(capture.met),
        )
    with named_as_typed(path, typed):
        looking = looking_of(options, path)
        portraitist, messages = Portraitist(), Messages()

        def take(item: Item) -> None:
            portraitist.take(item)
            messages.take(item)

        facts = tell_one(path, looking, number, take)
        return _Looked(str(typed), typed.name, path, number, portraitist.portrait(facts), capture.met[number], messages)


def _first_of_tls(capture: _Capture) -> int:
    """The first conversation that speaks TLS, else the first."""
    if not capture.met:
        raise CaptureError("{path}: there is no TCP conversation in it", path=capture.typed)
    return _tls_first(capture.met)[0].number


def _ask(options: argparse.Namespace, url: Url, writer: TraceWriter, place: tuple[Path, int]) -> _Looked:
    """A conversation with the server of `url`, as far as it comes: that it fails is what we are here to see.

    `place` is the trace that is written, and its number in that.
    """
    store = trust_store(options.cacert)
    recording, logged = Recording(), list[str]()
    try:
        asyncio.run(_taste(options, url, None if options.insecure else store, recording, logged))
    except _Enough:
        pass
    except TransferError:
        if recording.is_empty:
            raise  # nobody was reached
    for line in logged:
        writer.secret(line.rstrip("\n"))
    recording.replay(writer.conversation())
    keys = KeyLog("" if options.without_keys else "".join(logged))
    portraitist = Portraitist()
    flow = Flow(0, portraitist.take, Looking(keys, store=store))
    recording.replay(flow)
    flow.finish()
    return _Looked(url.text, str(url.host), *place, portraitist.portrait(flow.facts))


async def _taste(
    options: argparse.Namespace, url: Url, store: TrustStore | None, recording: Recording, logged: list[str]
) -> None:
    offered = Offered(TLS12) if options.tls_max == "1.2" else Offered()
    way = road(offered, store, logged.append, lambda: recording)
    await exchange(url, "GET", NO_HEADERS, _Taster(), way)


class _Enough(TransomError):
    """All of the answer that is wanted is here."""


class _Taster:
    """A receiver that takes the answer, whatever its status, and not too much of it."""

    def __init__(self) -> None:
        self._taken = 0

    def head(self, response: Response, framing: Framing) -> None:
        """It has been seen on the wire."""

    def body(self, data: Buffer) -> None:
        self._taken += len(data)
        if self._taken > MOST_TAKEN:
            raise _Enough("more of the answer is not wanted")

    def end(self, trailer: Headers) -> None:
        """That was all."""
