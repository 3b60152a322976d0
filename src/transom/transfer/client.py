"""One exchange with a server, from its URL to the response's last byte."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from functools import partial

from transom.channel.interface import Channel, Established
from transom.channel.plain import PlainChannel
from transom.errors import HttpError, PeerError, PeerUntrusted, TransferError, TransomError, Truncated, UsageError
from transom.http.h1_client import ClientExchange
from transom.http.messages import Headers, Request, Response
from transom.net.clock import Stopwatch
from transom.net.connect import CANNOT_RESOLVE, Connected, connect
from transom.net.pump import RECEIVE_FAILED, Pump
from transom.net.session import Timeouts
from transom.net.tunnel import Tunnel
from transom.transfer.client_session import ClientSession, Receiver
from transom.transfer.content import Content
from transom.transfer.pace import Pace, receive_size
from transom.transfer.proxy import Proxy, ProxyChoice
from transom.transfer.result import TransferTimes
from transom.transfer.url import Url
from transom.value import value
from transom.version import VERSION
from transom.wire.escape import escape
from transom.wire.tap import Tap

# curl's exit codes.
CANNOT_RESOLVE_PROXY = 5
WEIRD_REPLY = 8
PARTIAL_FILE = 18
HTTP_STATUS = 22
TLS_HANDSHAKE = 35
GOT_NOTHING = 52
CERTIFICATE = 60
PINNED_KEY = 90

ChannelFactory = Callable[[str], Channel]
"""Makes the TLS channel to a host: a DNS name, or an IP address without brackets."""


@value
class Road:
    """How to get there: what makes a TLS channel (None: only http:// can be asked), who looks on, what may take long.

    `tap_factory` makes who looks on at one connection; a transfer that has to ask twice takes two.

    `reached` is told which host it was and how long resolving and connecting took, before anything crosses. `rate` is
    how many bytes a second are taken at most. A host and port in `addresses` are not resolved: they are there.
    `proxy` says which proxy to go through, if any.

    `factory_elsewhere` makes the channels to any other server than the first, which is not shown a certificate that
    was meant for that one; None: there is none to show.

    A server that does not close its side after us is not waited for: all of the response is here by then.
    """

    channel_factory: ChannelFactory | None = None
    tap_factory: Callable[[], Tap | None] | None = None
    reached: Callable[[str, float, float], None] | None = None
    rate: int | None = None
    proxy: ProxyChoice | None = None
    addresses: Mapping[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
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
    """Ask `url`, and give the response to `receiver`. Raises UsageError, or TransferError with curl's exit codes."""
    channel = _channel(url, road)  # before the clock starts: it may have a trust store to load
    watch = Stopwatch()
    proxy = road.proxy(url) if road.proxy else None
    request = _request(url, method, headers, proxy)
    pace = Pace(road.rate) if road.rate else None
    session = ClientSession(ClientExchange(request, content.length if content else None), content, receiver, pace)
    tap = road.tap_factory() if road.tap_factory else None
    connected = await _connected(url, proxy, channel, session, road, tap)
    try:
        established = await session.done
        total = watch.total
    except TransferError as error:
        _blame_missing_certificate(error, channel)
        raise
    except TransomError as error:
        failure = _as_transfer_error(error, session)
        _blame_missing_certificate(failure, channel)
        raise failure from error
    finally:
        if not session.done.done() or session.done.cancelled():
            connected.pump.abort(TransferError("the transfer was given up"))
        await _closed(connected.pump)
    handshake = session.handshake if url.secure else None
    times = TransferTimes(connected.resolve, connected.connect, handshake, session.first_byte or 0.0, total)
    return Exchanged(established, times)


async def _closed(pump: Pump) -> None:
    """Wait until the connection is; whoever gives that up drops it."""
    try:
        await asyncio.shield(pump.closed)
    except asyncio.CancelledError:
        pump.abort(TransferError("the transfer was given up"))
        await asyncio.shield(pump.closed)
        raise


class Refused(TransferError):
    """The server answered, and not with what was asked for (exit code 22)."""

    def __init__(self, what: str, response: Response) -> None:
        super().__init__(what, exit_code=HTTP_STATUS)
        self.response = response


def require_success(response: Response, *statuses: int) -> None:
    """Raise Refused for a response of any other status: its body is not what was asked for."""
    if response.status in statuses:
        return
    location = response.headers.get("Location")
    elsewhere = f", it is at {escape(location)}" if location and 300 <= response.status < 400 else ""
    reason = f" {escape(response.reason)}" if response.reason else ""
    raise Refused(f"the server answered {response.status}{reason}{elsewhere}", response)


def _request(url: Url, method: str, headers: Headers, proxy: Proxy | None) -> Request:
    """In absolute-form to a proxy (RFC 9112 §3.2.2), which learns who asks; what is in a tunnel is not for it."""
    completed = _completed(headers, url)
    if proxy is None or url.secure:
        return Request(method, url.target, completed)
    return Request(method, f"http://{url.authority}{url.target}", Headers([*completed.raw, *proxy.headers.raw]))


async def _connected(
    url: Url, proxy: Proxy | None, channel: Channel, session: ClientSession, road: Road, tap: Tap | None
) -> Connected:
    reached = partial(road.reached, url.host) if road.reached else None
    size = receive_size(road.rate)
    if proxy is None:
        host = road.addresses.get((url.host, url.port), url.host)
        return await connect(host, url.port, channel, session, road.timeouts, tap, reached, size)
    tunnel = Tunnel(url.host_and_port, proxy.headers) if url.secure else None
    try:
        return await connect(proxy.host, proxy.port, channel, session, road.timeouts, tap, reached, size, tunnel)
    except TransferError as error:
        if error.exit_code == CANNOT_RESOLVE:
            raise TransferError(f"the proxy is not found: {error}", exit_code=CANNOT_RESOLVE_PROXY) from None
        raise


def _completed(headers: Headers, url: Url) -> Headers:
    """With the fields that every request has, where the caller did not choose them."""
    usual = (("Host", url.authority), ("User-Agent", f"transom/{VERSION}"), ("Accept", "*/*"))
    return Headers([*(field for field in usual if field[0] not in headers), *headers.raw])


def _channel(url: Url, road: Road) -> Channel:
    if not url.secure:
        return PlainChannel()
    if road.channel_factory is None:
        raise UsageError(f"{escape(url.text)}: nothing here speaks TLS")
    return road.channel_factory(url.host)


def _blame_missing_certificate(error: TransomError, channel: Channel) -> None:
    """Say so where a server may have refused because it asked who we are: by an alert, a status, or a closed door."""
    refused = isinstance(error, Refused) and 400 <= error.response.status < 500
    broken = isinstance(error, TransferError) and error.exit_code in (TLS_HANDSHAKE, RECEIVE_FAILED, GOT_NOTHING)
    if channel.certificate_missed and isinstance(error, TransferError) and (refused or broken):
        error.because("the server asked for a client certificate and was shown none (--cert)")


def _as_transfer_error(error: TransomError, session: ClientSession) -> TransomError:
    """The error with curl's exit code for it."""
    match error:
        case PeerUntrusted(by_pin_alone=True):
            code = PINNED_KEY
        case PeerUntrusted():
            code = CERTIFICATE
        case PeerError() if session.handshake is None:
            code = TLS_HANDSHAKE
        case Truncated():
            code = PARTIAL_FILE if session.answered else GOT_NOTHING
        case PeerError():
            code = RECEIVE_FAILED
        case HttpError():
            code = WEIRD_REPLY
        case _:
            return error
    return TransferError(str(error), exit_code=code)
