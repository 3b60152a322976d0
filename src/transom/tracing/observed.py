"""The observer of a traced block: a `collector.Watching` that keeps what is known, and writes the trace."""

from __future__ import annotations

from collections.abc import Callable

from transom.capture.write import TraceWriter
from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.dissect.timeline import HttpRequest, Item, Message
from transom.errors import TransomError
from transom.tls.messages.hello import ClientHello
from transom.tracing.conversation import Conversation, conversation_of
from transom.tracing.session_secrets import SessionSecrets
from transom.tracing.traced import Traced
from transom.wire.tap import Buffer, Ending, Endpoints, Finishing, Side


class Observed:
    """All conversations of a block. It must not end what it looks at: `error` is why a trace was given up."""

    def __init__(self, looking: Looking, trace: TraceWriter | None) -> None:
        self.error: TransomError | None = None
        self._looking = looking
        self._trace = trace
        self._secrets = SessionSecrets(self._write_secret)
        self._told: list[_Told] = []

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """Those that there were until now, in order of their first bytes."""
        return tuple(told.conversation for told in self._told)

    @property
    def unseen_sessions(self) -> int:
        """TLS sessions of this process whose keys were logged and whose bytes were not seen."""
        return self._secrets.unclaimed

    def conversation(self) -> Finishing:
        told = _Told(len(self._told), self._looking, self._secrets.claim)
        self._told.append(told)
        return told if self._trace is None else Traced(told, self._trace.conversation(), self._give_up)

    def secret(self, line: str, *, shared: bool) -> None:
        self._looking.keys.receive(line + "\n")
        self._secrets.add(line, shared=shared)

    def _write_secret(self, line: str) -> None:
        try:
            if self._trace is not None:
                self._trace.secret(line)
        except TransomError as error:
            self._give_up(error)

    def _give_up(self, error: TransomError) -> None:
        self.error = self.error or error
        self._trace = None


class _Told:
    """One conversation and its observer. Once it is over, only what is known of it stays in memory."""

    def __init__(self, number: int, looking: Looking, claim: Callable[[bytes], None]) -> None:
        self._claim = claim
        self._exchanges = Exchanges()
        self._asked: list[Exchange] = []
        self._final: Conversation | None = None
        self._flow: Flow | None = Flow(number, self._listen, looking, self._over)

    @property
    def conversation(self) -> Conversation:
        if self._final is None and self._flow is not None:
            return conversation_of(self._flow.facts, self._asked)
        assert self._final is not None
        return self._final

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        if self._flow is not None:
            self._flow.opened(endpoints, time, packet)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        if self._flow is not None:
            self._flow.data(side, data, time, packet)

    def lost(self, side: Side, count: int, time: int) -> None:
        if self._flow is not None:
            self._flow.lost(side, count, time)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        if self._flow is not None:
            self._flow.closed(side, time, how, packet)

    def finish(self) -> None:
        if self._flow is not None:
            self._flow.finish()

    def _listen(self, item: Item) -> None:
        if isinstance(item, Message) and isinstance(item.value, ClientHello):
            self._claim(item.value.random)
        self._exchanges.receive(item)
        if isinstance(item, HttpRequest) and (exchange := self._exchanges.running(item.stream)):
            self._asked.append(exchange)

    def _over(self, facts: Facts) -> None:
        self._final = conversation_of(facts, self._asked)
        self._flow = None
