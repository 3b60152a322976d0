"""What a file server answers: a request in, a response and its content out. No connection is known here."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path

from transom.errors import HttpError
from transom.files.opened import OpenFile, OpenFolder
from transom.files.source import Share, share
from transom.http.basic_auth import CHALLENGE
from transom.http.conditional import Validators, precondition, range_applies
from transom.http.content_disposition import content_disposition
from transom.http.dates import http_date
from transom.http.listing import JSON_HEADERS, PAGE_HEADERS, listing_json, listing_page, wants_json
from transom.http.messages import Headers, Request, Response, Text
from transom.http.ranges import content_range, select_ranges
from transom.http.reasons import reason_phrase
from transom.http.target import resource
from transom.transfer.accounts import Accounts
from transom.transfer.content import Content, InMemory
from transom.transfer.health import HEALTHY, HEALTHY_RESPONSE, asks_for_health
from transom.transfer.repr_digest import PendingDigest, ReprDigests
from transom.transfer.selected import selected
from transom.transfer.upload import Upload, Uploads
from transom.value import value
from transom.wire.escape import escape

MOST_LISTED = 10_000
"""Entries in a listing; reading a folder holds up every other connection."""

_PLAIN_TEXT = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]


@value
class Answer:
    """A response and what its body is read from; the length is the content's. The content is the taker's to close.

    With a `digest` it is complete only when that is there.
    """

    response: Response
    content: Content
    digest: PendingDigest | None = None

    def complete(self) -> Answer:
        """With the digest, which is there now."""
        if self.digest is None:
            return self
        headers = Headers([*self.response.headers.raw, *self.digest.fields()])
        return Answer(Response(self.response.status, headers), self.content)


class Site:
    """A folder, or a single file, as a site. Raises UsageError for a path that is neither.

    With `upload` files are taken into the folder, of up to `max_upload` bytes each; with `overwrite` also in the place
    of those that are there. With `accounts` nobody else is answered; but whoever asks is told that the server is well.
    """

    def __init__(
        self,
        path: Path,
        *,
        upload: bool = False,
        overwrite: bool = False,
        max_upload: int | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        self._share: Share = share(path)
        self._uploads = Uploads(path, self._share, overwrite=overwrite, most=max_upload) if upload else None
        self._accounts = accounts
        self._digests = ReprDigests()

    @property
    def methods(self) -> tuple[str, ...]:
        """What may be asked of any path."""
        return ("GET", "HEAD", "PUT") if self._uploads else ("GET", "HEAD")

    def begin(self, request: Request) -> Upload | None:
        """What the body of `request` goes into, None when it is of no interest. Raises HttpError: the refusal."""
        if self._accounts is not None and not asks_for_health(request):
            self._accounts.admit(request)
        if request.method not in self.methods:
            raise HttpError("{method} is not allowed here", method=request.method, status=405)
        if self._uploads and request.method == "PUT":
            return self._uploads.begin(request)
        return None

    def answer(self, request: Request) -> Answer:
        """The answer to a GET or HEAD. Raises HttpError: the refusal."""
        if asks_for_health(request):
            return Answer(HEALTHY_RESPONSE, InMemory(HEALTHY))
        path = resource(request).path
        opened = self._share.open(path)
        if isinstance(opened, OpenFile):
            return self._file_answer(request, opened)
        with opened:
            return _folder_answer(request, path, opened)

    def uploaded(self, upload: Upload) -> Answer:
        """The answer to an upload that has all come: the file appears. Raises HttpError when it cannot."""
        upload.finish()
        return Answer(Response(204 if upload.replaces else 201), InMemory())

    def refusal(self, error: HttpError) -> Answer:
        """The answer that says what was wrong with a request, as a line of text."""
        status = error.status or HTTPStatus.BAD_REQUEST
        owed = {
            HTTPStatus.UNAUTHORIZED: [("WWW-Authenticate", CHALLENGE)],
            HTTPStatus.METHOD_NOT_ALLOWED: [("Allow", ", ".join(self.methods))],
        }
        return _text(status, escape(str(error)), owed.get(HTTPStatus(status), []))

    def close(self) -> None:
        self._digests.close()
        self._share.close()

    def _file_answer(self, request: Request, file: OpenFile) -> Answer:
        current = Validators(file.etag, file.modified // 10**9)
        about = [
            ("ETag", current.etag),
            ("Last-Modified", http_date(current.modified)),
            ("Accept-Ranges", "bytes"),
        ]
        held = precondition(request.method, request.headers, current)
        asked = request.headers.get("Range") if request.method == "GET" else None
        selection = select_ranges(asked if range_applies(request.headers, current) else None, file.size)
        if held is not None:
            file.close()
            return _without_file(held, about)
        if not selection.parts:
            file.close()
            return _without_file(416, [*about, ("Content-Range", content_range(None, file.size))])
        sent = selected(file, selection)
        headers = Headers([*about, *sent.fields, *self._describe(file)])
        return Answer(Response(sent.status, headers), sent.content, self._digests.asked_for(request.headers, file))

    def _describe(self, file: OpenFile) -> Iterable[tuple[str, Text]]:
        yield "X-Content-Type-Options", "nosniff"
        if self._uploads:
            # Where anyone may put a page, none is shown as one: it would run with this origin's rights.
            yield "Content-Disposition", content_disposition(file.name)


def _without_file(status: int, about: list[tuple[str, str]]) -> Answer:
    if status == HTTPStatus.NOT_MODIFIED:
        return Answer(Response(status, Headers(about)), InMemory())
    return _text(status, "the file is not what was asked for" if status == 412 else "beyond the end of the file", about)


def _folder_answer(request: Request, path: str, folder: OpenFolder) -> Answer:
    if not path.endswith("/"):
        return _text(HTTPStatus.MOVED_PERMANENTLY, "this is a folder", [("Location", path + "/")])
    entries, more = folder.entries(MOST_LISTED)
    if wants_json(request.headers.get("Accept")):
        return Answer(Response(200, JSON_HEADERS), InMemory(listing_json(path, entries, more=more)))
    return Answer(Response(200, PAGE_HEADERS), InMemory(listing_page(path, entries, more=more)))


def _text(status: int, what: str, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    body = f"{status} {reason_phrase(status)}: {what}\n".encode()
    return Answer(Response(status, Headers([*_PLAIN_TEXT, *headers])), InMemory(body))
