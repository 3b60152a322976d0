"""What was said before a stretch, as far as it tells what in the stretch is secret: bounded, whatever was said."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from transom.http.events import BodyEnd, Switched
from transom.http.events import Problem as HttpProblem
from transom.http.observed import HttpObserver
from transom.web.model.said import Piece
from transom.wire.tap import Side

_FIRST = 128 * 1024
"""Of an exchange: its heads are in that."""

_LAST = 1024 * 1024
"""Right before the stretch. What is in the middle of a body longer than both together is judged by that much of it."""

_SMALL = 4096
"""Smaller ones become one: a peer may send a byte at a time."""


class Before:
    """Forgets an exchange once both sides have ended it, and of a long one its middle: that is a hole of known size.

    Who masks takes care of holes. So nothing is shown for something having been forgotten.
    """

    def __init__(self) -> None:
        self._exchange = _Exchange()
        self._observer = HttpObserver()
        self._position = dict.fromkeys(Side, 0)
        self._ended: dict[Side, tuple[int, int]] = dict.fromkeys(Side, (-1, 0))
        self._forgotten = dict.fromkeys(Side, 0)
        self._is_http = True

    def receive(self, piece: Piece) -> None:
        if piece.lost != 0:
            self._is_http = False  # it may still be; but then its end is not waited for
        self._exchange.add(piece)
        if not self._is_http:
            return
        self._position[piece.side] += len(piece.data)
        for seen in self._observer.receive(piece.side, piece.data):
            match seen.event:
                case BodyEnd():
                    self._ended[seen.side] = (seen.exchange, seen.end)
                case Switched() | HttpProblem():
                    self._is_http = False
                case _:
                    pass
        if self._is_http and self._is_between_exchanges():
            self._exchange = _Exchange()
            self._forgotten = dict(self._position)

    def pieces(self) -> list[Piece]:
        """What masking has to see first."""
        return self._exchange.pieces()

    def place(self, side: Side, position: int) -> int:
        """Where a byte of the side's stream is in its joined pieces, if it is there."""
        return self._exchange.place(side, max(position - self._forgotten[side], 0))

    def _is_between_exchanges(self) -> bool:
        (client, client_end), (server, server_end) = self._ended[Side.CLIENT], self._ended[Side.SERVER]
        ends = {Side.CLIENT: client_end, Side.SERVER: server_end}
        return client == server and ends == self._position


@dataclass
class _Exchange:
    """The first and the last of it."""

    first: list[Piece] = field(default_factory=list[Piece])
    last: deque[Piece] = field(default_factory=deque[Piece])
    first_bytes: int = 0
    last_bytes: int = 0
    dropped: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    holed: set[Side] = field(default_factory=set[Side])

    def add(self, piece: Piece) -> None:
        if not self.last and self.first_bytes < _FIRST:
            self.first.append(piece)
            self.first_bytes += len(piece.data)
            return
        self._add_last(piece)
        self.last_bytes += len(piece.data)
        while len(self.last) > 1 and self.last_bytes - len(self.last[0].data) >= _LAST:
            gone = self.last.popleft()
            self.last_bytes -= len(gone.data)
            self.dropped[gone.side] += len(gone.data)
            if gone.lost != 0:
                self.holed.add(gone.side)

    def _add_last(self, piece: Piece) -> None:
        before = self.last[-1] if self.last else None
        if before and before.side is piece.side and piece.lost == 0 and len(before.data) < _SMALL:
            self.last[-1] = Piece(piece.side, before.data + piece.data, before.lost)
        else:
            self.last.append(piece)

    def pieces(self) -> list[Piece]:
        pieces = list(self.first)
        dropped: dict[Side, int | None] = {
            side: None if side in self.holed else count for side, count in self.dropped.items()
        }
        for piece in self.last:
            gone = dropped[piece.side]
            lost = None if gone is None or piece.lost is None else gone + piece.lost
            dropped[piece.side] = 0
            pieces.append(Piece(piece.side, piece.data, lost))
        return pieces

    def place(self, side: Side, position: int) -> int:
        first = sum(len(piece.data) for piece in self.first if piece.side is side)
        return position if position <= first else max(position - self.dropped[side], first)
