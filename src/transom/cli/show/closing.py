"""The end of an explained download: the file, where the time went, what the path could see, how to keep it all."""

from __future__ import annotations

from collections.abc import Sequence

from transom.cli.show import names
from transom.cli.show.explain import Way
from transom.cli.show.figures import SECOND, about_bytes, duration, milliseconds
from transom.cli.show.layout import pad, width
from transom.cli.show.saved import Saved, write_saved
from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.dissect.facts import Facts
from transom.dissect.session import Session
from transom.wire.escape import escape
from transom.wire.tap import Side

Stage = tuple[str, int]
"""The key of its name, and the nanoseconds that it took."""

_BELOW = 2
_WIDEST_STAGE = 22
"""Columns, of `▏waiting 59 min 33 s ✗`."""


def write_closing(
    terminal: Terminal, words: Words, session: Session, facts: Facts, *, saved: Saved, way: Way | None = None
) -> None:
    """The closing blocks of a transfer that went well."""
    write_saved(terminal, words, saved)
    write_rows(terminal, (
        (words.say("closing.time"), in_a_row(stage_times(session, facts, way), words)),
        (words.say("closing.seen"), seen_on_the_path(session, facts, words)),
        (words.say("closing.keep"), f"--trace FILE.pcapng      {words.say('closing.fields')}   --tree"),
    ))  # fmt: skip


def write_rows(terminal: Terminal, rows: Sequence[tuple[str, str | Sequence[str]]]) -> None:
    """A block of labels, and what is said under each: a sentence, or pieces that stay in one.

    It stands beside its label where there is room for the widest of stages.
    """
    terminal.line()
    column = max(width(label) for label, _ in rows) + 3
    beside = terminal.columns - column >= _WIDEST_STAGE
    for label, text in rows:
        if not beside:
            terminal.line(label)
        indent, first = (column, pad(label, column)) if beside else (_BELOW, "")
        if isinstance(text, str):
            terminal.paragraph(text, indent, first)
        else:
            terminal.row(text, indent, first)


def in_a_row(stages: Sequence[Stage], words: Words) -> list[str]:
    """`DNS 3.0`, `▏TCP 12.0 ms`; where one took a second or more, each has its own unit."""
    *before, (last, time) = stages
    if any(spent >= SECOND for _, spent in stages):
        told = [words.say(key, time=duration(spent, words)) for key, spent in before]
    else:
        told = [words.say(key, time=milliseconds(spent)) for key, spent in before]
    first, *others = [*told, words.say(last, time=duration(time, words))]
    return [first, *(f"▏{stage}" for stage in others)]


def stage_times(session: Session, facts: Facts, way: Way | None, rest: str | None = "closing.file") -> list[Stage]:
    """Each stage that was seen from its beginning to its end; `rest` is the key for what follows the first answer."""
    stages = (
        ("closing.dns", way.resolve if way else None),
        ("closing.tcp", way.connect if way else None),
        ("closing.own", own_time(session, way)),
        ("closing.tls", _between(session.hello_at, session.done_at)),
        ("closing.waiting", _between(session.request_at, session.response_at)),
        (rest, _between(session.response_at, facts.end)),
    )
    return [(key, spent) for key, spent in stages if key and spent is not None]


def stages_of(session: Session, facts: Facts, way: Way | None) -> dict[str, int | None]:
    """Nanoseconds of the stages as --json names them; None for what was not seen, or did not happen."""
    return {
        "resolve": way.resolve if way else None,
        "connect": way.connect if way else None,
        "handshake": _between(session.hello_at, session.done_at) if facts.tls else None,
        "first_byte": _between(session.request_at, session.response_at),
    }


def own_time(session: Session, way: Way | None) -> int | None:
    """What this machine took between TCP and its first word."""
    if way is None or way.connect is None:
        return None
    reached = way.start + (way.resolve or 0) + way.connect
    return _between(reached, session.hello_at or session.request_at)


def _between(start: int | None, end: int | None) -> int | None:
    return end - start if start is not None and end is not None else None


def seen_on_the_path(session: Session, facts: Facts, words: Words) -> str:
    """What somebody on the path holds who was given no keys: the observer's own list, not a guess."""
    if session.server_hello is None:
        return words.say("closing.whole_file")
    largest = max(facts.wire_bytes[side] for side in Side)
    parts = [words.say("closing.size_and_when", bytes=about_bytes(largest))]
    if facts.tls and facts.tls.sni:
        parts.insert(0, escape(facts.tls.sni))
    if not session.is_tls13:
        parts.append(words.say("closing.server_certificate"))
        if session.client_chain:
            parts.append(words.say("closing.client_certificate"))
    if session.client_hello and (protocols := names.offered_alpn(session.client_hello)):
        parts.append(f"ALPN {protocols}")
    if facts.tls and facts.tls.ja4:
        parts.append(f"JA4 {facts.tls.ja4}")
    return ", ".join(parts)
