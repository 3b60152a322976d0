"""The summary of a run: how the command ended, and each conversation in a few lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from transom.cli.read_row import chain_outcome, exchange_text
from transom.cli.run_advice import Advice
from transom.cli.show.closing import in_a_row, seen_on_the_path, stage_times, stages_of
from transom.cli.show.explain import Way
from transom.cli.show.figures import SECOND, exact_bytes, short_digest, transfer_time
from transom.cli.show.names import SEPARATOR, group_name
from transom.cli.show.terminal import FAILS, Ink, Inked, Part, Terminal
from transom.cli.words import Words
from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts
from transom.dissect.json_lines import Line
from transom.dissect.json_lines import seconds as in_seconds
from transom.dissect.session import Session
from transom.dissect.telling import NOT_REACHED
from transom.dissect.timeline import ApplicationData, Item, Message, Problem
from transom.errors import TransferError
from transom.run.child import Ended
from transom.run.kinds import Kind
from transom.run.outward import Asked, PastTunnel, Reached
from transom.run.programs import Program
from transom.run.ran import Ran
from transom.tls.iana.alerts import AlertLevel
from transom.wire.address import as_address
from transom.wire.escape import escape, escape_message
from transom.wire.tap import Side

MOST_EXCHANGES = 20
"""HTTP exchanges that are told of one conversation; --json tells all."""

MOST_PROBLEMS = 5

_INDENT = 3


@dataclass
class Told:
    """What the summary needs to know of a conversation, gathered while it runs."""

    reached: Reached | PastTunnel
    session: Session = field(default_factory=Session)
    facts: Facts | None = None
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    exchange_count: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])
    alert: Message | None = None
    went_on: bool = False
    """Whether the client sent data after the handshake: then it has accepted the server's chain."""
    _open: Exchanges = field(default_factory=Exchanges)

    @property
    def name(self) -> str:
        """The server as it was asked for, escaped."""
        return escape(self.reached.asked.authority)

    @property
    def way(self) -> Way | None:
        """How the server was reached, where we reached it."""
        reached = self.reached
        if isinstance(reached, PastTunnel):
            return None
        resolve = int(reached.resolve * SECOND)
        host = reached.asked.host if reached.proxy is None else reached.proxy.host
        return Way(
            reached.asked.host,
            reached.began - resolve,
            None if as_address(host) is not None else resolve,
            int(reached.connect * SECOND),
        )

    def times_line(self, facts: Facts) -> Line:
        """Who was asked for, and the seconds of each stage: what its `conversation` line of --json has besides."""
        stages = stages_of(self.session, facts, self.way)
        ended = facts.end if facts.end is not None else self.reached.began
        began = self.way.start if self.way is not None else self.reached.began
        times: Line = {name: in_seconds(spent) for name, spent in stages.items()}
        return {"asked": self.reached.asked.authority, "times": times | {"total": in_seconds(ended - began)}}

    def take(self, item: Item) -> None:
        """The next item."""
        self.session.see(item)
        match item:
            case Problem() if len(self.problems) < MOST_PROBLEMS and item.code != NOT_REACHED:
                self.problems.append(item)
            case Message(alert=(AlertLevel.fatal, _)):
                self.alert = self.alert or item
            case ApplicationData(side=Side.CLIENT):
                self.went_on = True
            case _:
                if exchange := self._open.receive(item):
                    self._keep(exchange)

    def end(self, facts: Facts) -> None:
        """Nothing more comes."""
        self.facts = facts
        for exchange in self._open.unfinished():
            self._keep(exchange)

    def _keep(self, exchange: Exchange) -> None:
        self.exchange_count += 1
        if len(self.exchanges) < MOST_EXCHANGES:
            self.exchanges.append(exchange)


def write_summary(
    terminal: Terminal,
    words: Words,
    command: str,
    ended: Ended,
    duration: float,
    told: Sequence[Told],
    failed: Sequence[tuple[Asked, TransferError]],
    unseen_sessions: int,
    *,
    captured: bool,
    opted: Collection[Kind],
    has_agent: bool,
    ran: Ran | None = None,
) -> None:
    """All of it. `command` is the word that was run, `duration` is in seconds; `captured` if there was no tunnel.

    `opted` are the kinds of programs that an option was given for, `has_agent` if Java's keys were to be logged by one;
    `ran` knows what programs there were.
    """
    advice = Advice(words, command, opted=opted, has_agent=has_agent)
    time = transfer_time(int(duration * SECOND), words)
    if ended.signal is None:
        how = words.say("run.exited", program=advice.program, code=ended.code, time=time)
    else:
        how = words.say("run.killed", program=advice.program, signal=_signal_name(ended.signal), time=time)
    terminal.paragraph(f"transom run: {how} {words.count('run.conversations', len(told))}", 0)
    for asked, error in failed:
        text = f"{FAILS} {escape(asked.authority)}: {escape_message(words.tell(error))}"
        terminal.entry(Inked(text, Ink.PROBLEM), 0)
    for number, conversation in enumerate(told):
        if conversation.facts is not None:
            _Conversation(terminal, words, advice).write(number, conversation, conversation.facts)
    went_past = unseen_sessions > 0
    if not told and not failed and not went_past:
        nothing = "run.nothing_captured" if captured else "run.nothing"
        terminal.paragraph(words.say(nothing, program=advice.program), _INDENT)
    if went_past:
        terminal.paragraph(words.count("run.uncaught" if captured else "run.unseen", unseen_sessions), _INDENT)
    if not captured and (went_past or not (told or failed)):
        for helps in advice.on_the_way(_went_past(told, ran)):
            terminal.paragraph(helps, _INDENT)


