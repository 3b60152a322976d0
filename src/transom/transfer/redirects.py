"""Redirects: an answer that says where the file is instead (RFC 9110 §15.4), and whether to go there.

What proves who the user is was meant for the server they named. It is left behind as soon as scheme, host or port
change, and does not come back: a server that leads away and back again gets nothing it did not have. That goes for
header fields and for a client certificate, which curl showed to whoever asked until its pull request 21690. From https
to http nobody is led at all, since the file could then be anybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

from transom.errors import TransferError, UsageError
from transom.http.framing import Framing
from transom.http.messages import Headers, Response
from transom.transfer.client import Exchanged, Road, exchange
from transom.transfer.client_session import Receiver
from transom.transfer.url import Url, parse_url
from transom.wire.escape import escape
from transom.wire.tap import Buffer

MOST_REDIRECTS = 10

# curl's exit codes.
UNSUPPORTED_PROTOCOL = 1
BAD_URL = 3
TOO_MANY_REDIRECTS = 47

REDIRECTS = (301, 302, 303, 307, 308)
"""The statuses that lead elsewhere."""

_FOR_ONE_SERVER = ("Authorization", "Cookie", "Proxy-Authorization", "Host")
_LONGEST_PAGE = 64 * 1024  # what a redirect has to say besides its Location is read for the connection's sake alone


async def exchange_wherever(
    url: Url, method: str, headers: Headers, receiver: Receiver, road: Road, asks: Callable[[Url], None] | None = None
) -> Exchanged:
    """`exchange`, going where the answers lead: `receiver` takes the first that leads nowhere else.

    `asks` is told of each URL that is led to, before it is asked.

    Raises what `exchange` does, and TransferError with curl's codes: 47 for more than `MOST_REDIRECTS`, 1 for a
    redirect to another scheme or from https to http, 3 for one that is no URL.
    """
    for _ in range(1 + MOST_REDIRECTS):
        follower = _Follower(receiver)
        done = await exchange(url, method, headers, follower, road)
        if follower.location is None:
            return done
        led_to = next_url(url, follower.location)
        if not _same_server(url, led_to):
            headers, road = for_another_server(headers), road.elsewhere()
        url = led_to
        if asks is not None:
            asks(url)
    raise TransferError(
        "more than {most} redirects, the last to {url}",
        most=MOST_REDIRECTS,
        url=shown(url),
        exit_code=TOO_MANY_REDIRECTS,
    )


def next_url(url: Url, location: str) -> Url:
    """Where `Location` leads from `url`; a relative one is resolved (RFC 3986 §5)."""
    # Field values are read as latin-1; what stands in this one unencoded is UTF-8 if it is anything (RFC 3987).
    reference = location.encode("latin-1").decode(errors="replace")
    try:
        text = urljoin(url.text, reference)
        _check_scheme(text.partition(":")[0].lower())
        led_to = parse_url(text)
    except (UsageError, ValueError) as error:
        raise TransferError(
            "the server redirects to what cannot be used: {error}", error=error, exit_code=BAD_URL
        ) from None
    if url.secure and not led_to.secure:
        raise TransferError(
            "the server redirects from https to {url}, which nothing protects; ask for that URL to have it",
            url=shown(led_to),
            exit_code=UNSUPPORTED_PROTOCOL,
        )
    return led_to


def for_another_server(headers: Headers) -> Headers:
    """The same fields but for those that were meant for the first one alone."""
    for name in _FOR_ONE_SERVER:
        headers = headers.without(name)
    return headers


def shown(url: Url) -> str:
    """The URL for a message, without its query: those of redirects are often signed, and so are secrets."""
    path = url.target.partition("?")[0]
    return escape(f"{'https' if url.secure else 'http'}://{url.authority}{path}")


def _check_scheme(scheme: str) -> None:
    if scheme not in ("http", "https"):
        raise TransferError(
            "the server redirects to the scheme {scheme}; expected http or https",
            scheme=escape(scheme),
            exit_code=UNSUPPORTED_PROTOCOL,
        )


def _same_server(url: Url, other: Url) -> bool:
    return (url.secure, url.host, url.port) == (other.secure, other.host, other.port)


class _Follower:
    """Passes an answer on to `receiver`, unless it leads elsewhere: to `location`."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._page_left = _LONGEST_PAGE
        self.location: str | None = None

    def head(self, response: Response, framing: Framing) -> None:
        if response.status in REDIRECTS:
            self.location = next(iter(response.headers.get_all("Location")), None)  # of two the first, as in curl
        if self.location is None:
            self._receiver.head(response, framing)

    def body(self, data: Buffer) -> None:
        if self.location is None:
            self._receiver.body(data)
            return
        self._page_left -= len(data)
        if self._page_left < 0:
            raise TransferError("a redirect with more than {most:,} bytes of its own", most=_LONGEST_PAGE, exit_code=8)

    def end(self, trailer: Headers) -> None:
        if self.location is None:
            self._receiver.end(trailer)
