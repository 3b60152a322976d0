"""`compare` of two conversations: each looked at in a capture, or held with a server now, and where they part."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from transom.capture.source import spooled
from transom.capture.write import TraceWriter
from transom.cli.channels import trust_store
from transom.cli.compare import Which, is_url
from transom.cli.crossings import TLS12, Offered, road
from transom.cli.options.looking import looking_of, named_as_typed
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
from transom.wire.tap import Buffer

MOST_TAKEN = 2**20
"""Bytes of an answer: it is the handshake that is looked at."""


@value
class _Looked:
    """One of the two: its name, and the number of the conversation in a capture."""

    name: str
    number: int | None
    portrait: Portrait


def compare_pair(
    options: argparse.Namespace, targets: Sequence[str], chosen: dict[Which, int], terminal: Terminal, words: Words
) -> None:
    """Look at both and show it. Raises CaptureError, UsageError, and TransferError for a server that is not reached."""
    urls = {target: parse_url(target) for target in targets if is_url(target)}  # before a trace takes a file's place
    with open_trace(options.trace) if options.trace else nullcontext() as writer:
        looked = [
            _ask(options, urls[target], writer) if target in urls else _look(options, Path(target), chosen.get(which))
            for target, which in zip(targets, _BOTH, strict=True)
        ]
    a, b = looked
    comparison = Comparison(a.portrait, b.portrait)
    meanings = meanings_of(comparison)
    if options.json:
        print(encode(comparison_line(comparison, (a.name, b.name), (a.number, b.number), meanings)))
        for difference in comparison.differences:
            print(encode(difference_line(difference)))
    else:
        write_differences(terminal, words, comparison, meanings, [(one.name, one.number) for one in looked])


_BOTH: tuple[Which, Which] = ("a", "b")


def _look(options: argparse.Namespace, typed: Path, number: int | None) -> _Looked:
    """A conversation of a capture."""
    with spooled(typed) as path, named_as_typed(path, typed):
        looking = looking_of(options, path)
        if number is None:
            number = _first_of_tls(path, typed)
        portraitist = Portraitist()
        facts = tell_one(path, looking, number, portraitist.take)
        return _Looked(str(typed), number, portraitist.portrait(facts))


def _first_of_tls(path: Path, typed: Path) -> int:
    """The first conversation that speaks TLS, else the first."""
    spoken: dict[int, str] = {}

    def over(facts: Facts) -> None:
        spoken[facts.number] = facts.protocol

    observe_capture(path, Looking(), lambda _: lambda _item: None, over)
    if not spoken:
        raise CaptureError(f"{typed}: there is no TCP conversation in it")
    return min((number for number, protocol in spoken.items() if protocol == "tls"), default=min(spoken))


def _ask(options: argparse.Namespace, url: Url, writer: TraceWriter | None) -> _Looked:
    """A conversation with the server of `url`, as far as it comes: that it fails is what we are here to see."""
    store = trust_store(options.cacert)
    recording, secrets = Recording(), list[str]()
    try:
        asyncio.run(_taste(options, url, None if options.insecure else store, recording, secrets))
    except _Enough:
        pass
    except TransferError:
        if recording.is_empty:
            raise  # nobody was reached
    if writer is not None:
        for line in secrets:
            writer.secret(line.rstrip("\n"))
        recording.replay(writer.conversation())
    keys = KeyLog("" if options.without_keys else "".join(secrets))
    portraitist = Portraitist()
    flow = Flow(0, portraitist.take, Looking(keys, store=store))
    recording.replay(flow)
    flow.finish()
    return _Looked(url.text, None, portraitist.portrait(flow.facts))


async def _taste(
    options: argparse.Namespace, url: Url, store: TrustStore | None, recording: Recording, secrets: list[str]
) -> None:
    offered = Offered(TLS12) if options.tls_max == "1.2" else Offered()
    way = road(offered, store, secrets.append, lambda: recording)
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
