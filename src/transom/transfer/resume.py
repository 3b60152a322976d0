"""Going on with a download where an earlier one stopped: only ever with the same file in the same state.

The rest is asked for on the condition that the file is the one whose part is here (`If-Range`, RFC 9110 §13.1.5), and
the answer is believed only as far as it proves that: a 206 of exactly the rest, in the same state. Whatever else comes,
the file is fetched from its beginning.
"""

from __future__ import annotations

from typing import Literal

from transom.errors import HttpError, TransferError
from transom.files.sidecar import Origin, Sidecar
from transom.http.framing import Framing, Length
from transom.http.messages import Headers, Response
from transom.http.ranges import is_in_parts, parse_content_range
from transom.http.validators import (
    content_coding,
    is_date_and_length,
    strong_etag,
    strong_last_modified,
    weak_etag,
)
from transom.transfer.url import Url
from transom.value import value

Reason = Literal["changed", "no_ranges", "unproven"]
"""Why a part is of no use: the file is another one now, the server sends whole files only, or it proves nothing."""


@value
class GoesOn:
    """The server sends the rest: from byte `start` of `length`, None when it is not known."""

    start: int
    length: int | None


@value
class StartsOver:
    """The part that was here is of no use: the file is fetched from its beginning."""

    reason: Reason


@value
class Kept:
    """The transfer failed, and `count` bytes of `length` are kept: the next one goes on from there."""

    count: int
    length: int | None


@value
class NotKept:
    """The transfer failed, and what had come could never be gone on with: the server said nothing to tell it by."""


@value
class TriesAgain:
    """What failed by `error` is tried again in so many seconds, the `number`th time of `most`."""

    error: TransferError
    seconds: float
    number: int
    most: int


Notice = GoesOn | StartsOver | Kept | NotKept | TriesAgain
"""What a person wants to know of a download besides its bytes."""


class NotTheRest(TransferError):
    """What the server answered is not the rest of the file: it is to be asked again, for all of it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__("the answer is not the rest of the file: {reason}", reason=reason)
        self.reason: Reason = reason


def origin_of(url: Url, response: Response, framing: Framing, at: Url | None = None) -> Origin | None:
    """What a 200 is the whole of; None when it says nothing strong enough to go on with it later.

    `at` is the URL that gave it, where redirects led there from `url`.
    """
    etag, modified = strong_etag(response.headers), strong_last_modified(response.headers)
    length = framing.count if isinstance(framing, Length) else None
    if etag and not modified and is_date_and_length(etag, response.headers, length):
        return None
    if not (etag or modified):
        return None
    weak, coding = weak_etag(response.headers), content_coding(response.headers)
    led_to = source_of(at or url)
    return Origin(source_of(url), etag, modified, length, weak, coding, None if led_to == source_of(url) else led_to)


def source_of(url: Url) -> str:
    """The URL a part is known by: without its fragment, and without what is nobody's business in a file."""
    return f"{'https' if url.secure else 'http'}://{url.authority}{url.target}"


@value
class Rest:
    """The bytes from `start` on of a file of which those before are here."""

    origin: Origin
    start: int

    @classmethod
    def after(cls, held: Sidecar) -> Rest:
        """What comes after the bytes that are held.

        Of a file that is all here the last byte is asked for again: a 206 says whose it is, a 416 often does not.
        """
        length = held.origin.length
        return cls(held.origin, held.durable if length is None else min(held.durable, length - 1))

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The request's fields that ask for it."""
        return (("Range", f"bytes={self.start}-"), ("If-Range", self.origin.if_range))

    def judge(self, response: Response, framing: Framing, at: Url) -> Literal["rest", "done", "whole", "other"]:
        """What the answer is: this rest, the word that there is none, the whole file, or none of the business.

        `at` is the URL that gave it. Raises NotTheRest for an answer that would have to be believed without proof.
        """
        match response.status:
            case 206:
                self._check_rest(response, framing)
                self._check_same_state(response.headers, at)
                return "rest"
            case 416:
                self._check_done(response)
                self._check_same_state(response.headers, at)
                return "done"
            case 200:
                return "whole"
            case 412:
                raise NotTheRest("changed")
            case _:
                return "other"

    def why_whole(self, response: Response) -> Reason:
        """Why the server answered with the whole file: because that is another one now, or because it always does."""
        return "no_ranges" if self._is_same_state(response.headers) else "changed"

    def _check_rest(self, response: Response, framing: Framing) -> None:
        """The range is the one that was asked for, up to the end, of a file of the same length in the same state."""
        try:
            came = parse_content_range(response.headers.get("Content-Range") or "")
        except HttpError:
            raise NotTheRest("unproven") from None
        if came.start is None or came.end is None or came.size is None:
            raise NotTheRest("unproven")
        if isinstance(framing, Length) and framing.count != came.end - came.start:
            raise NotTheRest("unproven")
        if came.start != self.start or came.end != came.size:
            raise NotTheRest("unproven")
        if is_in_parts(response.headers) or content_coding(response.headers) != self.origin.coding:
            raise NotTheRest("unproven")
        if self.origin.length not in (None, came.size):
            raise NotTheRest("changed")

    def _check_done(self, response: Response) -> None:
        """The file ends where the rest would begin; so it is not one of which more was announced."""
        try:
            size = parse_content_range(response.headers.get("Content-Range") or "").size
        except HttpError:
            raise NotTheRest("unproven") from None
        if size != self.start or self.origin.length not in (None, size):
            raise NotTheRest("changed")
        if self.origin.coding is not None:
            raise NotTheRest("unproven")  # of which form of the file the size is, a 416 does not say

    def _check_same_state(self, headers: Headers, at: Url) -> None:
        if source_of(at) != (self.origin.at or self.origin.url) and not self._is_same_elsewhere(headers):
            raise NotTheRest("unproven")
        if not self._is_same_state(headers):
            tag, date = self.origin.etag or self.origin.weak_etag, not self.origin.etag
            silent = (tag and "ETag" not in headers) or (date and "Last-Modified" not in headers)
            raise NotTheRest("unproven" if silent else "changed")

    def _is_same_elsewhere(self, headers: Headers) -> bool:
        """Whether another URL has this file: a tag tells states of one resource apart, not two (RFC 9110 §8.8.3).

        Redirects lead to another mirror, or to the same place under another signature; or `latest` is another file now,
        whose tag may be the same. It is the same file if tag, date and length all are.
        """
        origin = self.origin
        told = strong_etag(headers), headers.get("Last-Modified")
        return None not in (*told, origin.length) and told == (origin.etag, origin.last_modified)

    def _is_same_state(self, headers: Headers) -> bool:
        """By the strong tag; else by the date, and by the weak tag beside it.

        A file that is put in another's place may have its date (`cp -p`, an archive). A server that counts the fraction
        of the second into a weak tag, as Express does, tells it nevertheless.
        """
        if self.origin.etag is not None:
            return strong_etag(headers) == self.origin.etag
        told = headers.get("Last-Modified"), weak_etag(headers)
        return told == (self.origin.last_modified, self.origin.weak_etag)
