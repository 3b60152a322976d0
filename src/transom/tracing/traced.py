"""A live conversation told to its observer and to a trace, which may fail: that must not end what is looked at."""

from __future__ import annotations

from collections.abc import Callable

from transom.errors import TransomError
from transom.wire.tap import Buffer, Ending, Endpoints, Finishing, Side, Tap, Wants, wants_of


class Traced:
    """A tap before two. When the trace cannot be written `failed` is told, once, and the observer goes on."""

    def __init__(self, observer: Finishing, trace: Tap, failed: Callable[[TransomError], None]) -> None:
        self._observer = observer
        self._trace: Tap | None = trace
        self._failed = failed
        self.wants: Wants = wants_of(observer)

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._write(lambda trace: trace.opened(endpoints, time, packet))
        self._observer.opened(endpoints, time, packet)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self._write(lambda trace: trace.data(side, data, time, packet))
        self._observer.data(side, data, time, packet)

    def lost(self, side: Side, count: int, time: int) -> None:
        self._write(lambda trace: trace.lost(side, count, time))
        self._observer.lost(side, count, time)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        self._write(lambda trace: trace.closed(side, time, how, packet))
        self._observer.closed(side, time, how, packet)

    def finish(self) -> None:
        self._observer.finish()

    def _write(self, tell: Callable[[Tap], None]) -> None:
        try:
            if self._trace is not None:
                tell(self._trace)
        except TransomError as error:
            self._trace = None
            self._failed(error)
