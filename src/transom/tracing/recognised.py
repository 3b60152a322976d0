"""A connection that is nobody's business until it speaks TLS or HTTP: a program has others, to databases."""

from __future__ import annotations

from collections.abc import Callable

from transom.dissect.protocol import LONGEST_FIRST_LINE, recognise, recognise_later
from transom.dissect.recording import Recording
from transom.dissect.turning import Turning
from transom.wire.tap import Buffer, Ending, Endpoints, Finishing, Side


class Recognised:
    """Holds back what comes until the first bytes tell; then `make_tap` is asked for a tap that is told it all.

    TLS that begins amid something else, after STARTTLS, is told from its ClientHello on.
    """

    def __init__(self, endpoints: Endpoints, time: int, make_tap: Callable[[], Finishing]) -> None:
        self._endpoints = endpoints
        self._began = time
        self._make_tap = make_tap
        self._first: dict[Side, bytes] = {}
        self._held = Recording()
        self._is_something_else = False
        self._turning: Turning | None = None
        self._tap: Finishing | None = None

    def data(self, side: Side, data: Buffer, time: int) -> None:
        if self._turning is not None:
            self._turning.data(side, data, time)
            return
        if self._is_something_else:
            if recognise_later(Side.CLIENT, bytes(data[:8])) != "tls":
                return
            self._began = time
        self._held.data(side, data, time)
        self._first[side] = self._first.get(side, b"") + bytes(data[:LONGEST_FIRST_LINE])
        heard = self._first.values()
        if self._is_something_else or any(map(_is_ours, heard)):
            self._begin()
        elif all(map(_is_something_else, heard)):
            self._is_something_else = True
            self._held, self._first = Recording(), {}

    def closed(self, side: Side, time: int, how: Ending) -> None:
        (self._turning or self._held).closed(side, time, how)

    def finish(self) -> None:
        """Nothing more will be seen of it."""
        if self._turning is not None and self._tap is not None:
            self._turning.finish()
            self._tap.finish()

    def _begin(self) -> None:
        self._tap = self._make_tap()
        self._turning = Turning(self._tap)
        self._turning.opened(self._endpoints, self._began)
        self._held.replay(self._turning)
        self._held, self._first = Recording(), {}


def _is_ours(first: bytes) -> bool:
    """Whoever of the two has said it: which of them is the client is not sure yet."""
    spoken = (recognise(Side.CLIENT, first), recognise(Side.SERVER, first))
    return any(protocol in ("tls", "http", "http2") for protocol in spoken)


def _is_something_else(first: bytes) -> bool:
    unsure = None in (recognise(Side.CLIENT, first), recognise(Side.SERVER, first))
    return not unsure or len(first) > LONGEST_FIRST_LINE
