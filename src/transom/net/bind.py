"""Taking ports: sockets that listen, before anybody serves them; also one port for several processes."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence

from transom.errors import UsageError, reason_of
from transom.wire.tap import Endpoint

Sockets = list[socket.socket]
"""One for each address that is listened on."""

_BACKLOG = 1024


class PortTaken(UsageError):
    """Another socket listens at `endpoint`."""

    def __init__(self, endpoint: Endpoint, place: Endpoint, error: OSError) -> None:
        super().__init__("cannot listen on {place}: {reason}", place=place, reason=reason_of(error))
        self.endpoint = endpoint


def bind(hosts: Sequence[str], port: int, copies: int = 1) -> list[Sockets]:
    """Listen on every address of every one of `hosts`; port 0 takes a free one, the same on all.

    With `copies` each address has so many sockets, and each of the lists has one of them: the kernel deals new
    connections out among them. Raises UsageError for what cannot be listened on, PortTaken where another does.
    """
    sets: list[Sockets] = [[] for _ in range(copies)]
    try:
        for host in hosts:
            port = _bind_host(host, port, sets)
    except BaseException:
        for opened in sets:
            close(opened)
        raise
    return sets


def close(sockets: Sockets) -> None:
    """Give up those that nobody is going to serve."""
    for one in sockets:
        one.close()


def endpoint_of(bound: socket.socket) -> Endpoint:
    """Where it listens."""
    return Endpoint(*bound.getsockname()[:2])


def _bind_host(host: str, port: int, sets: Sequence[Sockets]) -> int:
    """Add a socket to each of `sets` for every address of `host`; the port, which is now known."""
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
        for family, _, _, _, address in found:
            try:
                port = _bind_address(family, (address[0], port, *address[2:]), sets)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                raise PortTaken(Endpoint(str(address[0]), port), Endpoint(host, port), error) from error
    except (OSError, UnicodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise UsageError("cannot listen on {place}: {reason}", place=Endpoint(host, port), reason=reason) from error
    return port


def _bind_address(family: int, address: tuple[str | int, ...], sets: Sequence[Sockets]) -> int:
    first, *others = sets
    first.append(_bound(family, address))
    if others:
        # Bound alone, shared from here on: a port that another program already shares is not joined by mistake.
        first[-1].setsockopt(socket.SOL_SOCKET, _sharing(), 1)
    address = first[-1].getsockname()
    for other in others:
        other.append(_bound(family, address, _sharing()))
    for one in sets:
        one[-1].listen(_BACKLOG)
    return endpoint_of(first[-1]).port


def _sharing() -> int:
    option: int | None = getattr(socket, "SO_REUSEPORT", None)
    if option is None:
        raise UsageError("this system cannot share a port between processes")
    return option


def _bound(family: int, address: tuple[str | int, ...], *options: int) -> socket.socket:
    unbound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        unbound.setblocking(False)
        if os.name == "posix":  # elsewhere the option would let two programs have one port
            unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            unbound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for option in options:
            unbound.setsockopt(socket.SOL_SOCKET, option, 1)
        unbound.bind(address)
    except OSError:
        unbound.close()
        raise
    return unbound
