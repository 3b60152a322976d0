"""From a host name to a connection that is pumping."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence

from transom.channel.interface import Channel
from transom.errors import TransferError, reason_of
from transom.net.clock import Stopwatch
from transom.net.eyeballs import Address, NoneAnswered, reach_first
from transom.net.pump import RECEIVE_SIZE, TIMED_OUT, Pump, receive_buffer
from transom.net.session import Session, Timeouts
from transom.net.tunnel import Tunnel, open_tunnel
from transom.value import value
from transom.wire.tap import Side, Tap

CANNOT_RESOLVE = 6
CANNOT_CONNECT = 7

Resolved = Callable[[float], None]
"""Told how many seconds it took to resolve the name, before any of its addresses is tried."""

Reached = Callable[[float, float], None]
"""Told how many seconds it took to resolve the name, and then to connect."""


class NotResolved(TransferError):
    """The host's name has no address (curl's exit code 6)."""


class NotReached(TransferError):
    """None of the host's addresses answers (curl's exit code 7)."""


@value
class Connected:
    """A connection of ours, and how many seconds it took to find the address and to reach it."""

    pump: Pump
    resolve: float
    connect: float


@value
class ReachedHost:
    """A connected socket, when its SYN left (nanoseconds since the epoch), and the seconds to resolve and connect."""

    connection: socket.socket
    began: int
    resolve: float
    connect: float


async def connect(
    host: str,
    port: int,
    channel: Channel,
    session: Session,
    timeouts: Timeouts,
    tap: Tap | None = None,
    reached: Reached | None = None,
    receive_size: int = RECEIVE_SIZE,
    tunnel: Tunnel | None = None,
    addresses: Sequence[str] = (),
    resolved: Resolved | None = None,
) -> Connected:
    """Resolve `host`, reach the one of its addresses that answers first, and start `channel` on it.

    Its `addresses`, where some are given, are not asked for.
    `resolved` and `reached` are told the seconds that took, the latter before anything crosses. No more than
    `receive_size` bytes are taken from the socket at a time. With a `tunnel` the host is a proxy, and the channel
    begins inside.

    Raises TransferError as `reach` does. What happens after that is told to `session`.
    """
    there = await reach(host, port, timeouts.connect, tunnel, addresses, resolved)
    if reached is not None:
        reached(there.resolve, there.connect)
    pump = Pump(channel, session, Side.CLIENT, receive_buffer(receive_size), timeouts, tap, there.began)
    await asyncio.get_running_loop().create_connection(lambda: pump, sock=there.connection)
    return Connected(pump, there.resolve, there.connect)


async def reach(
    host: str,
    port: int,
    seconds: float,
    tunnel: Tunnel | None = None,
    addresses: Sequence[str] = (),
    resolved: Resolved | None = None,
) -> ReachedHost:
    """Resolve `host` and connect to the one of its addresses that answers first, through the `tunnel` if there is one.

    `resolved` hears of the first of the two by itself: whoever is not let in has learnt that much.
    Raises TransferError with curl's codes: 6 (no such name), 7 (no address answered), 28 (too slow), 56 (no tunnel).
    All say what was tried.
    """
    watch = Stopwatch()
    tried: list[str] = []
    try:
        async with asyncio.timeout(seconds):
            found = [place for name in addresses or (host,) for place in await _resolve(name, port)]
            resolve = watch.lap()
            if resolved is not None:
                resolved(resolve)
            reached = await reach_first(found, tried)
            if tunnel is not None:
                await _led_through(reached.connection, tunnel)
    except NoneAnswered as error:
        raise NotReached(
            "cannot connect to {host}: {error}", host=host, error=error, exit_code=CANNOT_CONNECT
        ) from None
    except TimeoutError as error:
        what = (
            "reaching {place} took more than {seconds:g} s"
            if tried
            else "resolving {place} took more than {seconds:g} s"
        )
        raise TransferError(what, place=", ".join(tried) or host, seconds=seconds, exit_code=TIMED_OUT) from error
    return ReachedHost(reached.connection, reached.began, resolve, watch.lap())


async def _resolve(host: str, port: int) -> Sequence[Address]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:  # a label too long for IDNA is a UnicodeError
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise NotResolved(
            "cannot resolve {host}: {reason}", host=host, reason=reason, exit_code=CANNOT_RESOLVE
        ) from error
    return [(family, address) for family, _, _, _, address in found]


async def _led_through(connection: socket.socket, tunnel: Tunnel) -> None:
    try:
        await open_tunnel(connection, tunnel)
    except BaseException:
        connection.close()
        raise
