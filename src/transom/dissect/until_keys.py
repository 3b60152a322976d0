"""A live conversation held back from its observer until the keys are there that open it.

Whoever speaks TLS logs a secret when it has derived it: the client after the server's first flight has passed by, and
before it answers. An observer that is told at once would find that flight shut. So what follows a ClientHello waits;
until the keys are in, or it is more than may be held, or nothing will come any more. Whoever logs none is then told of
as an eavesdropper sees it.
"""

from __future__ import annotations

from collections.abc import Callable

from transom.dissect.flow import Flow
from transom.dissect.recording import Recording
from transom.tls.keys.keylog import KeyLog, Label
from transom.tls.observed.held import HeldBytes
from transom.wire.tap import Buffer, Ending, Endpoints, Side

MOST_HELD = 2 * 2**20
"""Bytes of one conversation: many times the handshake with the longest chain, and what comes before keys are logged."""

_OF_TLS13: tuple[Label, ...] = (
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",
)


class UntilKeys:
    """A `wire.tap.Choosy` before a `Flow`. `read_log` brings what was logged since into `keys`.

    `held` is the account of all that wait, which lets go of those that have waited longest. `look` is to be called when
    there are new keys, `finish` when nothing more will come.
    """

    def __init__(self, flow: Flow, keys: KeyLog, held: HeldBytes, read_log: Callable[[], None]) -> None:
        self._flow = flow
        self._keys = keys
        self._account = held
        self._read_log = read_log
        self._held = Recording()
        self._size = 0
        self._waits = False
        self._decided = False

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._flow.opened(endpoints, time, packet)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        if self._decided:
            self._flow.data(side, data, time, packet)
            return
        self._read_log()
        if self._waits:
            self._hold(side, data, time, packet)
            return
        self._flow.data(side, data, time, packet)
        self._waits = self._random is not None
        self._decided = not self._waits and self._flow.facts.protocol != "unknown"

    def wants(self, side: Side, most: int) -> int:
        """See `wire.tap.Choosy`."""
        return self._flow.wants(side, most) if self._decided else most

    def lost(self, side: Side, count: int, time: int) -> None:
        (self._held if self._waits else self._flow).lost(side, count, time)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        (self._held if self._waits else self._flow).closed(side, time, how, packet)
        self._read_log()
        self.look()

    def look(self) -> None:
        """Go on if the keys are there by now."""
        if self._waits and self._keys_are_in():
            self.let_go()

    def finish(self) -> None:
        """Nothing more comes, nor do keys."""
        self.let_go()
        self._flow.finish()

    @property
    def waits(self) -> bool:
        """Whether it holds something back."""
        return self._waits

    def let_go(self) -> None:
        """Wait no longer."""
        if self._waits:
            self._waits, self._decided = False, True
            self._account.holds(self, 0)
            held, self._held = self._held, Recording()
            held.replay(self._flow)

    def _hold(self, side: Side, data: Buffer, time: int, packet: int) -> None:
        self._held.data(side, data, time, packet)
        self._size += len(data)
        if self._size > MOST_HELD:
            self.let_go()
        else:
            self._account.holds(self, self._size)
            self.look()

    @property
    def _random(self) -> bytes | None:
        """What its keys are logged under; None while there is no ClientHello."""
        tls = self._flow.facts.tls
        return tls.client_hello.random if tls is not None and tls.client_hello is not None else None

    def _keys_are_in(self) -> bool:
        random = self._random
        if random is None:
            return False
        known = self._keys.lookup
        return known("CLIENT_RANDOM", random) is not None or all(known(label, random) for label in _OF_TLS13)
