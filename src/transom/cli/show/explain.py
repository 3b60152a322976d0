"""A transfer told line by line while it happens: each message, what it is for, what it gave away and what it proved.

A listener of the timeline: a live transfer and a capture are told in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from transom.cli.show import names
from transom.cli.show.chain import write_chain
from transom.cli.show.figures import SECOND, about_bytes, duration, milliseconds, surplus
from transom.cli.show.hello_facts import hello_facts
from transom.cli.show.http_lines import body_line, request_line, response_line
from transom.cli.show.layout import cut, pad, width
from transom.cli.show.message_row import message_row, message_size, state
from transom.cli.show.notes import handshake_took, note
from transom.cli.show.sentences import Acceptance, full_sentence, short_sentence
from transom.cli.show.signed_hashes import write_signed_hashes
from transom.cli.show.terminal import FAILS, Ink, Inked, Part, Terminal, part_width
from transom.cli.words import Words
from transom.dissect.field_tree import field_tree
from transom.dissect.session import Session
from transom.dissect.telling import NOT_REACHED
from transom.dissect.timeline import (
    ApplicationData,
    ChainJudged,
    Closed,
    HttpBody,
    HttpRequest,
    HttpResponse,
    Item,
    Message,
    Opened,
    Problem,
    SealedFromHere,
)
from transom.tls.iana.handshake_types import HandshakeType
from transom.value import value
from transom.wire.escape import escape, escape_message
from transom.wire.tap import Side

INDENT = 13
"""Where what belongs to a message begins."""

_TIME = 8
_ABREAST = 60
"""Columns from which on what is said of a step that is not there stands beside its name, not beneath."""
_LABEL = 9


@value
class Way:
    """How the server was reached, before a byte crossed: the name asked for, and nanoseconds.

    `start` is the moment of the command, since the epoch; None for what did not happen (no name to resolve). With a
    `proxy` it is that which was resolved and connected to.
    """

    host: str
    start: int
    resolve: int | None = None
    connect: int | None = None
    proxy: str | None = None


class Explainer:
    """Tells a conversation to a terminal. `tree` adds every field, and the sentences in full.

    `before` tells step 0 ahead of the first hello; who knows only afterwards whether a certificate came leaves it out.
    `acceptance` is how the client of a live transfer judges its server; whether any other did is not on the wire.
    """

    def __init__(
        self,
        terminal: Terminal,
        words: Words,
        *,
        way: Way | None = None,
        tree: bool = False,
        before: bool = True,
        acceptance: Acceptance = "chain",
    ) -> None:
        self.session = Session()
        self._terminal = terminal
        self._words = words
        self._way = way
        self._tree = tree
        self._before = before
        self._acceptance: Acceptance = acceptance
        self._start = way.start if way else None
        self._rule_drawn = False
        self._data_told = False
        self._hello_told = False
        self._http2_told = False
        self._has_set_out = self._is_another = False

    def set_out(self, way: Way) -> None:
        """How the server was reached; told before the first item of each conversation."""
        self._is_another = self._has_set_out
        self._has_set_out = True
        self.session = Session()
        self._rule_drawn = self._data_told = self._hello_told = self._http2_told = False
        self._way = way
        self._start = way.start

    def __call__(self, item: Item) -> None:
        """The next item."""
        if self._start is None:
            self._start = item.moment.time
        self.session.see(item)
        match item:
            case Opened():
                self._opened(item)
            case Message():
                self._message(item)
            case ChainJudged():
                self._chain(item)
            case SealedFromHere():
                self._rule(item)
            case ApplicationData():
                self._application_data(item)
            case HttpRequest():
                self._http(item, Side.CLIENT, request_line(item))
            case HttpResponse():
                self._http(item, Side.SERVER, response_line(item, self._words))
            case HttpBody() if not item.complete:
                self._terminal.paragraph(body_line(item, self._words), INDENT)
            case Problem() if item.code != NOT_REACHED:
                self._problem(item)
            case Closed() if item.how in ("refused", "unanswered"):
                self._not_reached(item)
            case _:
                pass

    def _opened(self, item: Opened) -> None:
        server = item.endpoints.server
        if self._way is None:
            self._timed(item.moment.time, f"{item.endpoints.client} → {server}")
            return
        resolved = connected = ""
        if self._way.resolve is not None:
            resolved = f" ({self._words.say('way.resolved', time=duration(self._way.resolve, self._words))})"
        if self._way.connect is not None:
            time = duration(self._way.connect, self._words)
            connected = f", {self._words.say('way.connected', port=server.port, time=time)}"
        host = escape(self._way.host)
        if self._way.proxy is not None:
            host = self._words.say("way.through", host=host, proxy=escape(self._way.proxy))
        if self._is_another:
            self._terminal.line()
        self._timed(self._way.start, f"{host} → {server.address}{resolved}{connected}")

    def _message(self, message: Message) -> None:
        if message.type is HandshakeType.client_hello and not self._hello_told:
            self._hello_told = True
            if self._tree and self._before:
                write_step_zero(self._terminal, self._words)
        self._absent_before(message)
        size = message_size(message.length, is_handshake=message.frame is not None)
        row = message_row(message.step, message.side, message.name, size, sealed=message.sealed, words=self._words)
        self._timed(message.moment.time, *row)
        sentence = full_sentence if self._tree else short_sentence
        if text := sentence(message, self.session, self._words, self._acceptance):
            self._terminal.paragraph(text, INDENT)
        facts = list(hello_facts(message, self.session, self._words, in_full=self._tree))
        for label, text in facts:
            self._terminal.paragraph(text, INDENT + _LABEL, " " * INDENT + pad(label, _LABEL))
        # The rule under a ChangeCipherSpec of TLS 1.2 says what its note would.
        ruled = message.name == "ChangeCipherSpec" and not self.session.is_tls13
        if not facts and not ruled and (text := note(message, self.session, self._words)):
            self._noted(text)
        if text := handshake_took(message, self.session, self._words):
            self._terminal.paragraph(text, INDENT)
        if message.error:
            self._noted(f"{FAILS} {escape(str(message.error))}")
        if self._tree:
            for line in field_tree(message, self.session.version):
                indent = INDENT + 2 * line.depth
                if self._terminal.screen:  # a deep field has room too
                    indent = min(indent, self._terminal.columns // 2)
                self._terminal.entry(line.text, indent)

    def _noted(self, text: str) -> None:
        failed = text.startswith(FAILS) or text.endswith(FAILS)
        if failed:
            self._terminal.entry(Inked(text, Ink.PROBLEM), INDENT)
        else:
            self._terminal.paragraph(text, INDENT)

    def _absent_before(self, message: Message) -> None:
        """Steps of the nine that this handshake does not have are named where they would stand."""
        absent: Iterable[tuple[int, str, str]] = ()
        if message.side is Side.SERVER and not self.session.is_resumed:
            if message.type is HandshakeType.finished and self.session.is_tls13:
                absent = (
                    (5, "ServerHelloDone", "absent.server_hello_done_13"),
                    (6, "ClientKeyExchange", "absent.client_key_exchange_13"),
                )
            elif message.type is HandshakeType.server_hello_done and self.session.is_static_rsa:
                absent = ((4, "ServerKeyExchange", "absent.server_key_exchange_rsa"),)
        for step, name, key in absent:
            row = f"{'':{_TIME}}  {step}  {name}"
            if self._terminal.columns < _ABREAST:
                self._terminal.line(row)
                self._terminal.paragraph(self._words.say(key), INDENT)
            else:
                self._terminal.paragraph(self._words.say(key), INDENT + 19, row)

    def _chain(self, item: ChainJudged) -> None:
        now = datetime.fromtimestamp(item.moment.time // SECOND, UTC)
        write_chain(self._terminal, item.verdict, now, self._words, INDENT)
        if self._tree:
            write_signed_hashes(self._terminal, item.verdict, self._words, INDENT)
        last = item.verdict.steps[-1] if item.verdict.steps else None
        if self._tree and last and last.sent and last.subject == last.issuer:
            self._noted(self._words.say("chain.root_sent"))
        if not last and item.verdict.finding:
            self._noted(f"{FAILS} {escape(self._words.tell(item.verdict.finding.sentence))}")

    def _rule(self, item: SealedFromHere) -> None:
        """In TLS 1.3 both directions are sealed by the same message, in TLS 1.2 each by its own ChangeCipherSpec."""
        if self.session.is_tls13:
            if self._rule_drawn:
                return
            text = self._words.say("rule.both")
        else:
            text = self._words.say("rule.one", direction=names.direction(item.side))
        self._rule_drawn = True
        left = "    " + "─" * 8
        room = self._terminal.columns - width(left) - width(text) - 2
        if room < 0:
            self._terminal.entry(Inked(text, Ink.SEALED), width(left) + 1, Inked(left, Ink.SEALED))
        else:
            self._terminal.line(Inked(f"{left} {text} {'─' * room}", Ink.SEALED))

    def _application_data(self, item: ApplicationData) -> None:
        """With the plaintext in view the HTTP lines say what it was; a run of one record adds nothing to them."""
        self._step_nine()
        if item.length is None:
            row = message_row(
                item.step, item.side, "Application Data", about_bytes(item.wire_bytes), sealed=True, words=self._words
            )
            self._timed(item.moment.time, *row)
        if item.length is None or item.records > 1:
            text = self._words.count("http.records", item.records, bytes=f"{item.wire_bytes:,}")
            if item.length:
                text = self._words.say("http.more", records=text, surplus=surplus(item.wire_bytes, item.length))
            self._terminal.paragraph(text, INDENT)

    def _step_nine(self) -> None:
        """Step 9 is told once, before the first of its records."""
        if self._tree and not self._data_told:
            self._terminal.paragraph(self._words.say("step.application_data"), INDENT, f"{'':{_TIME}}  9")
            self._data_told = True

    def _http(self, item: HttpRequest | HttpResponse, side: Side, text: str) -> None:
        sealed = self.session.server_hello is not None
        if sealed:
            self._step_nine()
        head: list[Part] = [f"9  {names.direction(side)}  "]
        if not sealed:
            head += [state(sealed=False, words=self._words), " "]
        room = self._terminal.columns - _TIME - 2 - sum(map(part_width, head))
        self._timed(item.moment.time, *head, cut(text, room))
        if item.version == "2" and not self._http2_told:
            self._http2_told = True
            self._terminal.paragraph(self._words.say("http.two"), INDENT)

    def _problem(self, item: Problem) -> None:
        where, what = self._words.tell(item.where), self._words.tell(item.what)
        text = f"{FAILS} {escape_message(where)}: {escape_message(what)}"
        self._timed(item.moment.time, Inked(text, Ink.PROBLEM))

    def _not_reached(self, item: Closed) -> None:
        text = f"{FAILS} {self._words.say(f'not_reached.{item.how}')}"
        self._timed(item.moment.time, Inked(text, Ink.PROBLEM))

    def _timed(self, time: int, *parts: Part) -> None:
        self._terminal.entry(parts, _TIME + 2, self._clock(time))

    def _clock(self, time: int) -> str:
        return f"{milliseconds(time - (self._start or time)):>{_TIME}}"


def write_step_zero(terminal: Terminal, words: Words) -> None:
    """Step 0 happened long ago, and everything after it rests on it."""
    terminal.paragraph(words.say("step.before"), INDENT, f"{'':{_TIME}}  0")
