"""One exchange with a server, from its URL to the response's last byte."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import field, replace
from functools import partial

from transom.channel.interface import Channel, Established
from transom.channel.plain import PlainChannel
from transom.errors import PeerAlerted, TransferError, TransomError, Truncated, UsageError
from transom.http.h1_client import ClientExchange
from transom.http.messages import Headers, Request
from transom.net.clock import Stopwatch
from transom.net.connect import CANNOT_RESOLVE, Connected, connect
from transom.net.pump import RECEIVE_FAILED, Pump
from transom.net.session import Session, Timeouts
from transom.net.tunnel import NoTunnel, Tunnel
from transom.transfer.client_session import ClientSession, Receiver
from transom.transfer.content import Content
from transom.transfer.failure import as_transfer_error, blame_missing_certificate
from transom.transfer.pace import Pace, receive_size
from transom.transfer.persistent import PersistentConnection, Place, Pool
from transom.transfer.proxy import Proxy, ProxyChoice
from transom.transfer.result import TransferTimes
from transom.transfer.url import Url
from transom.value import value
from transom.version import VERSION
from transom.wire.escape import escape
from transom.wire.tap import Tap

CANNOT_RESOLVE_PROXY = 5
"""curl's exit code."""

ANY_HOST = "*"

ChannelFactory = Callable[[str], Channel]
"""Makes the TLS channel to a host: a DNS name, or an IP address without brackets."""


@value
class Road:
    """How to get there: what makes a TLS channel (None: only http:// can be asked), who looks on, what may take long.

    `tap_factory` makes who looks on at one connection; a transfer that has to ask twice takes two.

    `reached` is told which host it was, through which proxy's host if any, and how long resolving and connecting took,
    before anything crosses; `timed`,
    when an exchange is over, however it ended, which host was to be connected to (a proxy's, where there is one) and
    how long each stage took. `rate` is how many bytes a second are taken at most. What is `hashed` as it comes is taken
    in larger pieces. A host and port in `addresses` are not resolved: they are there; with `ANY_HOST` every host is
    that is not named.
    `proxy` says which proxy to go through, if any. A `pool` keeps connections for other exchanges on this road;
    without one each has its own.

    `factory_elsewhere` makes the channels to any other server than the first, which is not shown a certificate that
    was meant for that one; None: there is none to show.

    A server that does not close its side after us is not waited for: all of the response is here by then.
    """

    channel_factory: ChannelFactory | None = None
    tap_factory: Callable[[], Tap | None] | None = None
    reached: Callable[[str, str | None, float, float], None] | None = None
    timed: Callable[[str, TransferTimes], None] | None = None
    rate: int | None = None
    hashed: bool = False
    proxy: ProxyChoice | None = None
    pool: Pool | None = None
    addresses: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict[tuple[str, int], tuple[str, ...]])
    timeouts: Timeouts = field(default_factory=lambda: Timeouts(linger=1.0))
    factory_elsewhere: ChannelFactory | None = None

    def elsewhere(self) -> Road:
        """The same to another server."""
        return replace(self, channel_factory=self.factory_elsewhere or self.channel_factory)


@value
class Exchanged:
    """The channel the exchange went over, and the seconds it took."""

    channel: Established
    times: TransferTimes


async def exchange(
    url: Url, method: str, headers: Headers, receiver: Receiver, road: Road, content: Content | None = None
) -> Exchanged:
    """Ask `url`, and give the response to `receiver`. Raises UsageError, or TransferError with curl's exit codes.

    With a pool it goes over a connection that waits there, if there is one. A server may close that in the very moment
    it is asked again: as long as nothing was heard of it, it is asked once more over a new one (RFC 9112 §9.3.1).
    """
    asking = _Asking(url, method, headers, receiver, road, content)
    kept = asking.pool.take(asking.place) if asking.pool else None
    if kept is not None:
        with suppress(_TooLate):
            return await asking.over(kept)
    return await asking.over_new()


class NotPastTheProxy(TransferError):
    """The way through a proxy failed: there, or behind it (curl's exit codes: 5 where its name has no address)."""


class _TooLate(TransferError):
    """The server had closed the connection before it took the request."""


class _Timing:
    """How far an exchange came, and in what time: `times` may be asked for at any moment.

    One over a connection that was `kept` takes nothing to get there. A handshake is only told of where it is `secure`.
    """

    def __init__(self, session: ClientSession, *, secure: bool, kept: bool = False) -> None:
        self.resolve: float | None = 0.0 if kept else None
        self.connect: float | None = 0.0 if kept else None
        self._session = session
        self._secure = secure
        self._kept = kept
        self._watch = Stopwatch()
        self._total: float | None = None

    def resolved(self, seconds: float) -> None:
        self.resolve = seconds

    @contextmanager
    def stopped_after(self) -> Generator[None]:
        """What comes later, to close the connection say, is none of the exchange's time."""
        try:
            yield
        finally:
            self._total = self._watch.total

    @property
    def times(self) -> TransferTimes:
        total = self._watch.total if self._total is None else self._total
        handshake = 0.0 if self._kept else self._session.handshake
        handshake = handshake if self._secure else None
        return TransferTimes(self.resolve, self.connect, handshake, self._session.first_byte, total)


