"""`compare` of two conversations: each looked at in a capture, or held with a server now, and where they part."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from transom.capture.merge import merge
from transom.capture.reader import secrets
from transom.capture.source import spooled
from transom.capture.write import TraceWriter
from transom.cli.channels import trust_store
from transom.cli.compare import Which, is_url
from transom.cli.compare_page import Compared
from transom.cli.compare_page import Comparison as ForPage
from transom.cli.crossings import TLS12, Offered, road
from transom.cli.options.looking import looking_from_outside, looking_of, named_as_typed
from transom.cli.show.differences import write_differences
from transom.cli.show.terminal import Terminal
from transom.cli.traces import open_trace
from transom.cli.words import Words
from transom.dissect.captured import observe_capture
from transom.dissect.compare_lines import comparison_line, difference_line
from transom.dissect.differences import Comparison
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.json_lines import encode
from transom.dissect.meaning import meanings_of
from transom.dissect.one import tell_one
from transom.dissect.portrait import Portrait, Portraitist
from transom.dissect.recording import Recording
from transom.dissect.telling import Looking
from transom.errors import CaptureError, TransferError, TransomError
from transom.http.framing import Framing
from transom.http.messages import NO_HEADERS, Response
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

    @property
    def told_number(self) -> int | None:
        """None of a server that was asked: there is nothing that it is counted in."""
        return None if is_url(self.name) else self.number


@contextmanager
def compare_pair(
    options: argparse.Namespace, targets: Sequence[str], chosen: dict[Which, int], terminal: Terminal, words: Words
) -> Generator[ForPage]:
    """Look at both and show it. Raises CaptureError, UsageError, and TransferError for a server that is not reached."""
    urls = {target: parse_url(target) for target in targets if is_url(target)}  # before a trace takes a file's place
    with ExitStack() as open_files:
        folder = Path(open_files.enter_context(tempfile.TemporaryDirectory(prefix="transom-compare-")))
        trace = options.trace or folder / "trace.pcapng"
        looked: list[_Looked] = []
        with open_trace(trace) as writer:
            for target, which in zip(targets, _BOTH, strict=True):
                if target in urls:
                    asked = sum(one.capture == trace for one in looked)
                    looked.append(_ask(options, urls[target], writer, (trace, asked)))
                else:
                    path = open_files.enter_context(spooled(Path(target)))
                    looked.append(_look(options, path, Path(target), chosen.get(which)))
        a, b = looked
        _show(options, a, b, terminal, words)
        yield lambda: _compared(options, a, b, folder / "both.pcapng")


def _compared(options: argparse.Namespace, a: _Looked, b: _Looked, both: Path) -> Compared:
    """What the two are in, in one capture."""
    looking = looking_from_outside(options, hash_bodies=True)
    if options.insecure and is_url(a.name) and is_url(b.name):
        looking = replace(looking, store=None)
    if not options.without_keys:
        for capture in (a.capture, b.capture):
            looking.keys.receive(secrets(capture))
            looking.keys.finish()
    if a.capture.samefile(b.capture):
        pair = Pair(a.number, b.number) if a.number != b.number else None
        name = a.short if a.short == b.short else f"{a.short}, {b.short}"
        return Compared(a.capture, looking, name, pair)
    merged = merge([(a.short, a.capture), (b.short, b.capture)], both)
    pair = Pair(*(begin + one.number for begin, one in zip(merged.begins, (a, b), strict=True)))
    return Compared(both, looking, f"{a.short}, {b.short}", pair, merged.problems)


def _show(options: argparse.Namespace, a: _Looked, b: _Looked, terminal: Terminal, words: Words) -> None:
    comparison = Comparison(a.portrait, b.portrait)
    meanings = meanings_of(comparison)
    if options.json:
        print(encode(comparison_line(comparison, (a.name, b.name), (a.told_number, b.told_number), meanings)))
        for difference in comparison.differences:
            print(encode(difference_line(difference)))
    else:
        write_differences(terminal, words, comparison, meanings, [(one.name, one.told_number) for one in (a, b)])


_BOTH: tuple[Which, Which] = ("a", "b")


def _look(options: argparse.Namespace, path: Path, typed: Path, number: int | None) -> _Looked:
    """A conversation of a capture."""
    with named_as_typed(path, typed):
        looking = looking_of(options, path)
        if number is None:
            number = _first_of_tls(path, typed)
        portraitist = Portraitist()
        facts = tell_one(path, looking, number, portraitist.take)
        return _Looked(str(typed), typed.name, path, number, portraitist.portrait(facts))


def _first_of_tls(path: Path, typed: Path) -> int:
    """The first conversation that speaks TLS, else the first."""
    spoken: dict[int, str] = {}

    def over(facts: Facts) -> None:
        spoken[facts.number] = facts.protocol

    observe_capture(path, Looking(), lambda _: lambda _item: None, over)
    if not spoken:
        raise CaptureError(f"{typed}: there is no TCP conversation in it")
    return min((number for number, protocol in spoken.items() if protocol == "tls"), default=min(spoken))


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

    def end(self) -> None:
        """That was all."""
