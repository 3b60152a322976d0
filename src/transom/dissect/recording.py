"""A conversation kept as it crossed, so that more than one observer can look at it afterwards, at their leisure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from transom.wire.tap import Buffer, Ending, Endpoints, Side, Tap


class Recording:
    """A `wire.tap.Tap` that remembers. It holds every byte: for small transfers."""

    def __init__(self) -> None:
        self._told: list[Callable[[Tap], None]] = []

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._told.append(lambda tap: tap.opened(endpoints, time, packet))

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self._told.append(partial(_tell_data, side, bytes(data), time, packet))

    def lost(self, side: Side, count: int, time: int) -> None:
        self._told.append(lambda tap: tap.lost(side, count, time))

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        self._told.append(lambda tap: tap.closed(side, time, how, packet))

    @property
    def is_empty(self) -> bool:
        """Whether there was no conversation at all."""
        return not self._told

    def replay(self, tap: Tap) -> None:
        """Tell `tap` everything, with the times at which it happened."""
        for tell in self._told:
            tell(tap)


def _tell_data(side: Side, data: bytes, time: int, packet: int, tap: Tap) -> None:
    tap.data(side, data, time, packet)
