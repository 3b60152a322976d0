"""A tunnel through an HTTP proxy: asked for by CONNECT, and from then on the same as a connection to the server.

What crosses before the tunnel is there stays between the proxy and us: who looks on sees what is inside.
"""

from __future__ import annotations

import asyncio
import re
import socket

from transom.errors import HttpError, Sentence, TransferError, Truncated
from transom.http.events import ResponseHead
from transom.http.h1_client import ClientExchange
from transom.http.messages import NO_HEADERS, Headers, Request, Response
from transom.net.pump import RECEIVE_FAILED
from transom.value import value
from transom.wire.escape import escape

_LARGEST_HEAD = 64 * 1024
_END = re.compile(rb"\n\r?\n")  # as the reader of heads finds it


@value
class Tunnel:
    """What to ask a proxy for: `authority` is the server's host and port, `headers` say who asks."""

    authority: str
    headers: Headers = NO_HEADERS


class NoTunnel(TransferError):
    """The proxy opens none (curl's exit code 56). `status` is what it answered, None where that was no answer."""

    def __init__(self, tunnel: Tunnel, why: Exception | Sentence, status: int | None = None) -> None:
        super().__init__(
            "the proxy opens no tunnel to {server}: {why}", server=tunnel.authority, why=why, exit_code=RECEIVE_FAILED
        )
        self.status = status


async def open_tunnel(connection: socket.socket, tunnel: Tunnel) -> None:
    """Have the proxy at the other end lead on to the server (RFC 9110 §9.3.6).

    Raises NoTunnel when it does not.
    """
    loop = asyncio.get_running_loop()
    headers = Headers([("Host", tunnel.authority), *tunnel.headers.raw])
    exchange = ClientExchange(Request("CONNECT", tunnel.authority, headers))
    try:
        await loop.sock_sendall(connection, exchange.take_outgoing())
        response = await _answer(connection, exchange)
    except (OSError, Truncated, HttpError) as error:
        raise NoTunnel(tunnel, error) from None
    if not 200 <= response.status < 300:
        status = f"{response.status} {escape(response.reason)}".rstrip()
        raise NoTunnel(tunnel, Sentence("it answered {status}", status=status), response.status)


async def _answer(connection: socket.socket, exchange: ClientExchange) -> Response:
    loop = asyncio.get_running_loop()
    came = b""
    while True:
        while not (end := _END.search(came)):
            if len(came) > _LARGEST_HEAD:
                raise HttpError("a response head of more than {most:,} bytes", most=_LARGEST_HEAD)
            piece = await loop.sock_recv(connection, 4096)
            came += piece
            if not piece:
                exchange.receive(came)
                exchange.end_of_stream(clean=True)
        head, came = came[: end.end()], came[end.end() :]
        for event in exchange.receive(head):
            if isinstance(event, ResponseHead):
                _check_silent(came, event.response)
                return event.response


def _check_silent(came: bytes, response: Response) -> None:
    """In TLS the client speaks first: what comes before that is not from the server."""
    if came and response.status < 300:
        raise HttpError("{count:,} bytes came through the tunnel before anything was sent", count=len(came))
