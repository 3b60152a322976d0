"""One conversation, from its bytes to its timeline: the observer of a live transfer and of a captured one alike."""

from __future__ import annotations

from collections.abc import Callable

from transom.dissect.facts import Facts, NotReached
from transom.dissect.handshake_end import ENDED_IN_HANDSHAKE
from transom.dissect.sniffer import ON_TCP, Sniffer
from transom.dissect.telling import NOT_REACHED, Looking, Telling
from transom.dissect.timeline import Closed, Item, Listener, Moment, Opened
from transom.errors import Sentence
from transom.wire.tap import NEITHER, Buffer, Ending, Endpoints, Side

_WHY_NOT_REACHED: dict[Ending, Sentence] = {
    "refused": Sentence("Connection refused"),  # as strerror(3) has it of ECONNREFUSED, which the program was told
    "unanswered": Sentence("no answer by TCP to the SYN"),
}


class Flow:
    """A `wire.tap.Tap` that tells `listener` each item as it happens and keeps `facts`.

    A conversation is over when both sides have closed, or when `finish` says that nothing more will come: then `over`
    is called once, with the final facts. Nothing here raises for what a peer sent: what is odd becomes a `Problem`.
    """

    def __init__(
        self,
        number: int,
        listener: Listener,
        looking: Looking | None = None,
        over: Callable[[Facts], None] | None = None,
    ) -> None:
        self.facts = Facts(number)
        self._over = over
        self._telling = Telling(self.facts, listener, looking or Looking())
        self._view = Sniffer(self._telling, ON_TCP)
        self._position = {Side.CLIENT: 0, Side.SERVER: 0}
        self._ended = NEITHER

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self.facts.endpoints = endpoints
        self._telling.tell(Opened(self._moment(time, packet), endpoints))

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        moment = self._moment(time, packet)
        self.facts.wire_bytes[side] += len(data)
        self._position[side] += len(data)
        self._view.receive(side, data, moment)
        self.facts.protocol = self._view.spoken

    def wants(self, side: Side, most: int) -> int:
        """See `wire.tap.Choosy`: what ends with a record is looked at where it lies, and once."""
        return self._view.wants(side, most)

    def lost(self, side: Side, count: int, time: int) -> None:
        moment = self._moment(time, 0)
        self.facts.missing_bytes += count
        place = "client stream, byte {offset}" if side is Side.CLIENT else "server stream, byte {offset}"
        where = Sentence(place, offset=self._position[side])
        what = Sentence("{count:,} bytes were sent and never captured", count=count)
        self._telling.problem(moment, side, "lost-bytes", where, what)
        self._position[side] += count
        self._view.lost(side, count, moment)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        moment = self._moment(time, packet)
        # A FIN is all that plain TCP has to announce an end with; a reset announces nothing.
        self._end(side, moment, clean=how == "fin")
        if how in ("refused", "unanswered"):
            self._not_reached(how, moment)
        self._telling.handshake.closed(side, how)
        # After its reset nobody says more, nor does a server after its FIN; a client's FIN may be answered yet.
        if how == "reset" or side is Side.SERVER:
            self._judge_handshake(moment)
        self._telling.tell(Closed(moment, side, how))
        if self.over:
            self.finish()

    def finish(self) -> None:
        """The capture or the transfer is over: what is still open is told as cut."""
        moment = Moment(self.facts.end or 0)
        for side in Side:
            self._end(side, moment, clean=False)
        self._judge_handshake(moment)
        self.facts.protocol = self._view.spoken
        over, self._over = self._over, None
        if over is not None:
            over(self.facts)

    @property
    def over(self) -> bool:
        """Nothing more will be told."""
        return len(self._ended) == len(Side)

    def pending(self) -> list[Item]:
        """What will be told when it has ended, as it is now: a run of application data, a body."""
        return [] if self.over else list(self._view.pending(Moment(self.facts.end or 0)))

    def _judge_handshake(self, moment: Moment) -> None:
        if self.facts.missing_bytes:
            return
        judged = self._telling.handshake.judge(answered=self.facts.wire_bytes[Side.SERVER] > 0)
        if judged is not None:
            side, where, what = judged
            self._telling.problem(moment, side, ENDED_IN_HANDSHAKE, where, what)

    def _not_reached(self, how: NotReached, moment: Moment) -> None:
        self.facts.not_reached = how
        ends = self.facts.endpoints
        where = Sentence("server") if ends is None else Sentence.of(str(ends.server), {})
        self._telling.problem(moment, Side.SERVER, NOT_REACHED, where, _WHY_NOT_REACHED[how])
        self._end(Side.CLIENT, moment, clean=False)

    def _end(self, side: Side, moment: Moment, *, clean: bool) -> None:
        if side not in self._ended:
            self._ended |= {side}
            self._view.ended(side, moment, clean=clean)

    def _moment(self, time: int, packet: int) -> Moment:
        if self.facts.start is None:
            self.facts.start = time
        self.facts.end = time if self.facts.end is None else max(self.facts.end, time)
        return Moment(time, packet)
