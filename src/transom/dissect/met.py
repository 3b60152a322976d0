"""What a conversation is known again by, in another capture: the same connection, captured at another place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from transom.capture.conversation import Conversation
from transom.dissect.captured import observe_capture
from transom.dissect.facts import Facts
from transom.dissect.telling import Looking
from transom.value import value
from transom.wire.tap import Endpoints

_CLOCKS_DIFFER = 300 * 10**9
"""Nanoseconds: what two machines' clocks are taken to be apart at most."""


@value
class Met:
    """One conversation of a capture.

    `random` is that of the ClientHello. `starts` are the numbers of both sides' first bytes, where both were captured
    and drawn by a TCP: a trace of ours has none of its own. Times are nanoseconds since the epoch.
    """

    number: int
    protocol: str
    endpoints: Endpoints
    random: bytes | None
    starts: tuple[int, int] | None
    start: int
    end: int


def meet(path: Path) -> list[Met]:
    """All of a capture, in one pass without keys. Raises CaptureError."""
    spoken: dict[int, tuple[str, Endpoints | None, bytes | None]] = {}

    def over(facts: Facts) -> None:
        hello = facts.tls.client_hello if facts.tls else None
        spoken[facts.number] = facts.protocol, facts.endpoints, hello.random if hello else None

    summary = observe_capture(path, Looking(), lambda _: lambda _item: None, over)
    return [_met(conversation, *spoken[conversation.number]) for conversation in summary.conversations]


def _met(conversation: Conversation, protocol: str, ends: Endpoints | None, random: bytes | None) -> Met:
    return Met(
        conversation.number,
        protocol,
        ends or conversation.endpoints,
        random,
        conversation.starts if _is_drawn(conversation.starts) else None,
        conversation.start,
        conversation.end,
    )


def _is_drawn(starts: tuple[int, int] | None) -> bool:
    """What `capture.write` makes up has the two half of all numbers apart."""
    return starts is not None and (starts[1] - starts[0]) % 2**32 != 2**31


def is_same(a: Met, b: Met) -> bool:
    """Whether both are one connection.

    It is by the client's random; without one, by the numbers that both TCPs drew, or by addresses, ports and time.
    With another random it still is one that somebody in between answers, where addresses, ports and time are the same.
    """
    if a.random is not None and a.random == b.random:
        return True
    if a.starts is not None and a.starts == b.starts:
        return True
    in_time = a.start <= b.end + _CLOCKS_DIFFER and b.start <= a.end + _CLOCKS_DIFFER
    alike = a.endpoints == b.endpoints and in_time
    if a.random is None and b.random is None:
        return alike
    return alike and a.starts is not None and b.starts is not None


def met_again(these: Iterable[Met], those: Iterable[Met]) -> Iterator[tuple[Met, Met]]:
    """Each of `these` that is one of `those`, with the first that it is."""
    known: dict[object, Met] = {}
    for met in those:
        for key in _keys(met):
            known.setdefault(key, met)
    for met in these:
        candidates = (known[key] for key in _keys(met) if key in known)
        if other := next((other for other in candidates if is_same(met, other)), None):
            yield met, other


def _keys(met: Met) -> Iterator[object]:
    if met.random is not None:
        yield met.random
    if met.starts is not None:
        yield met.starts
    yield met.endpoints
