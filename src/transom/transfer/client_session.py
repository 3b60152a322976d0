"""The client's side of one connection: one request out, its response in."""

from __future__ import annotations

import asyncio
from typing import Protocol

from transom.channel.interface import Established
from transom.errors import HttpError, TransferError, TransomError
from transom.http.events import BodyData, BodyEnd, ResponseHead
from transom.http.framing import Framing
from transom.http.h1_client import ClientEvent, ClientExchange
from transom.http.messages import Headers, Response
from transom.net.clock import Stopwatch
from transom.net.session import Connection
from transom.transfer.content import Content
from transom.transfer.pace import Pace
from transom.wire.tap import Buffer


class Receiver(Protocol):
    """Who takes the response. Any TransomError raised ends the exchange, and is what it ends with."""

    def head(self, response: Response, framing: Framing) -> None: ...

    def body(self, data: Buffer) -> None:
        """The next of the body; the view is valid until this returns."""
        ...

    def end(self, trailer: Headers) -> None:
        """The response is whole; `trailer` is what a chunked one says behind its body."""
        ...


class ClientSession:
    """Carries out `exchange`, with `content` as the body of its request; the response is taken in at `pace`.

    `done` is what it comes to: the channel it went over, or the error. `handshake` and `first_byte` are the seconds
    these took, None until they are known. With `lasting` a connection that can be used again is left open.
    """

    def __init__(
        self,
        exchange: ClientExchange,
        content: Content | None,
        receiver: Receiver,
        pace: Pace | None = None,
        *,
        lasting: bool = False,
    ) -> None:
        self._exchange = exchange
        self._content = content
        self._left = content.length if content else 0
        self._receiver = receiver
        self._pace = pace
        self._lasting = lasting
        self._resuming: asyncio.TimerHandle | None = None
        self._connection: Connection
        self._info = Established()
        self._watch = Stopwatch()
        self.answered = False
        self.handshake: float | None = None
        self.first_byte: float | None = None
        self.done: asyncio.Future[Established] = asyncio.get_running_loop().create_future()

    @property
    def is_reusable(self) -> bool:
        """Whether the connection may carry another exchange after this one."""
        return self._exchange.reusable

    def opened(self, connection: Connection) -> None:
        self._connection = connection
        self._watch.lap()

    def established(self, info: Established) -> None:
        self._info = info
        self.handshake = self._watch.lap()
        self._connection.send(self._exchange.take_outgoing())
        if self._left:
            self._connection.wake()

    def data(self, data: Buffer) -> None:
        if self.first_byte is None:
            self.first_byte = self._watch.lap()
        self._take(self._exchange.receive(data))
        if self._pace is not None and not self._exchange.complete:
            self._keep(self._pace, len(data))

    def writable(self) -> bool:
        if self._content is None or self.answered:
            return False  # an answer that comes before the end of the request is not going to get better
        sent = self._connection.send_from(self._content, self._left)
        self._exchange.body_passes(sent)
        self._left -= sent
        return self._left > 0

    def peer_closed(self, clean: bool) -> None:
        # TCP has no announced end: over a plain connection FIN is all there can be (RFC 9112 §9.8 is about TLS).
        plain = self._info.version is None
        self._take(self._exchange.end_of_stream(clean=clean or plain))

    def lost(self, error: TransomError | None) -> None:
        if self._resuming is not None:
            self._resuming.cancel()
        if not self.done.done():
            self.done.set_exception(error or TransferError("the connection was closed before the response was whole"))
            self.done.exception()  # seen: who gave up before waiting will never ask, and asyncio would say so

    def _keep(self, pace: Pace, count: int) -> None:
        wait = pace.wait_after(count)
        if self._resuming is not None:
            self._resuming.cancel()
        if wait > 0:
            self._connection.pause_reading()
            self._resuming = asyncio.get_running_loop().call_later(wait, self._connection.resume_reading)

    def _take(self, events: list[ClientEvent]) -> None:
        for event in events:
            match event:
                case ResponseHead(response, framing):
                    self.answered = True
                    self._receiver.head(response, framing)
                    self._check_request_is_out()
                case BodyData(data):
                    self._receiver.body(data)
                case BodyEnd(_, trailer):
                    self._receiver.end(trailer)
                    self._finish()
                case _:
                    pass  # an interim response; the final one follows

    def _check_request_is_out(self) -> None:
        if self._left:
            raise HttpError(
                "the server answered when {left:,} bytes of the request were still to come", left=self._left
            )

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(self._info)
        if self._resuming is not None:
            self._resuming.cancel()
            self._connection.resume_reading()
        if not (self._lasting and self.is_reusable):
            self._connection.close()
