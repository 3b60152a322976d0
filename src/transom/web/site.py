"""The live page as a site: its files and its answers under an address that nobody can guess, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from hmac import compare_digest
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, unquote

from transom.dissect.json_lines import Line, encode
from transom.errors import HttpError, TransomError, UsageError
from transom.http.messages import Headers, Request, Response
from transom.http.reasons import reason_phrase
from transom.transfer.content import InMemory
from transom.transfer.site import Answer
from transom.transfer.upload import Upload
from transom.web.assets import assets
from transom.web.entrance import Entrance
from transom.web.model.opened import OpenedCapture
from transom.wire.escape import escape

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_ALWAYS = (
    ("Content-Security-Policy", POLICY),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)

METHODS = ("GET", "HEAD")


class PageSite:
    """Answers for one opened capture.

    `hosts` are the names by which the page may be asked for (`127.0.0.1:40871`): another origin whose name was made to
    lead here comes under that one (DNS rebinding).
    """

    def __init__(self, opened: OpenedCapture, closing: Callable[[], object] = lambda: None) -> None:
        self.token = secrets.token_urlsafe(24)
        self.entrance = Entrance()
        self.hosts: Sequence[str] = ()
        self._opened = opened
        self._closing = closing

    def begin(self, request: Request) -> Upload | None:
        """Nothing is taken. Raises HttpError: the refusal."""
        if request.method not in METHODS:
            raise HttpError(f"{request.method} is not allowed here", status=405)
        if request.headers.get("Host") not in self.hosts:
            raise HttpError("this page is served to this machine alone, under its own address", status=421)
        return None

    def uploaded(self, upload: Upload) -> Answer:  # noqa: ARG002 (the session's signature)
        """Never asked for: `begin` takes no upload."""
        raise HttpError("nothing is taken here", status=405)

    def answer(self, request: Request) -> Answer:
        """A file of the page, or JSON. Raises HttpError."""
        path, _, query = request.target.partition("?")
        _, token, *rest = [unquote(part) for part in path.split("/")] if path.startswith("/") else ["", ""]
        if not rest and self.entrance.knows(token):
            return self._entered(token, request)
        # Not in less time the more of it is right.
        if not compare_digest(token.encode(), self.token.encode()):
            raise HttpError("nothing is here", status=404)
        match rest:
            case ["api", *address]:
                return _json(*self._asked("/".join(address), dict(parse_qsl(query, keep_blank_values=True))))
            case ["save", number, view, name]:
                return self._saved(number, view, name)
            case [name] if asset := assets().get(name or "index.html"):
                return _answer(200, asset.data, [("Content-Type", asset.type)])
            case _:
                raise HttpError("nothing is here", status=404)

    def refusal(self, error: HttpError) -> Answer:
        """A line of text."""
        status = error.status or HTTPStatus.BAD_REQUEST
        body = f"{int(status)} {reason_phrase(status)}: {escape(str(error))}\n".encode()
        owed = [("Allow", ", ".join(METHODS))] if status == HTTPStatus.METHOD_NOT_ALLOWED else []
        return _answer(status, body, [("Content-Type", "text/plain; charset=utf-8"), *owed])

    def close(self) -> None:
        """No more is asked."""
        self._closing()

    def _entered(self, ticket: str, request: Request) -> Answer:
        """To the page, whose address is not on the command line. Only who comes to stay uses the ticket up."""
        text = [("Content-Type", "text/plain; charset=utf-8")]
        if request.method != "GET":
            return _answer(405, b"", [("Allow", "GET"), *text])
        if "prefetch" in (request.headers.get("Sec-Purpose") or ""):
            return _answer(503, b"", text)  # who fetches beforehand asks again (Fetch, "Sec-Purpose")
        admission = self.entrance.admit(ticket)
        if admission == "in":
            return _answer(303, b"", [("Location", f"/{self.token}/"), *text])
        said = [texts[f"page.entrance.{admission}"] for texts in self._opened.telling.texts.values()]
        return _answer(410, "".join(f"{one}\n" for one in said).encode(), text)

    def _saved(self, number: str, view: str, name: str) -> Answer:
        """A file that crossed, to be kept and not to be shown: what it says it is does not matter here."""
        try:
            called, content = self._opened.take_file(number, view, name)
        except TransomError as error:
            raise HttpError(str(error), status=404) from None
        headers = Headers(
            [
                *_ALWAYS,
                ("Content-Type", "application/octet-stream"),
                ("Content-Disposition", f"attachment; filename*=UTF-8''{quote(called, safe='')}"),
            ]
        )
        return Answer(Response(200, headers), content)

    def _asked(self, address: str, parameters: dict[str, str]) -> tuple[int, Line]:
        try:
            return 200, self._opened.answer(address, parameters)
        except UsageError as error:
            return 404, {"error": str(error)}
        except TransomError as error:  # the capture is gone, or is another file now
            return 500, {"error": str(error)}


def _json(status: int, line: Line) -> Answer:
    return _answer(status, encode(line).encode("ascii"), [("Content-Type", "application/json")])


def _answer(status: int, body: bytes, headers: Iterable[tuple[str, str]]) -> Answer:
    return Answer(Response(status, Headers([*_ALWAYS, *headers])), InMemory(body))
