"""Message heads: finding where one ends, and having h11 judge what it says.

The head is cut out of the stream here, so that its raw bytes and their place are known and limits hold before anything
is parsed; what it means is decided by h11 alone. Only the observer reads heads without it in which there is nothing to
decide (`plain_heads`).
"""

from __future__ import annotations

import re

import h11

from transom.errors import HttpError
from transom.http.messages import Headers, Request, Response
from transom.value import value
from transom.wire.tap import Buffer


@value
class HeadLimits:
    """The largest head that is read: bytes in all, bytes of the start line, number of field lines."""

    size: int
    start_line: int
    fields: int


REQUEST_LIMITS = HeadLimits(size=64 * 1024, start_line=8 * 1024, fields=100)
RESPONSE_LIMITS = HeadLimits(size=256 * 1024, start_line=8 * 1024, fields=1000)
"""A client chose whom to ask, so it bears more than a server does from anyone (curl takes 300 KiB)."""

_END_OF_HEAD = re.compile(rb"\n\r?\n")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_SHOWN = 120
_QUOTED = re.compile(r"bytearray\(b(.*)\)$", re.DOTALL)
"""How h11 quotes a line: as Python shows a buffer, which is nobody's business."""

_TLS_RECORDS = b"\x15\x16"  # a handshake; or the alert of a server that was asked in the clear


class HeadReader:
    """Collects bytes until a head is whole."""

    def __init__(self, limits: HeadLimits) -> None:
        self._limits = limits
        self._head = bytearray()
        self.skipped = 0

    @property
    def started(self) -> bool:
        """Whether part of a head has come."""
        return bool(self._head)

    def receive(self, data: Buffer) -> tuple[bytes | None, int]:
        """The head with its blank line, once it is whole (else None), and how many bytes of `data` were taken.

        Empty lines before a head are dropped and counted in `skipped` (RFC 9112 §2.2). Raises HttpError with status
        400, 414 or 431 as soon as the bytes cannot become a head within the limits.
        """
        before = len(self._head) + self.skipped
        taken = min(len(data), self._limits.size + 1 - len(self._head))
        self._head += data[:taken]
        self._drop_empty_lines()
        self._refuse_what_is_no_http()
        found = _END_OF_HEAD.search(self._head, max(0, before - self.skipped - 2))
        self._check_size(found.end() if found else len(self._head))
        if found is None:
            return None, taken
        head = bytes(self._head[: found.end()])
        return head, self.skipped + len(head) - before

    def _drop_empty_lines(self) -> None:
        while self._head.startswith(b"\r\n"):
            del self._head[:2]
            self.skipped += 2
        if self.skipped > self._limits.size:
            raise HttpError("empty lines of more than {most:,} bytes", most=self._limits.size, status=400)

    def _refuse_what_is_no_http(self) -> None:
        """Refuse at once what no blank line would ever end, such as a TLS ClientHello on the plain port."""
        if not self._head or self._head[0] > 0x20 or bytes(self._head[:2]) == b"\r":
            return
        what = (
            "the message begins with the byte 0x{byte:02x}, as TLS does, whose URLs begin with https://, not with HTTP"
            if self._head[0] in _TLS_RECORDS
            else "the message begins with the byte 0x{byte:02x}, not with HTTP"
        )
        raise HttpError(what, byte=self._head[0], status=400)

    def _check_size(self, size: int) -> None:
        line_end = self._head.find(b"\n", 0, self._limits.start_line + 1)
        if line_end == -1 and size > self._limits.start_line:
            raise HttpError("the start line is longer than {most:,} bytes", most=self._limits.start_line, status=414)
        if size > self._limits.size:
            raise HttpError("the head is longer than {most:,} bytes", most=self._limits.size, status=431)


def parse_request(connection: h11.Connection, head: bytes) -> Request:
    """The request whose whole head is `head`, as h11 judges it in a fresh server-side `connection`."""
    event = _judge(connection, head)
    if not isinstance(event, h11.Request):
        raise HttpError("a request was expected, not {seen}", seen=_shown(head), status=400)
    return Request(
        event.method.decode("ascii"),
        event.target.decode("ascii"),
        Headers(event.headers.raw_items()),
        event.http_version.decode("ascii"),
    )


def parse_response(connection: h11.Connection, head: bytes) -> Response:
    """The response, final or 1xx, whose whole head is `head`; `connection` has sent the request."""
    event = _judge(connection, head)
    if not isinstance(event, h11.Response | h11.InformationalResponse):
        raise HttpError("a response was expected, not {seen}", seen=_shown(head))
    return Response(
        event.status_code,
        Headers(event.headers.raw_items()),
        event.reason.decode("latin-1"),
        event.http_version.decode("ascii"),
    )


def check_fields(headers: Headers, limits: HeadLimits) -> None:
    """Refuse more field lines than `limits` allow (431)."""
    if len(headers) > limits.fields:
        raise HttpError("{count} header fields, {most} are allowed", count=len(headers), most=limits.fields, status=431)


def check_line_ends(head: bytes) -> None:
    """Refuse a line that ends in a bare LF: two readers that disagree on it see two different messages."""
    bare = _BARE_LF.search(head)
    if bare:
        raise HttpError(
            "a line ends in LF without CR at byte {position} of the head", position=bare.start(), status=400
        )


def server_side() -> h11.Connection:
    """A connection that will read one request."""
    return h11.Connection(h11.SERVER, max_incomplete_event_size=REQUEST_LIMITS.size)


def client_side() -> h11.Connection:
    """A connection that will send one request and read its responses."""
    return h11.Connection(h11.CLIENT, max_incomplete_event_size=RESPONSE_LIMITS.size)


def _judge(connection: h11.Connection, head: bytes) -> object:
    connection.receive_data(head)
    try:
        return connection.next_event()
    except h11.RemoteProtocolError as error:
        raise refused(error) from None


def refused(error: h11.ProtocolError) -> HttpError:
    """What h11 refused, as our error; its message may quote a whole line of the peer, and is cut."""
    what = _QUOTED.sub(r"\1", str(error))
    return HttpError(what[: 2 * _SHOWN], status=error.error_status_hint)


def _shown(head: bytes) -> str:
    return repr(head[:_SHOWN])
