"""The way to a server: directly, or through the proxy that the command would have gone through without us."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from typing import Literal

from transom.errors import HttpError, UsageError
from transom.net.connect import reach
from transom.net.tunnel import Tunnel
from transom.run.programs import Program
from transom.transfer.proxy import Proxy, ProxyChoice, choose_proxy
from transom.transfer.url import Url, parse_url
from transom.value import value
from transom.wire.escape import escape
from transom.wire.tap import Endpoint, Endpoints

CONNECT_TIME = 30.0
"""Seconds for resolving a name and reaching one of its addresses."""

_AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]@:/?#\s]+)):([0-9]{1,5})")


@value
class Asked:
    """The server that a program asked for; an IPv6 address is without its brackets."""

    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host and port as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@value
class Reached:
    """A connection to it. `began` is the time of the SYN in nanoseconds since the epoch, the others are seconds.

    With a `proxy` the connection ends there, and the endpoints are those of the connection to it. `program` is who
    asked, if that is known.
    """

    asked: Asked
    connection: socket.socket
    began: int
    resolve: float
    connect: float
    proxy: Proxy | None
    program: Program | None = None

    @property
    def endpoints(self) -> Endpoints:
        """Our end of it as the client's, since that is what the server sees."""
        ours, theirs = self.connection.getsockname(), self.connection.getpeername()
        return Endpoints(Endpoint(*ours[:2]), Endpoint(*theirs[:2]))


@value
class PastTunnel:
    """A connection that the program made by itself: told by taps within it, or by its packets. `began` and `program`,
    which connected, or listens there, as above.
    """

    asked: Asked
    began: int
    told_by: Literal["taps", "packets"] = "taps"
    program: Program | None = None


class Outward:
    """Reaches servers as `environ` says: the variables of curl, of the environment that we were started with."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._choose: ProxyChoice = choose_proxy(None, environ)
        for scheme in ("https", "http"):  # what is wrong with it is told before anything is started
            self._choose(_url(scheme, Asked("transom.invalid", 1)))

    async def tunnel_to(self, asked: Asked) -> Reached:
        """For bytes of any kind. Raises TransferError."""
        proxy = self._choose(_url("https", asked))
        if proxy is None:
            return await _reach(asked, asked, None, None)
        return await _reach(asked, Asked(proxy.host, proxy.port), proxy, Tunnel(asked.authority, proxy.headers))

    async def ask_http(self, asked: Asked) -> Reached:
        """For requests in the clear: a proxy is told the whole URL. Raises TransferError."""
        proxy = self._choose(_url("http", asked))
        return await _reach(asked, Asked(proxy.host, proxy.port) if proxy else asked, proxy, None)


def asked_of(authority: str, default_port: int | None = None) -> Asked:
    """`host:port`, an IPv6 address in brackets. Raises HttpError with status 400."""
    text = authority if default_port is None or _AUTHORITY.fullmatch(authority) else f"{authority}:{default_port}"
    found = _AUTHORITY.fullmatch(text)
    if found is None or not 0 < int(found[3]) < 65536:
        raise HttpError(
            "{authority} is no host and port (RFC 9112 §3.2.3)", authority=escape(authority)[:200], status=400
        )
    return Asked(found[1] or found[2], int(found[3]))


async def _reach(asked: Asked, next_stop: Asked, proxy: Proxy | None, tunnel: Tunnel | None) -> Reached:
    there = await reach(next_stop.host, next_stop.port, CONNECT_TIME, tunnel)
    there.connection.setblocking(False)
    return Reached(asked, there.connection, there.began, there.resolve, there.connect, proxy)


def _url(scheme: str, asked: Asked) -> Url:
    try:
        return parse_url(f"{scheme}://{asked.authority}/")
    except UsageError as error:
        raise HttpError(error.sentence, status=400) from None
