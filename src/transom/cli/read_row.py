"""One conversation as the cells of a row: who, what was spoken, how much, who can read it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from transom.cli.show.figures import exact_bytes
from transom.cli.show.layout import cut
from transom.cli.show.terminal import Ink, Inked, Part
from transom.cli.words import Words
from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts
from transom.dissect.telling import NOT_REACHED
from transom.dissect.timeline import Item, Message, Problem
from transom.tls.iana.alerts import AlertLevel
from transom.trust.verdict import Verdict
from transom.wire.escape import escape
from transom.wire.tap import Side

MOST_PROBLEMS = 20
"""Problems that are kept of a conversation; --json has all."""

_LONGEST_TEXT = 48
_TOLD_OTHERWISE = ("lost-bytes",)
"""Problems that a row has words of its own for."""


@dataclass
class Row:
    """What a row is made of, gathered while the conversation is told."""

    first: Exchange | None = None
    exchanges: int = 0
    whole: int = 0
    alert: Message | None = None
    problems: list[Problem] = field(default_factory=list[Problem])
    odd: int = 0
    open: Exchanges = field(default_factory=Exchanges)

    def take(self, item: Item) -> None:
        match item:
            case Problem():
                self._odd(item)
            case Message(alert=(AlertLevel.fatal, _)):
                self.alert = self.alert or item
            case _:
                if exchange := self.open.receive(item):
                    self._count(exchange)

    def end(self) -> None:
        """Nothing more is told."""
        for exchange in self.open.unfinished():
            self._count(exchange)

    def _odd(self, problem: Problem) -> None:
        if problem.code == NOT_REACHED:  # the row's own words are all there is to tell of it
            return
        self.odd += problem.code not in _TOLD_OTHERWISE
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def _count(self, exchange: Exchange) -> None:
        self.first = self.first or exchange
        self.exchanges += 1
        self.whole += exchange.complete


SUITE = 4
"""The cell that goes first where there is no room: the longest, and the one that says least about what went wrong."""


def cells(facts: Facts, row: Row, words: Words) -> list[Part]:
    """The number first; an empty text where there is nothing to say."""
    ends = facts.endpoints
    tls = facts.tls
    return [
        str(facts.number),
        f"{ends.client} → {ends.server}" if ends else "",
        facts.protocol,
        (tls.version if tls else None) or "",
        (tls.cipher_suite if tls else None) or "",
        cut(escape(tls.sni), _LONGEST_TEXT) if tls and tls.sni else "",
        f"→ {exact_bytes(facts.wire_bytes[Side.CLIENT])}",
        f"← {exact_bytes(facts.wire_bytes[Side.SERVER])}",
        _readable(facts, words),
        Inked(", ".join(_trouble(facts, row, words)), Ink.PROBLEM),
        ", ".join(_found(facts, row, words)),
    ]


def _readable(facts: Facts, words: Words) -> Part:
    """Who can read it, in the colour that says so everywhere."""
    tls = facts.tls
    if facts.not_reached is not None:
        return ""
    if tls is None or (tls.decrypted == "no" and tls.why_not is None):
        return Inked(words.say("state.open"), Ink.OPEN)
    said = words.say(f"read.{tls.decrypted}")
    reason = f" ({words.say(f'why_not.{tls.why_not}')})" if tls.why_not else ""
    return Inked(said + reason, Ink.SEALED)


def _trouble(facts: Facts, row: Row, words: Words) -> Iterator[str]:
    """That there was no connection; what is missing, who gave up and why, and how much else is odd."""
    if facts.not_reached is not None:
        yield words.say(f"not_reached.{facts.not_reached}")
    if facts.missing_bytes:
        yield words.count("read.missing", facts.missing_bytes)
    if row.alert and row.alert.alert:
        description = row.alert.alert[1]
        said = f"read.alert.{row.alert.side.value}"
        yield words.say(said, name=description.name, code=int(description))
    if row.odd:
        yield words.count("read.odd", row.odd)


def _found(facts: Facts, row: Row, words: Words) -> Iterator[str]:
    """The chain's verdict, and what was asked for."""
    if facts.tls and facts.tls.verdict and (judged := chain_outcome(facts.tls.verdict, words)):
        yield judged
    if row.first is not None:
        yield exchange_text(row.first)
    if row.exchanges > 1:
        yield words.say("read.more", count=f"{row.exchanges - 1:,}")
    if row.whole < row.exchanges:
        yield words.say("read.not_whole", count=f"{row.exchanges - row.whole:,}")


def chain_outcome(verdict: Verdict, words: Words) -> str | None:
    """A chain that only ends at a stranger is in order in itself, and its own words say so."""
    finding = verdict.finding
    if finding is None:
        return words.say("read.trusted") if verdict.trusted_by else None
    if finding.code == "unknown_ca":
        return words.say("read.ca_unknown")
    parts = {name: cut(escape(text), _LONGEST_TEXT) for name, text in finding.parts.items()}
    if finding.code == "missing_issuer":
        return words.say("read.issuer_unknown", **parts)
    return words.say("read.chain", outcome=words.say(f"problem.{finding.code}", **parts))


def exchange_text(exchange: Exchange) -> str:
    method = exchange.request.method if exchange.request else "?"
    status = exchange.response.status if exchange.response else "?"
    return f"{escape(method)} {cut(escape(exchange.path or '?'), _LONGEST_TEXT)} {status}"
