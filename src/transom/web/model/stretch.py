"""A stretch of what was said, somewhere in the middle: the conversation is read again up to its end, and no further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from transom.dissect.follow import PlainText
from transom.dissect.one import hear_plaintext, hear_wire
from transom.tls.observed.held import HeldBytes
from transom.web.model.before import Before
from transom.web.model.kept import MOST_KEPT, Turn, add_turn
from transom.web.model.looked import Looked, View
from transom.web.model.mask import Masking
from transom.web.model.missing import Missing
from transom.web.model.said import Piece
from transom.wire.tap import Buffer, Side

_AFTER = 16 * 1024
"""Read beyond the end: what ends there may have more that says what it is."""


def read_stretch(looked: Looked, view: View, start: int, *, opened: bool) -> Stretch:
    """What both sides said from `start` on, `opened` or as it crossed. Raises CaptureError."""
    stretch = Stretch(start)
    try:
        if opened:
            looking = replace(looked.seen[view].looking, held=HeldBytes(), hash_bodies=False)
            hear_plaintext(looked.path, looking, looked.number, stretch.receive, stretch.take)
        else:
            hear_wire(looked.path, looked.number, stretch.receive, stretch.lost)
    except _Enough:
        pass
    return stretch


class _Enough(Exception):
    """What comes is not wanted."""


class Stretch(Missing):
    """Told a conversation from its beginning, keeps as much from `start` on as of a side at the beginning."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self.reader = PlainText()
        self._start = start
        self._end = start + MOST_KEPT
        self._at = 0
        self._position = dict.fromkeys(Side, 0)
        self._before = Before()
        self._turns: list[Turn] = []
        self._pieces: list[Piece] = []

    def receive(self, side: Side, data: Buffer) -> None:
        if self._at >= self._end + _AFTER:
            raise _Enough
        passed = min(max(self._start - self._at, 0), len(data))
        if passed:
            self.reader.pass_over(side, data[:passed])
            self._before.receive(self._piece(side, bytes(data[:passed])))
        taken = bytes(data[passed : passed + self._end + _AFTER - self._at])
        if taken:
            add_turn(self._turns, Turn(side, self._position[side], self._at, taken))
            self._pieces.append(self._piece(side, taken))

    def masked(self, masking: Masking, tls_from: Mapping[Side, int] | None = None) -> list[Turn]:
        """The turns with what is not to be shown taken out, by what was said before."""
        before = self._before.pieces()
        places = {side: self._before.place(side, at) for side, at in (tls_from or {}).items()}
        masked = masking.said([*before, *self._pieces], places)
        done = {side: sum(len(piece.data) for piece in before if piece.side is side) for side in Side}
        if self.reader.is_http2 and not masking.include_secrets:
            # An index of HPACK stands for what was said before: who reads on from here must not have heard secrets.
            self.reader = PlainText()
            for side in Side:
                self.reader.pass_over(side, masked[side][: done[side]])
        turns: list[Turn] = []
        for turn in self._turns:
            start = done[turn.side]
            done[turn.side] += len(turn.data)
            data = masked[turn.side][start : done[turn.side]][: max(self._end - turn.at, 0)]
            if data:
                turns.append(Turn(turn.side, turn.start, turn.at, data))
        return turns

    def _piece(self, side: Side, data: bytes) -> Piece:
        lost = self.before(side)
        self._at += len(data)
        self._position[side] += len(data)
        return Piece(side, data, lost)