class _Asking:
    """One exchange, over whichever connection."""

    def __init__(
        self, url: Url, method: str, headers: Headers, receiver: Receiver, road: Road, content: Content | None
    ) -> None:
        self._url = url
        self._road = road
        self._receiver = receiver
        self._content = content
        self._proxy = road.proxy(url) if road.proxy else None
        self._request = _request(url, method, headers, self._proxy)
        self.place = Place(url.secure, url.host, url.port, self._proxy, road.channel_factory)
        # What is sent in pieces cannot be sent a second time: it does not go over a connection that may be closed.
        self.pool = road.pool if content is None else None

    async def over(self, kept: PersistentConnection) -> Exchanged:
        """Over a connection that is there. Raises _TooLate if it was not any more."""
        session = self._session()
        timing = _Timing(session, secure=self._url.secure, kept=True)
        kept.carry(session)
        try:
            established = await self._carried(kept, session, timing)
        except TransferError as error:
            if not kept.has_begun or (session.first_byte is None and _is_broken(error)):
                raise _TooLate(error.sentence) from error
            raise
        finally:
            self._tell(timing)
        return Exchanged(established, timing.times)

    async def over_new(self) -> Exchanged:
        """Over a connection of its own."""
        # Both before the clock starts: they may have a trust store to load.
        channel = _channel(self._url, self._road)
        tap = self._road.tap_factory() if self._road.tap_factory else None
        session = self._session()
        timing = _Timing(session, secure=self._url.secure)
        connection = PersistentConnection(channel, session)
        try:
            connected = await _connected(self._url, self._proxy, channel, connection, self._road, tap, timing)
            connection.pump = connected.pump
            established = await self._carried(connection, session, timing)
        finally:
            self._tell(timing)
        return Exchanged(established, timing.times)

    def _tell(self, timing: _Timing) -> None:
        if self._road.timed is not None:
            self._road.timed(self._proxy.host if self._proxy else self._url.host, timing.times)

    def _session(self) -> ClientSession:
        exchange = ClientExchange(self._request, self._content.length if self._content else None)
        pace = Pace(self._road.rate) if self._road.rate else None
        return ClientSession(exchange, self._content, self._receiver, pace, lasting=self.pool is not None)

    async def _carried(self, connection: PersistentConnection, session: ClientSession, timing: _Timing) -> Established:
        """Wait for the response; the channel it came over. The connection waits for the next, or ends."""
        try:
            with timing.stopped_after():
                return await session.done
        except TransomError as error:
            failure = as_transfer_error(error, session)
            blame_missing_certificate(failure, connection.channel, answered=session.answered)
            if failure is error:
                raise
            raise failure from error
        finally:
            if not session.done.done() or session.done.cancelled():
                connection.pump.abort(TransferError("the transfer was given up"))
            if self.pool is not None:
                self.pool.keep(self.place, connection)
            else:
                await _closed(connection.pump)


async def _closed(pump: Pump) -> None:
    """Wait until the connection is; whoever gives that up drops it."""
    try:
        await asyncio.shield(pump.closed)
    except asyncio.CancelledError:
        pump.abort(TransferError("the transfer was given up"))
        await asyncio.shield(pump.closed)
        raise


def _is_broken(error: TransferError) -> bool:
    """Whether the connection is what failed: it was closed, reset, or the server's TLS gave it up."""
    return isinstance(error.__cause__, Truncated | PeerAlerted) or error.exit_code == RECEIVE_FAILED


def _request(url: Url, method: str, headers: Headers, proxy: Proxy | None) -> Request:
    """In absolute-form to a proxy (RFC 9112 §3.2.2), which learns who asks; what is in a tunnel is not for it."""
    completed = _completed(headers, url)
    if proxy is None or url.secure:
        return Request(method, url.target, completed)
    return Request(method, f"http://{url.authority}{url.target}", Headers([*completed.raw, *proxy.headers.raw]))


async def _connected(
    url: Url,
    proxy: Proxy | None,
    channel: Channel,
    session: Session,
    road: Road,
    tap: Tap | None,
    timing: _Timing,
) -> Connected:
    def reached(resolve: float, connect: float) -> None:
        timing.connect = connect
        if road.reached is not None:
            road.reached(url.host, proxy.host if proxy else None, resolve, connect)

    size = receive_size(road.rate, hashed=road.hashed)
    at = partial(connect, channel=channel, session=session, timeouts=road.timeouts, tap=tap, reached=reached,
                 receive_size=size, resolved=timing.resolved)  # fmt: skip
    if proxy is None:
        addresses = road.addresses.get((url.host, url.port)) or road.addresses.get((ANY_HOST, url.port), ())
        return await at(url.host, url.port, addresses=addresses)
    tunnel = Tunnel(url.host_and_port, proxy.headers) if url.secure else None
    try:
        return await at(proxy.host, proxy.port, tunnel=tunnel)
    except TransferError as error:
        if isinstance(error, NoTunnel):  # speaks of the proxy itself
            raise
        code = CANNOT_RESOLVE_PROXY if error.exit_code == CANNOT_RESOLVE else error.exit_code
        raise NotPastTheProxy(
            "through the proxy that {source} names: {error}", source=proxy.source, error=error, exit_code=code
        ) from None


def _completed(headers: Headers, url: Url) -> Headers:
    """With the fields that every request has, where the caller did not choose them."""
    usual = (("Host", url.authority), ("User-Agent", f"transom/{VERSION}"), ("Accept", "*/*"))
    return Headers([*(field for field in usual if field[0] not in headers), *headers.raw])


def _channel(url: Url, road: Road) -> Channel:
    if not url.secure:
        return PlainChannel()
    if road.channel_factory is None:
        raise UsageError("{url}: nothing here speaks TLS", url=escape(url.text))
    return road.channel_factory(url.host)
