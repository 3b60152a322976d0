"""The view of a stream nobody has named yet: it waits for the first bytes, and hands over to the view they call for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from transom.dissect.http_view import HttpView
from transom.dissect.protocol import Spoken, recognise, recognise_later
from transom.dissect.telling import Telling, View
from transom.dissect.timeline import Item, Moment
from transom.dissect.tls_view import TlsView
from transom.wire.tap import NEITHER, Buffer, Side

ON_TCP: tuple[Spoken, ...] = ("tls", "http", "http2")
UNDER_TLS: tuple[Spoken, ...] = ("http", "http2")
NOTHING: tuple[Spoken, ...] = ()
IN_A_TUNNEL: tuple[Spoken, ...] = ("tls",)

MOST_WAITING = 64 * 1024
"""Bytes of both sides that are held while the first of them do not tell the protocol."""


class Sniffer:
    """A `View` that becomes another. `possible` are the protocols that may stand here; others stay unread."""

    def __init__(self, telling: Telling, possible: tuple[Spoken, ...]) -> None:
        self._telling = telling
        self._possible = possible
        self._view: View | None = None
        self._spoken: Spoken | None = None
        self._first = {Side.CLIENT: b"", Side.SERVER: b""}
        self._holed = NEITHER
        self._waiting: list[Callable[[View], None]] = []
        self._waiting_bytes = 0

    @property
    def spoken(self) -> Spoken:
        """What the first bytes were; "unknown" before they could tell."""
        return self._spoken or "unknown"

    def receive(self, side: Side, data: Buffer, moment: Moment) -> None:
        if self._spoken is None:
            self._wait_with(side, bytes(data), moment)
            return
        if self._view is None and self._spoken == "unknown":
            self._begin(recognise_later(side, bytes(data[:8])) or "unknown")
        if self._view is not None:
            self._view.receive(side, data, moment)

    def wants(self, side: Side, most: int) -> int:
        """How many bytes to receive next, from 1 to `most`: of TLS, as its records have it."""
        return self._view.wants(side, most) if isinstance(self._view, TlsView) else most

    def lost(self, side: Side, count: int | None, moment: Moment) -> None:
        if self._spoken is None:
            self._holed |= {side}
            self._waiting.append(lambda view: view.lost(side, count, moment))
        elif self._view is not None:
            self._view.lost(side, count, moment)

    def unwanted(self, side: Side) -> int:
        return self._view.unwanted(side) if self._view is not None else 0

    def passed(self, side: Side, count: int) -> None:
        if self._view is not None:
            self._view.passed(side, count)

    def ended(self, side: Side, moment: Moment, *, clean: bool) -> None:
        if self._spoken is None:
            self._waiting.append(lambda view: view.ended(side, moment, clean=clean))
        elif self._view is not None:
            self._view.ended(side, moment, clean=clean)

    def pending(self, moment: Moment) -> Iterator[Item]:
        if self._view is not None:
            yield from self._view.pending(moment)

    def _wait_with(self, side: Side, data: bytes, moment: Moment) -> None:
        self._waiting.append(lambda view: view.receive(side, data, moment))
        self._waiting_bytes += len(data)
        if side not in self._holed:
            self._first[side] += data
        # What the client says decides; a server that speaks first, or whose client was not heard, in its stead.
        decisive = Side.CLIENT if self._first[Side.CLIENT] else Side.SERVER
        spoken = recognise(decisive, self._first[decisive])
        if spoken is None and self._waiting_bytes > MOST_WAITING:
            spoken = "unknown"
        if spoken is not None:
            self._hand_over(spoken)

    def _hand_over(self, spoken: Spoken) -> None:
        self._begin(spoken)
        waiting, self._waiting = self._waiting, []
        self._first = {}  # it has told what it could
        for pass_on in waiting:
            pass_on(self)

    def _begin(self, spoken: Spoken) -> None:
        if spoken not in self._possible:
            self._spoken = "unknown"
            return
        self._spoken = spoken
        if spoken == "tls":
            self._view = TlsView(self._telling, Sniffer(self._telling, UNDER_TLS))
        elif spoken == "http":
            tunnelled = IN_A_TUNNEL if self._telling.facts.tls is None else NOTHING
            self._view = HttpView(self._telling, Sniffer(self._telling, tunnelled))
        elif spoken == "http2":
            self._view = HttpView.of_http2(self._telling, Sniffer(self._telling, NOTHING))
