"""Who looks on while the command runs: every connection told by an observer, its keys sought in the command's log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.dissect.timeline import Listener
from transom.dissect.until_keys import UntilKeys
from transom.errors import TransferError, TransomError
from transom.run.outward import Asked, Reached
from transom.tls.observed.held import HeldBytes
from transom.wire.tap import Buffer, Endpoints, Side, Tap

ReadLog = Callable[[], list[str]]
"""The lines that were logged since it was last asked."""


class Telling(Protocol):
    """Who is told what the observers see."""

    def begins(self, number: int, reached: Reached) -> Listener:
        """One more conversation: its listener."""
        ...

    def over(self, facts: Facts) -> None:
        """A conversation is over."""
        ...

    def not_reached(self, asked: Asked, error: TransferError) -> None:
        """A server was asked for in vain."""
        ...


class Traces(Protocol):
    """A trace that is being written (`capture.write.TraceWriter`). Its methods raise TransferError: a disk is full."""

    def conversation(self) -> Tap: ...

    def secret(self, line: str) -> None: ...


class Watch:
    """A `run.tunnel.Watcher`. `also` gets each line of the key log, for a log that the user asked for.

    What looks on must not end what it looks at: a trace or a log that cannot be written any more is given up, and
    `error` says why.
    """

    def __init__(
        self,
        looking: Looking,
        telling: Telling,
        read_log: ReadLog,
        trace: Traces | None = None,
        also: Callable[[str], None] | None = None,
    ) -> None:
        self.error: TransomError | None = None
        self._looking = looking
        self._telling = telling
        self._read_log = read_log
        self._trace = trace
        self._also = also
        self._held = HeldBytes()
        self._waiting: dict[int, UntilKeys] = {}
        self._flows: dict[int, UntilKeys] = {}
        self._count = 0

    def reached(self, reached: Reached) -> Tap:
        number, self._count = self._count, self._count + 1
        flow = Flow(number, self._telling.begins(number, reached), self._looking, self._over)
        self._flows[number] = UntilKeys(flow, self._looking.keys, self._held, self._look_for_keys)
        traced = self._trace.conversation() if self._trace is not None else None
        return _Both(self._flows[number], traced, self._give_up)

    def not_reached(self, asked: Asked, error: TransferError) -> None:
        self._telling.not_reached(asked, error)

    def finish(self) -> None:
        """Nothing more will come."""
        self._look_for_keys()
        for flow in list(self._flows.values()):
            flow.finish()

    def _over(self, facts: Facts) -> None:
        del self._flows[facts.number]
        self._telling.over(facts)

    def _look_for_keys(self) -> None:
        lines = self._read_log()
        if not lines:
            return
        self._looking.keys.receive("".join(lines))
        try:
            for line in lines:
                if self._trace is not None:
                    self._trace.secret(line.rstrip("\r\n"))
                if self._also is not None:
                    self._also(line)
        except TransomError as error:
            self._give_up(error)
        for flow in [flow for flow in self._flows.values() if flow.waits]:
            flow.look()

    def _give_up(self, error: TransomError) -> None:
        self.error = self.error or error
        self._trace = self._also = None


class _Both:
    """A conversation told to its observer and to a trace, which may fail."""

    def __init__(self, flow: UntilKeys, trace: Tap | None, failed: Callable[[TransomError], None]) -> None:
        self._flow = flow
        self._trace = trace
        self._failed = failed

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._traced(lambda trace: trace.opened(endpoints, time, packet))
        self._flow.opened(endpoints, time, packet)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self._traced(lambda trace: trace.data(side, data, time, packet))
        self._flow.data(side, data, time, packet)

    def lost(self, side: Side, count: int, time: int) -> None:
        self._traced(lambda trace: trace.lost(side, count, time))
        self._flow.lost(side, count, time)

    def closed(self, side: Side, time: int, how: Literal["fin", "reset"] = "fin", packet: int = 0) -> None:
        self._traced(lambda trace: trace.closed(side, time, how, packet))
        self._flow.closed(side, time, how, packet)

    def _traced(self, tell: Callable[[Tap], None]) -> None:
        if self._trace is None:
            return
        try:
            tell(self._trace)
        except TransomError as error:
            self._trace = None
            self._failed(error)
