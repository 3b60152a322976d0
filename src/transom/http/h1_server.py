"""The server's side of an HTTP/1.1 connection: request after request in, response after response out.

    events = connection.receive(data)      # RequestHead, BodyData, BodyEnd of one request, never of two
    connection.respond(response, length)   # its head; then the body, counted against `length`
    connection.send_body(view)             # the pieces to give to the channel, as often as it takes
    connection.end_body()
    events = connection.next_request()     # what the client had already sent on, when it pipelines

A request that breaks HTTP raises HttpError with the status to answer with; after that answer `must_close` holds.
"""

from __future__ import annotations

import re
from http import HTTPStatus

import h11

from transom.errors import HttpError, Truncated, UsageError
from transom.http.body import BodyReader, reader_for
from transom.http.events import BodyData, BodyEnd, RequestHead
from transom.http.framing import is_ambiguous, keeps_alive, may_have_body, request_framing
from transom.http.head import (
    REQUEST_LIMITS,
    HeadReader,
    check_fields,
    check_line_ends,
    parse_request,
    server_side,
)
from transom.http.messages import Headers, Request, Response
from transom.http.reasons import reason_phrase
from transom.http.sending import BodySender, LengthSender, StreamSender
from transom.wire.tap import Buffer

ServerEvent = RequestHead | BodyData | BodyEnd

# RFC 9110 §7.2, RFC 3986 §3.2.2: a registered name or IPv4 address, or an IPv6 address in brackets; then a port.
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(:[0-9]{0,5})?")


