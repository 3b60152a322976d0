"""A part of a file that was asked for by itself (RFC 9110 §14): saved as a file of its own, or not at all."""

from __future__ import annotations

import re

from transom.errors import HttpError, TransferError, UsageError
from transom.http.framing import Framing, Length
from transom.http.messages import Headers, Response
from transom.http.ranges import ContentRange, is_in_parts, parse_content_range
from transom.transfer.client_session import Receiver
from transom.value import value
from transom.wire.tap import Buffer

NO_RANGES = 33
"""curl's exit code."""

_PART = re.compile(r"([0-9]{1,18})?-([0-9]{1,18})?", re.ASCII)
_OF_THE_WHOLE = ("ETag", "Last-Modified", "Content-Range", "Repr-Digest")


@value
class WantedPart:
    """The bytes from `first` up to and with `last`, None for the end; without a `first`, the `last` so many bytes."""

    first: int | None
    last: int | None

    @property
    def header(self) -> tuple[str, str]:
        """The request's field that asks for it."""
        first, last = ("" if number is None else number for number in (self.first, self.last))
        return "Range", f"bytes={first}-{last}"

    def is_answered_by(self, came: ContentRange) -> bool:
        """Whether these are the bytes that were asked for, or as many of them as the file has."""
        if came.start is None or came.end is None:
            return False
        if self.first is None:
            if came.size is None:
                return False
            return came.end == came.size and came.end - came.start == min(self.last or 0, came.size)
        if self.last is None:
            return (came.start, came.end) == (self.first, came.size)
        end = self.last + 1 if came.size is None else min(self.last + 1, came.size)
        return (came.start, came.end) == (self.first, end)


def parse_part(text: str) -> WantedPart:
    """`0-499`, `500-` or `-500`, as curl's -r. Raises UsageError for anything else, several ranges among it."""
    match = _PART.fullmatch(text)
    if match is None or match[0] == "-":
        raise UsageError("-r {text!r}: expected one range of bytes, such as 0-499, 500- or -500", text=text)
    first, last = (int(number) if number else None for number in match.groups())
    if first is not None and last is not None and last < first:
        raise UsageError("-r {text!r}: the last byte is before the first", text=text)
    return WantedPart(first, last)


class PartAsWhole:
    """Passes a 206 with the wanted part on to `receiver` as if it were a file, and nothing that is said of the whole.

    So it is complete or not like any file, and is never gone on with: what tells the whole file by tells no part of it.
    """

    def __init__(self, wanted: WantedPart, receiver: Receiver) -> None:
        self._wanted = wanted
        self._receiver = receiver

    def head(self, response: Response, framing: Framing) -> None:
        if response.status == 200:
            raise TransferError("the server sends the whole file and no part of it", exit_code=NO_RANGES)
        if response.status == 206:
            response, framing = Response(200, _of_the_part(response.headers)), Length(self._length(response.headers))
        self._receiver.head(response, framing)

    def body(self, data: Buffer) -> None:
        self._receiver.body(data)

    def end(self, trailer: Headers) -> None:
        self._receiver.end(_of_the_part(trailer))

    def _length(self, headers: Headers) -> int:
        """How many bytes the part has. However they are framed, so many must come: no end of a body is its end else."""
        try:
            came = parse_content_range(headers.get("Content-Range") or "")
        except HttpError as error:
            raise TransferError(
                "which bytes the server sends is not known: {error}", error=error, exit_code=NO_RANGES
            ) from None
        if is_in_parts(headers):
            raise TransferError("the server sends several parts where one was asked for", exit_code=NO_RANGES)
        if came.start is None or came.end is None or not self._wanted.is_answered_by(came):
            asked = self._wanted.header[1]
            sent = "none" if came.start is None or came.end is None else f"{came.start}-{came.end - 1}"
            raise TransferError(
                "the server sends bytes {sent} where {asked} was asked for", sent=sent, asked=asked, exit_code=NO_RANGES
            )
        return came.end - came.start


def _of_the_part(headers: Headers) -> Headers:
    for name in _OF_THE_WHOLE:
        headers = headers.without(name)
    return headers
