"""Python programs that take no notice of a proxy: told of by taps within them, to the same watch as the tunnel's."""

from __future__ import annotations

from transom.run.outward import Asked, PastTunnel
from transom.run.watch import Watch
from transom.tracing.collector import Collector
from transom.tracing.receiver import Receiver
from transom.wire.tap import Buffer, Ending, Endpoint, Endpoints, Finishing, Side


def receiver_for(watch: Watch, tunnel: Endpoint) -> Receiver:
    """What the taps tell it reaches `watch`, all but connections to the tunnel: it tells of those itself."""
    collector = Collector(_Within(watch), frozenset({tunnel}))
    return Receiver(collector.receive, collector.finish)


class _Within:
    """A `collector.Watching`."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def conversation(self) -> Finishing:
        return _Conversation(self._watch)

    def secret(self, line: str, *, shared: bool) -> None:  # noqa: ARG002 (a collector's signature)
        self._watch.take_keys([line + "\n"])


class _Conversation:
    """Begins when it is known with whom it is."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._tap: Finishing | None = None

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        asked = Asked(endpoints.server.address, endpoints.server.port)
        self._tap = self._watch.begin(PastTunnel(asked, time))
        self._tap.opened(endpoints, time, packet)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        if self._tap is not None:
            self._tap.data(side, data, time, packet)

    def lost(self, side: Side, count: int, time: int) -> None:
        if self._tap is not None:
            self._tap.lost(side, count, time)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        if self._tap is not None:
            self._tap.closed(side, time, how, packet)

    def finish(self) -> None:
        if self._tap is not None:
            self._tap.finish()
