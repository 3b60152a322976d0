"""All that one side said with its secrets taken out, written as it is heard: of any length, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from transom.web.model.before import Before
from transom.web.model.mask import Masking
from transom.web.model.missing import Missing
from transom.web.model.said import Piece
from transom.wire.tap import Buffer, Side

_PART = 4 * 1024 * 1024
"""Masked at a time, of both sides together; what was said before each is what `Before` has of it."""

_FIRST_PART = 1024 * 1024
"""Of the first; each after it is twice as long, up to that: whoever waits for the beginning does not wait for long."""

_AFTER = 16 * 1024
"""Heard beyond the end of a part: what ends there may have more that says what it is."""

_SMALL = 4096
"""Smaller pieces become one: a peer may send a byte at a time."""


class Masked(Missing):
    """Told both sides of a conversation from its beginning, gives `write` what `side` said, masked.

    `tls_from` is where each side began to speak TLS, by its place in what comes.
    """

    def __init__(
        self, masking: Masking, side: Side, tls_from: Mapping[Side, int], write: Callable[[bytes], object]
    ) -> None:
        super().__init__()
        self._masking = masking
        self._side = side
        self._tls_from = tls_from
        self._write = write
        self._before = Before()
        self._pieces: list[Piece] = []
        self._held = 0
        self._part = min(_FIRST_PART, _PART)

    def receive(self, side: Side, data: Buffer) -> None:
        if self._masking.include_secrets:
            if side is self._side:
                self._write(bytes(data))
            return
        lost = self.before(side)
        last = self._pieces[-1] if self._pieces else None
        if last is not None and last.side is side and lost == 0 and len(last.data) < _SMALL:
            self._pieces[-1] = Piece(side, last.data + data, last.lost)
        else:
            self._pieces.append(Piece(side, bytes(data), lost))
        self._held += len(data)
        while self._held >= self._part + _AFTER:
            self._mask(self._part)
            self._part = min(2 * self._part, _PART)

    def end(self) -> None:
        """Nothing more is said."""
        self._mask(self._held)

    def _mask(self, count: int) -> None:
        """The first `count` bytes of what is held."""
        before = self._before.pieces()
        places = {side: self._before.place(side, at) for side, at in self._tls_from.items()}
        masked = self._masking.said([*before, *self._pieces], places, [self._side])[self._side]
        at = sum(len(piece.data) for piece in before if piece.side is self._side)
        rest: list[Piece] = []
        self._held -= count
        for piece in self._pieces:
            done, later = piece.data[:count], piece.data[count:]
            count -= len(done)
            if done:
                self._before.receive(Piece(piece.side, done, piece.lost))
                if piece.side is self._side:
                    self._write(masked[at : at + len(done)])
                    at += len(done)
            if later:
                rest.append(Piece(piece.side, later, 0 if done else piece.lost))
        self._pieces = rest
