"""One direction of an observed connection: where its records are cut, and what opens them now."""

from __future__ import annotations

from collections.abc import Callable

from transom.tls.messages.frame import Frame, Framer
from transom.tls.record.deframer import Deframer
from transom.tls.record.plain import PlainOpener
from transom.tls.record.protection import Opener
from transom.tls.record.run import Record as RawRecord
from transom.tls.sightings import Record
from transom.wire.tap import Buffer, Side

_LONGEST_MESSAGE = 2**24 - 1
"""All that the length field of a message can say: an observer refuses nothing, and `HeldBytes` bounds what it holds."""

_OF_A_RECORD = 128
"""Bytes that it takes to remember one: a message may come in records of one byte each, or of none."""


class Way:
    """The state of one direction.

    `opener` is None where records are sealed and stay shut: until `awaited` finds their key, since a live key log may
    be behind the wire. `candidates` gives openers whose first record may be any of those to come: of keys
    whose beginning cannot be seen.
    """

    def __init__(self, side: Side) -> None:
        self.side = side
        self.deframer = Deframer()
        self.opener: Opener | None = PlainOpener()
        self.candidates: Callable[[], list[Opener]] | None = None
        self.may_be_early = False
        """Whether what stays shut may be a client's 0-RTT data."""
        self.blind = False
        """Whether the stream can no longer be cut into records."""
        self.gave_up = False
        """Whether what was begun here had to be let go, and nobody was told yet."""
        self.unwanted = 0
        """How much of the plaintext to come nobody wants."""
        self.pads = False
        """Whether a record had padding (RFC 8446 §5.4): lengths then do not tell how much content there is."""
        self.opened_records = 0
        self.shut_records = 0
        self._awaited: Callable[[], Opener | None] | None = None
        self._shut_under_these_keys = 0
        self._framer = Framer(_LONGEST_MESSAGE)
        self._begun: list[Record] = []

    @property
    def is_sealed(self) -> bool:
        """Whether the path cannot read this direction's records any more."""
        return not isinstance(self.opener, PlainOpener)

    def change_keys(self, opener: Opener | None, awaited: Callable[[], Opener | None] | None = None) -> None:
        """From the next record on; what was begun of a message under the old keys is forgotten."""
        self.opener = opener
        self.candidates = None
        self.may_be_early = False
        self._awaited = awaited
        self._shut_under_these_keys = 0
        self._framer = Framer(_LONGEST_MESSAGE)
        self._begun = []

    def await_nothing(self) -> None:
        """No record comes any more. What would look for a key knows both directions, and so must not stay here."""
        self.candidates = self._awaited = None

    def find_opener(self) -> Opener | None:
        """What opens the next record, if its key is known by now."""
        if self.opener is None and self._awaited is not None and (found := self._awaited()) is not None:
            found.sequence = self._shut_under_these_keys
            self.opener = found
        return self.opener

    def leave_shut(self) -> None:
        """A sealed record is passed by."""
        self.shut_records += 1
        self._shut_under_these_keys += 1

    def try_candidates(self, record: RawRecord) -> bool:
        """Whether this record turns out to be the first under the keys of a candidate, which then is the opener."""
        for opener in self.candidates() if self.candidates else ():
            opened = opener.try_open(0, record)
            if opened is not None and opened.protected:
                may_be_early = self.may_be_early
                self.change_keys(opener)
                self.may_be_early = may_be_early
                return True
        return False

    def messages(self, fragment: Buffer, record: Record) -> list[tuple[Frame, tuple[Record, ...]]]:
        """The handshake messages that are whole with this record, each with the records that carry it."""
        self._framer.receive(fragment)
        self._begun.append(record)
        whole: list[tuple[Frame, tuple[Record, ...]]] = []
        for frame in self._framer.frames():
            whole.append((frame, tuple(self._begun)))
            self._begun = [record]  # one that ends one message and begins the next carries both
        if not self._framer.held:
            self._begun = []
        return whole

    def let_go(self) -> None:
        """Others need the room: what is begun is forgotten, and nothing behind it can be read."""
        self.blind = self.gave_up = True
        self.deframer = Deframer()
        self._framer = Framer()
        self._begun = []

    @property
    def held(self) -> int:
        """Bytes of a message or record that is not whole yet."""
        return self._framer.held + self.deframer.pending

    @property
    def weight(self) -> int:
        """What it takes to hold that, and to remember the records it came in."""
        return self.held + _OF_A_RECORD * len(self._begun)