class ServerConnection:
    """All exchanges of one connection, one at a time."""

    def __init__(self) -> None:
        self._outgoing = bytearray()
        self._waiting = bytearray()
        self._closing = False
        self._ended = False
        self._start_exchange()

    def _start_exchange(self) -> None:
        self._connection = server_side()
        self._head = HeadReader(REQUEST_LIMITS)
        self._request: Request | None = None
        self._body: BodyReader | None = None
        self._sender: BodySender | None = None

    def receive(self, data: Buffer) -> list[ServerEvent]:
        """Bytes from the client; empty is the end of the stream.

        Bytes past the request at hand wait for `next_request`: read no more while `paused`. Views in the events are
        valid until the next call. Raises HttpError with a status to answer with, and Truncated for a request that
        the end of the stream cut short.
        """
        if not data:
            self._ended = True
            self._check_whole()
            return []
        if self._closing and self._body is None:
            return []
        try:
            return self._receive(memoryview(data))
        except HttpError as error:
            self._closing = True
            raise HttpError(error.sentence, status=error.status or HTTPStatus.BAD_REQUEST) from None

    @property
    def idle(self) -> bool:
        """Between two requests: nothing of a next one has come."""
        return self._request is None and not self._head.started

    @property
    def paused(self) -> bool:
        """The request is whole and its response is not: what comes now can only wait."""
        return self._body is not None and self._body.complete

    @property
    def waiting(self) -> bool:
        """Something that was sent on behind the request at hand waits for `next_request`."""
        return bool(self._waiting)

    @property
    def must_close(self) -> bool:
        """Close once the response at hand is sent. A client that only sends no more still gets what it asked for."""
        return self._closing or (self._ended and not self._waiting)

    def send_continue(self) -> None:
        """Ask for the body of a request that `expects_continue` (RFC 9110 §15.2.1)."""
        self._outgoing += self._connection.send(
            h11.InformationalResponse(status_code=100, reason=b"Continue", headers=[])
        )

    def respond(self, response: Response, length: int | None) -> None:
        """Put a response head into the outgoing bytes. Its `Date` is the caller's to give: here is no clock.

        `length` is the number of body bytes a GET would be sent, None when that is not known beforehand. Framing
        fields and `Connection: close` are set here. Raises UsageError for a second response to one request, or one
        that cannot be written as HTTP.
        """
        if self._sender is not None:
            raise UsageError("the request has been answered already")
        # What is left of a request that was answered early is not worth reading (RFC 9112 §9.6).
        self._closing |= not self.paused or not keeps_alive(response)
        method = self._request.method if self._request else "GET"
        with_body = may_have_body(method, response.status)
        self._outgoing += self._written(response, length, with_body=with_body or method == "HEAD")
        if with_body and length is None:
            self._sender = StreamSender(self._connection)
        else:
            self._sender = LengthSender(length or 0 if with_body else 0)

    def send_body(self, data: Buffer) -> list[Buffer]:
        """The pieces to give to the channel for `data`, in order and uncopied, the head first if still unsent.

        Raises UsageError when more is sent than `respond` announced.
        """
        return [*self._pending(), *self._answered().pieces(data)]

    def body_passes(self, count: int) -> None:
        """So many bytes of the body go to the channel by another way, once the head has gone (`take_outgoing`).

        Raises UsageError as `send_body` does, and for a response whose length was not announced.
        """
        self._answered().passes(count)

    def end_body(self) -> list[Buffer]:
        """The pieces that end the response. Raises UsageError when less was sent than `respond` announced."""
        return [*self._pending(), *self._answered().end()]

    def next_request(self) -> list[ServerEvent]:
        """Begin the next exchange with what has already come; as `receive` otherwise. Not after `must_close`."""
        if self.must_close or not self._answered().complete:
            raise UsageError("no next request: the connection closes, or the response is not complete")
        waiting, self._waiting = self._waiting, bytearray()
        self._start_exchange()
        events = self.receive(waiting) if waiting else []
        if self._ended:
            self._check_whole()
        return events

    def take_outgoing(self) -> bytes:
        """The heads to send now; bodies are sent with what `send_body` gives."""
        outgoing = bytes(self._outgoing)
        self._outgoing.clear()
        return outgoing

    def _receive(self, data: memoryview) -> list[ServerEvent]:
        events: list[ServerEvent] = []
        while data and self._body is None:
            head, count = self._head.receive(data)
            data = data[count:]
            if head is not None:
                events.append(self._begin(head))
        if self._body is not None and not self._body.complete:
            taken = self._body.receive(data)
            if taken.broken is not None:
                raise taken.broken
            events += taken.events
            data = data[taken.count :]
        self._waiting += data
        return events

    def _begin(self, head: bytes) -> RequestHead:
        check_line_ends(head)
        self._request = request = parse_request(self._connection, head)
        _check(request)
        self._closing |= not keeps_alive(request)
        framing = request_framing(request)
        self._body = reader_for(framing, self._connection)
        return RequestHead(request, framing, self._connection.they_are_waiting_for_100_continue)

    def _check_whole(self) -> None:
        """The client sends no more: what it has begun must be whole."""
        if self._body is not None and not self._body.complete:
            self._body.end_of_stream(clean=False)
        if self._body is None and self._head.started:
            raise Truncated("the connection ended inside the request head", where="request", rfc="9112 §8")

    def _written(self, response: Response, length: int | None, *, with_body: bool) -> bytes:
        headers = response.headers
        if length is not None and with_body:
            headers = headers.replaced("Content-Length", str(length))
        if self.must_close:
            headers = headers.replaced("Connection", "close")
        reason = response.reason or reason_phrase(response.status)
        try:
            return self._connection.send(
                h11.Response(status_code=response.status, reason=reason, headers=list(headers.raw))
            )
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            raise UsageError("the response cannot be sent: {error}", error=error) from None

    def _pending(self) -> list[Buffer]:
        outgoing = self.take_outgoing()
        return [outgoing] if outgoing else []

    def _answered(self) -> BodySender:
        if self._sender is None:
            raise UsageError("no response has been given yet")
        return self._sender


def _check(request: Request) -> None:
    """What h11 lets pass and a server must not."""
    check_fields(request.headers, REQUEST_LIMITS)
    if not request.version.startswith("1."):
        raise HttpError("HTTP/{version} is not spoken here", version=request.version, status=505)
    if is_ambiguous(request.headers):
        raise HttpError("both Transfer-Encoding and Content-Length (RFC 9112 §6.1)", status=400)
    if request.version == "1.0" and "Transfer-Encoding" in request.headers:
        raise HttpError("Transfer-Encoding in an HTTP/1.0 request (RFC 9112 §6.1)", status=400)
    _check_host(request.headers)


def _check_host(headers: Headers) -> None:
    host = headers.get("Host")
    if host is not None and not _HOST.fullmatch(host):
        raise HttpError("the Host field is no host name: {host!r} (RFC 9112 §3.2)", host=host[:80], status=400)