def _went_past(told: Sequence[Told], ran: Ran | None) -> list[Program]:
    """Who may have: of all that are none of those that came through, who logged keys, if anybody did."""
    if ran is None:
        return []
    came = {each.reached.program for each in told if isinstance(each.reached, Reached)}
    with_keys = [program for program in ran.with_keys if program not in came]
    return with_keys or [program for program in ran.programs if program not in came]


class _Conversation:
    """Writes one conversation."""

    def __init__(self, terminal: Terminal, words: Words, advice: Advice) -> None:
        self._terminal = terminal
        self._words = words
        self._advice = advice

    def write(self, number: int, told: Told, facts: Facts) -> None:
        """Its lines: who, TLS, what was asked, what was in the way, bytes and times."""
        ends = facts.endpoints
        to = f" → {ends.server}" if ends and str(ends.server) != told.name else ""
        through = self._through(told.reached)
        self._terminal.entry(f"{told.name}{to}{f' ({through})' if through else ''}", _INDENT, f"{number} ")
        self._tls(told, facts)
        if told.went_on and facts.tls is not None and facts.tls.verdict and facts.tls.verdict.finding:
            self._paragraph(self._words.say("run.accepted"))
        for exchange in told.exchanges:
            self._paragraph(self._exchange(exchange))
        if told.exchange_count > len(told.exchanges):
            self._paragraph(self._words.say("read.more", count=f"{told.exchange_count - len(told.exchanges):,}"))
        self._trouble(told)
        self._measures(told, facts)
        self._shut(told, facts)

    def _through(self, reached: Reached | PastTunnel) -> str:
        if isinstance(reached, PastTunnel):
            return self._words.say("run.from_within") if reached.told_by == "taps" else ""
        return self._words.say("run.through", proxy=escape(reached.proxy.host)) if reached.proxy else ""

    def _tls(self, told: Told, facts: Facts) -> None:
        tls = facts.tls
        if facts.not_reached is not None:
            self._problem(self._words.say(f"not_reached.{facts.not_reached}"))
            return
        if tls is None:
            text = f"{facts.protocol}{SEPARATOR}{self._words.say('state.open')}"
            self._terminal.entry(Inked(text, Ink.OPEN), _INDENT)
            return
        group = group_name(told.session.group) if told.session.group is not None else tls.group
        parts = [tls.version or facts.protocol, tls.cipher_suite, group, tls.alpn]
        if tls.sni and tls.sni != told.reached.asked.host:
            parts.append(f"SNI {escape(tls.sni)}")
        text = SEPARATOR.join(escape(part) for part in parts if part)
        line: list[Part] = [Inked(text, Ink.SEALED)]
        if tls.verdict and (judged := chain_outcome(tls.verdict, self._words)):
            failing = FAILS in judged
            line += [SEPARATOR, Inked(judged, Ink.PROBLEM) if failing else judged]
        if tls.resumed:
            line += [SEPARATOR, self._words.say("run.resumed")]
        self._terminal.entry(line, _INDENT)

    def _exchange(self, exchange: Exchange) -> str:
        parts = [exchange_text(exchange)]
        body = exchange.response_body
        if body is not None:
            parts.append(exact_bytes(body.length))
            if not body.complete:
                parts.append(self._words.say("run.cut"))
            elif body.sha256:
                parts.append(f"SHA-256 {short_digest(body.sha256)}")
        return SEPARATOR.join(parts)

    def _trouble(self, told: Told) -> None:
        if told.alert and told.alert.alert:
            description = told.alert.alert[1]
            said = f"read.alert.{told.alert.side.value}"
            self._problem(self._words.say(said, name=description.name, code=int(description)))
        for problem in told.problems:
            where, what = self._words.tell(problem.where), self._words.tell(problem.what)
            self._problem(f"{escape(problem.code)}, {escape_message(where)}: {escape_message(what)}")

    def _measures(self, told: Told, facts: Facts) -> None:
        size = f"→ {exact_bytes(facts.wire_bytes[Side.CLIENT])}  ← {exact_bytes(facts.wire_bytes[Side.SERVER])}"
        times = stage_times(told.session, facts, told.way, "run.rest")
        self._paragraph(size)
        if times:
            self._terminal.row(in_a_row(times, self._words), _INDENT)

    def _shut(self, told: Told, facts: Facts) -> None:
        """Where no keys came: what the path saw, and why that is all."""
        tls = facts.tls
        if tls is None or tls.decrypted == "full" or tls.why_not is None:
            return
        self._paragraph(f"{self._words.say('closing.seen')}: {seen_on_the_path(told.session, facts, self._words)}")
        if tls.why_not == "no-keys":
            self._paragraph(self._advice.on_keys(told.reached.program))
        else:
            self._paragraph(self._words.say(f"why_not.{tls.why_not}"))

    def _paragraph(self, text: str) -> None:
        self._terminal.paragraph(text, _INDENT)

    def _problem(self, text: str) -> None:
        self._terminal.entry(Inked(f"{FAILS} {text}", Ink.PROBLEM), _INDENT)


def _signal_name(number: int) -> str:
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time one
        return str(number)
