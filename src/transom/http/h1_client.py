"""The client's side of one HTTP/1.1 exchange: a request out, its response in."""

from __future__ import annotations

import h11

from transom.errors import HttpError, Truncated, UsageError
from transom.http.body import BodyReader, reader_for
from transom.http.events import BodyData, BodyEnd, InformationalHead, ResponseHead
from transom.http.framing import (
    Chunked,
    is_ambiguous,
    keeps_alive,
    opens_tunnel,
    request_framing,
    response_framing,
)
from transom.http.head import RESPONSE_LIMITS, HeadReader, check_fields, client_side, parse_response
from transom.http.messages import Request, Response
from transom.http.sending import BodySender, LengthSender, StreamSender
from transom.wire.tap import Buffer

ClientEvent = InformationalHead | ResponseHead | BodyData | BodyEnd


class ClientExchange:
    """One request and its response. The next exchange of the connection is a new object, if this one is `reusable`.

    A request with a body either has a `body_length`, sent as Content-Length, or carries `Transfer-Encoding: chunked`
    among its headers. Raises UsageError when the request cannot be written as HTTP/1.1.
    """

    def __init__(self, request: Request, body_length: int | None = None) -> None:
        if body_length is not None:
            headers = request.headers.replaced("Content-Length", str(body_length))
            request = Request(request.method, request.target, headers)
        self._connection = client_side()
        self._outgoing = _written(self._connection, request)
        self._request = request
        self._sender = _sender(self._connection, request)
        self._head = HeadReader(RESPONSE_LIMITS)
        self._response: Response | None = None
        self._body: BodyReader | None = None
        self._surplus = False
        self._interim = 0
        """Bytes of interim responses: there may be any number, and a server that sends nothing else never ends."""

    def take_outgoing(self) -> bytes:
        """The request head, once; the body is sent with what `send_body` gives."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def send_body(self, data: Buffer) -> list[Buffer]:
        """The pieces to give to the channel for `data`, in order and uncopied, the head first if still unsent.

        Raises UsageError when more is sent than was announced.
        """
        return [*self._pending(), *self._sender.pieces(data)]

    def body_passes(self, count: int) -> None:
        """So many bytes of the body go to the channel by another way, once the head has gone (`take_outgoing`).

        Raises UsageError as `send_body` does, and for a request whose length was not announced.
        """
        self._sender.passes(count)

    def end_body(self) -> list[Buffer]:
        """The pieces that end the body. Raises UsageError when less was sent than was announced."""
        return [*self._pending(), *self._sender.end()]

    def receive(self, data: Buffer) -> list[ClientEvent]:
        """Bytes of the response; empty is an end of the stream that nothing announced.

        Raises HttpError for what is no HTTP, Truncated for a response that the end of the stream cut short. Views in
        the events are valid until the next call.
        """
        if not data:
            return self.end_of_stream(clean=False)
        try:
            return self._receive(memoryview(data))
        except HttpError as error:
            # The status a server would answer this with means nothing to a client.
            raise HttpError("the response is not valid HTTP: {error}", error=error) from None

    def end_of_stream(self, *, clean: bool) -> list[ClientEvent]:
        """The server sends no more. `clean`: the end was announced (close_notify), or nothing could (plain TCP's FIN).

        It completes a body that ends with the connection, and cuts short any other: Truncated, with the counts.
        """
        if self.complete:
            return []
        if self._body is None:
            what = (
                "the connection ended inside the response head"
                if self._head.started
                else "the connection ended before any response"
            )
            raise Truncated(what, rfc="9112 §8")
        try:
            return list(self._body.end_of_stream(clean=clean))
        except Truncated as cut:
            # Of a connection of our own it is known who ended it.
            raise Truncated(
                "the server closed the connection after {so_far}", so_far=self._body.so_far, rfc=cut.rfc
            ) from None

    @property
    def complete(self) -> bool:
        """Whether the whole response has come."""
        return self._body is not None and self._body.complete

    @property
    def reusable(self) -> bool:
        """Whether the connection may carry another exchange: both messages whole, neither side closing."""
        if self._response is None or not self.complete or not self._sender.complete or self._surplus:
            return False
        if is_ambiguous(self._response.headers):
            return False  # where it ends is what two readers may see differently (RFC 9112 §6.3)
        tunnel = opens_tunnel(self._request.method, self._response.status)
        return keeps_alive(self._request) and keeps_alive(self._response) and not tunnel

    def _pending(self) -> list[Buffer]:
        outgoing = self.take_outgoing()
        return [outgoing] if outgoing else []

    def _receive(self, data: memoryview) -> list[ClientEvent]:
        events: list[ClientEvent] = []
        while data and self._body is None:
            head, count = self._head.receive(data)
            data = data[count:]
            if head is not None:
                events += self._begin(head)
        if self._body is not None and not self._body.complete:
            taken = self._body.receive(data)
            if taken.broken is not None:
                raise taken.broken
            events += taken.events
            data = data[taken.count :]
        # Bytes after the response answer no request: whose they are cannot be known, so the connection is spent.
        self._surplus |= bool(data)
        return events

    def _begin(self, head: bytes) -> list[ClientEvent]:
        response = parse_response(self._connection, head)
        check_fields(response.headers, RESPONSE_LIMITS)
        self._head = HeadReader(RESPONSE_LIMITS)
        if response.status < 200 and response.status != 101:
            self._interim += len(head)
            if self._interim > RESPONSE_LIMITS.size:
                raise HttpError("interim responses of more than {most:,} bytes", most=RESPONSE_LIMITS.size)
            return [InformationalHead(response)]
        framing = response_framing(self._request.method, response)
        self._response = response
        self._body = reader_for(framing, self._connection)
        return [ResponseHead(response, framing)]


def _written(connection: h11.Connection, request: Request) -> bytes:
    try:
        return connection.send(
            h11.Request(method=request.method, target=request.target, headers=list(request.headers.raw))
        )
    except (h11.LocalProtocolError, UnicodeEncodeError) as error:
        raise UsageError("the request cannot be sent: {error}", error=error) from None


def _sender(connection: h11.Connection, request: Request) -> BodySender:
    framing = request_framing(request)
    if isinstance(framing, Chunked):
        return StreamSender(connection)
    return LengthSender(framing.count)
