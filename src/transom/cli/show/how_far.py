"""The end of an explained download that failed: how far it came, and where the time went until then."""

from __future__ import annotations

from transom.cli.show.closing import Stage, in_a_row, stage_times, write_rows
from transom.cli.show.explain import Way
from transom.cli.show.terminal import FAILS, Terminal
from transom.cli.words import Words
from transom.dissect.facts import Facts
from transom.dissect.session import Session
from transom.value import value
from transom.wire.address import as_address

_A_FILE = (200, 206)
"""The statuses of an answer with a file, or a part of one."""


@value
class NotReached:
    """The server was never reached: the host that was to be, and nanoseconds.

    `resolve` is what its name took, None for an address, and for a name that was not resolved; `total` is all of it.
    """

    host: str
    resolve: int | None
    total: int


def write_how_far(terminal: Terminal, words: Words, session: Session, facts: Facts, way: Way | NotReached) -> None:
    """Both rows. The mark stands behind the stage that it failed in."""
    within: Stage | None
    if isinstance(way, NotReached):
        far = words.say("how_far.not_reached")
        *stages, within = _not_reached(way)
    else:
        far, stages = _how_far(session, words), stage_times(session, facts, way, rest=None)
        within = _unfinished(session, facts, way)
    if within is not None:
        stages.append(within)
    failed = within is not None and not (session.body and session.body.complete)
    *before, last = in_a_row(stages, words)
    times = [*before, f"{last} {FAILS}" if failed else last]
    write_rows(terminal, ((words.say("closing.how_far"), far), (words.say("closing.time"), times)))


def _not_reached(way: NotReached) -> list[Stage]:
    """A name that does not resolve is never connected to; one that does, and an address, was not let in."""
    if way.resolve is not None:
        return [("closing.dns", way.resolve), ("closing.tcp", way.total - way.resolve)]
    return [("closing.tcp" if as_address(way.host) is not None else "closing.dns", way.total)]


def _how_far(session: Session, words: Words) -> str:
    if session.status is not None:
        return _answered(session, session.status, words)
    if session.request_at is not None:
        return words.say("how_far.asked")
    if session.done_at is not None:
        return words.say("how_far.handshake_done")
    return words.say("how_far.handshake" if session.hello_at is not None else "how_far.connected")


def _answered(session: Session, status: int, words: Words) -> str:
    body = session.body
    if body is None or status not in _A_FILE:
        return words.say("how_far.answered", status=status)
    came = words.count("http.bytes", body.length)
    if body.complete:
        return words.say("how_far.whole", status=status, bytes=came)
    if body.expected is None:
        return words.say("how_far.cut", status=status, bytes=came)
    return words.say(
        "how_far.cut_of", status=status, bytes=f"{body.length:,}", expected=words.count("http.bytes", body.expected)
    )


def _unfinished(session: Session, facts: Facts, way: Way) -> Stage | None:
    """The last stage, which something ended before its time; None where there is none, or where it cannot be known."""
    if session.status is not None and session.status not in _A_FILE:
        return None  # what comes after the head is no file
    connected = way.start + (way.resolve or 0) + (way.connect or 0)
    stages = (
        ("closing.file", session.response_at),
        ("closing.waiting", session.request_at),
        ("closing.own", session.done_at),
        ("closing.tls", session.hello_at),
        ("closing.own", connected),
    )
    key, start = next((key, start) for key, start in stages if start is not None)
    return (key, facts.end - start) if facts.end is not None else None
