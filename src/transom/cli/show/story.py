"""What `transom demo` tells: one file, four journeys, and what the third party on the path has of each.

Nothing here is canned: every line is made from what two observers saw, one with the keys and one without.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from transom.cli.show import names
from transom.cli.show.chain import chain_rows
from transom.cli.show.comparison import write_comparison
from transom.cli.show.figures import SECOND, about_bytes, binary_bytes, duration, short_digest
from transom.cli.show.layout import cut_front, fill, pad, pad_left, width
from transom.cli.show.message_row import message_row, message_size
from transom.cli.show.notes import note
from transom.cli.show.terminal import FAILS, HOLDS, Ink, Inked, Part, Terminal, part_width
from transom.cli.words import Words
from transom.dissect.column import column
from transom.dissect.journey import Carried, Journey
from transom.dissect.steps import APPLICATION_DATA
from transom.dissect.timeline import HttpRequest, Message
from transom.tls.messages.hello import ServerHello
from transom.value import value
from transom.wire.escape import escape
from transom.wire.tap import Side

_INDENT = 3
CERTIFICATE = 3
KEY_EXCHANGE = (4, 6)
_WIDEST = 80
"""Wider is not easier to read: a story keeps to this on any terminal."""

_NOTE = 32
"""The columns beside a row."""

_STEPS = range(1, 9)


@value
class SentUp:
    """A file that went the other way: over which version, what the server answered, what it holds now."""

    file: Carried
    version: str
    status: int
    stored_sha256: str


class Story:
    """Tells the journeys to a terminal, in their order."""

    def __init__(self, terminal: Terminal, words: Words, carried: Carried) -> None:
        self._terminal = terminal
        self._words = words
        self._carried = carried

    def tell(self, journeys: Sequence[Journey], *, sent_up: SentUp | None = None) -> None:
        """The whole of it; what was left on the disk is for the caller to say."""
        say = self._words.say
        self._terminal.paragraph(say("story.head", size=binary_bytes(self._carried.size)), 0)
        size = self._words.count("http.bytes", self._carried.size)
        self._terminal.line(f"{escape(self._carried.name)}  {size}  SHA-256 {short_digest(self._carried.sha256)}")
        for number, journey in enumerate(journeys, 1):
            self._terminal.line()
            self._heading(number, journey)
            match journey.kind:
                case "http":
                    self._in_the_clear(journey)
                case "rsa":
                    self._what_differs(journey)
                case "ecdhe" | "tls13":
                    self._steps(journey)
        if sent_up:
            self._terminal.line()
            self._sent_up(sent_up)
        self._terminal.line()
        columns = [column(journey, self._carried) for journey in journeys]
        write_comparison(self._terminal, self._words, self._carried, columns)

    def _heading(self, number: int, journey: Journey) -> None:
        title = f"{number}  {self._words.say(f'story.{journey.kind}')}"
        time = duration(journey.duration, self._words)
        self._terminal.line(title, pad_left(time, _WIDEST - width(title)))

    def _in_the_clear(self, journey: Journey) -> None:
        """What the third party reads and keeps: the observer's own recovery, without any key."""
        labels = [self._words.say("story.they_read"), self._words.say("story.they_keep")]
        column = max(map(width, labels)) + 3
        for item in journey.without_keys.items:
            if isinstance(item, HttpRequest):
                host = f"   Host: {escape(item.authority)}" if item.authority else ""
                read = f"{escape(item.method)} {escape(item.target)} HTTP/{escape(item.version)}{host}"
                self._terminal.line(" " * _INDENT, pad(labels[0], column), Inked(read, Ink.OPEN))
        if body := journey.taken:
            whose = "story.the_file" if body.sha256 == self._carried.sha256 else "story.another"
            kept = f"{escape(self._carried.name)}, SHA-256 {short_digest(body.sha256)}" if body.sha256 else ""
            self._terminal.line(
                " " * _INDENT, pad(labels[1], column), Inked(kept, Ink.OPEN), f"   ← {self._words.say(whose)}"
            )

    def _steps(self, journey: Journey) -> None:
        if journey.kind == "ecdhe":
            self._terminal.paragraph(self._words.say("story.ca"), 15, "   0  CA")
        for message in journey.messages:
            self._message(message, journey)
        self._data(journey)
        self._absent(journey)

    def _message(self, message: Message, journey: Journey) -> None:
        size = message_size(message.length, is_handshake=message.frame is not None)
        row = message_row(message.step, message.side, message.name, size, sealed=message.sealed, words=self._words)
        told = self._chain_note(journey) if message.step == CERTIFICATE else self._note(message, journey)
        self._row(row, told)
        if isinstance(message.value, ServerHello) and journey.session.parts:
            tls13 = journey.session.is_tls13
            self._terminal.paragraph(names.suite_parts(journey.session.parts, self._words, tls13=tls13), 6)

    def _row(self, row: list[Part], pieces: Sequence[str]) -> None:
        """A row with its note beside it, in as many lines as it takes."""
        left: list[Part] = [" " * _INDENT, *row, "  "]
        first, *others = fill(pieces, _NOTE)
        self._terminal.line(*left, first)
        for line in others:
            self._terminal.line(" " * sum(map(part_width, left)), line)

    def _note(self, message: Message, journey: Journey) -> list[str]:
        text = note(message, journey.session, self._words)
        # Of a suite too long for its place the end says most.
        return [cut_front(text, _NOTE)] if isinstance(message.value, ServerHello) else text.split(" ")

    def _chain_note(self, journey: Journey) -> list[str]:
        """`localhost ← Transom CA`, `✓ name`, `✓ dates`."""
        judged = journey.chain
        if judged is None or not judged.verdict.steps:
            return []
        leaf = judged.verdict.steps[0]
        now = datetime.fromtimestamp(judged.moment.time // SECOND, UTC)
        marks = [text for row in chain_rows(judged.verdict, now, self._words) for _, text in row.marks]
        return [f"{escape(leaf.subject)} ←", *escape(leaf.issuer).split(" "), *dict.fromkeys(marks)]

    def _data(self, journey: Journey) -> None:
        """All runs of both directions as one row: the story folds them."""
        runs = journey.data
        if not runs or journey.session.parts is None:
            return
        size = about_bytes(sum(run.wire_bytes for run in runs))
        records = self._words.count("story.records", sum(run.records for run in runs))
        text = self._words.say("story.data", records=records, cipher=journey.session.parts.cipher)
        sender = None if len({run.side for run in runs}) == len(Side) else runs[0].side
        row = message_row(APPLICATION_DATA, sender, "Application Data", size, sealed=True, words=self._words)
        self._row(row, text.split(" "))

    def _absent(self, journey: Journey) -> None:
        present = {message.step for message in journey.messages}
        absent = ", ".join(str(step) for step in _STEPS if step not in present)
        if absent and journey.session.is_tls13:
            self._terminal.paragraph(self._words.say("story.absent_steps", steps=absent), _INDENT)

    def _what_differs(self, journey: Journey) -> None:
        """Static RSA differs in the two messages of the key exchange, and in nothing else that can be seen."""
        exchanges = [message for message in journey.messages if message.step in KEY_EXCHANGE]
        if journey.session.is_static_rsa and not any(message.step == 4 for message in exchanges):
            self._terminal.paragraph(self._words.say("absent.server_key_exchange_rsa"), 32, "   4  ServerKeyExchange")
        for message in exchanges:
            self._message(message, journey)

    def _sent_up(self, sent: SentUp) -> None:
        holds = sent.stored_sha256 == sent.file.sha256
        text = self._words.say(
            "story.sent_up",
            name=escape(sent.file.name),
            bytes=self._words.count("http.bytes", sent.file.size),
            version=sent.version,
            status=sent.status,
            digest=short_digest(sent.stored_sha256),
        )
        self._terminal.paragraph(f"{text} {HOLDS if holds else FAILS}", 0)
