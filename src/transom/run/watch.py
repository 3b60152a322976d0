"""Who looks on while the command runs: every connection told by an observer, its keys sought in the command's log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from transom.capture.write_packets import TakesPackets
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.dissect.timeline import Listener
from transom.dissect.until_keys import UntilKeys
from transom.errors import TransferError, TransomError
from transom.run.outward import Asked, PastTunnel, Reached
from transom.run.ran import Ran
from transom.tls.observed.held import HeldBytes
from transom.tracing.traced import Traced
from transom.value import value
from transom.wire.tap import Endpoint, Finishing, Tap

ReadLog = Callable[[], list[str]]
"""The lines that were logged since it was last asked."""


class Telling(Protocol):
    """Who is told what the observers see."""

    def begins(self, number: int, reached: Reached | PastTunnel) -> Listener:
        """One more conversation: its listener."""
        ...

    def over(self, facts: Facts) -> None:
        """A conversation is over."""
        ...

    def not_reached(self, asked: Asked, error: TransferError) -> None:
        """A server was asked for in vain."""
        ...


class Traces(Protocol):
    """A trace that is being written (`capture.write`, `write_packets`). Its methods raise TransferError: the disk."""

    def conversation(self) -> Tap: ...

    def secret(self, line: str) -> None: ...


_OVER_LATELY = 2**14
"""Sessions that are remembered when they are over: a line of the key log that comes late is of one of these."""


@value
class Unread:
    """What was exchanged with one server by UDP: its end, datagrams in both directions, and bytes of their payload."""

    server: Endpoint
    is_quic: bool
    datagrams: int
    length: int


@value
class Missed:
    """What a capture lacks: packets there was no room for, connections that were over before anybody knew whose.

    `unnoticed` is why no connection was noticed when it was made, or "" if some were not. `without_privileges` says
    that the command's programs were without rights of their own (setuid, setcap), so that they could be.
    """

    packets: int = 0
    connections: int = 0
    unnoticed: str | None = None
    without_privileges: bool = False


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
        self.packets = trace if isinstance(trace, TakesPackets) else None
        self.missed = Missed()
        self.ran: Ran | None = None
        """What programs the command's processes were, where that was looked at."""
        self.unread: Sequence[Unread] = ()
        self._also = also
        self._held = HeldBytes()
        self._waiting: dict[int, UntilKeys] = {}
        self._flows: dict[int, UntilKeys] = {}
        self._count = 0
        self._over_lately: dict[bytes, None] = {}
        self.full_at: int | None = None
        """How many connections the tunnel had when others had to wait; None if none had to."""

    def reached(self, reached: Reached) -> Tap:
        return self.begin(reached)

    def begin(self, reached: Reached | PastTunnel) -> Finishing:
        """The tap for one more conversation."""
        number, self._count = self._count, self._count + 1
        flow = Flow(number, self._telling.begins(number, reached), self._looking, self._over)
        self._flows[number] = UntilKeys(flow, self._looking.keys, self._held, self._look_for_keys)
        traced = self._trace.conversation() if self._trace is not None else None
        return self._flows[number] if traced is None else Traced(self._flows[number], traced, self.give_up)

    def not_reached(self, asked: Asked, error: TransferError) -> None:
        self._telling.not_reached(asked, error)

    def full(self, connections: int) -> None:
        self.full_at = connections

    def logged(self) -> frozenset[bytes]:
        """The client randoms of the sessions whose keys are in the command's log by now."""
        self._look_for_keys()
        return frozenset(self._looking.keys.sessions)

    @property
    def unseen_sessions(self) -> int:
        """TLS sessions whose keys were logged, and which are none of the conversations that are over."""
        return len(self._looking.keys.sessions)  # those of the others are forgotten

    def finish(self) -> None:
        """Nothing more will come."""
        self._look_for_keys()
        for flow in list(self._flows.values()):
            flow.finish()

    def _over(self, facts: Facts) -> None:
        del self._flows[facts.number]
        if facts.tls is not None and facts.tls.client_hello is not None:
            self._forget(facts.tls.client_hello.random)
        self._telling.over(facts)

    def _forget(self, client_random: bytes) -> None:
        """What a run holds is for the sessions that are there, however many there have been."""
        self._looking.keys.forget(client_random)
        self._over_lately[client_random] = None
        if len(self._over_lately) > _OVER_LATELY:
            del self._over_lately[next(iter(self._over_lately))]

    def _comes_late(self, line: str) -> bool:
        words = line.split()
        try:
            return bytes.fromhex(words[1]) in self._over_lately
        except (IndexError, ValueError):
            return False

    def _look_for_keys(self) -> None:
        self.take_keys(self._read_log())

    def take_keys(self, lines: list[str]) -> None:
        """More lines of a key log, with their ends."""
        if not lines:
            return
        self._looking.keys.receive("".join(line for line in lines if not self._comes_late(line)))
        try:
            for line in lines:
                if self._trace is not None:
                    self._trace.secret(line.rstrip("\r\n"))
                if self._also is not None:
                    self._also(line)
        except TransomError as error:
            self.give_up(error)
        for flow in [flow for flow in self._flows.values() if flow.waits]:
            flow.look()

    def give_up(self, error: TransomError) -> None:
        """What is written cannot be written any more."""
        self.error = self.error or error
        self._trace = self._also = self.packets = None
