"""The name that the server gives a file (`Content-Disposition`), asked for first: a part needs it."""

from __future__ import annotations

from transom.files.names import safe_name
from transom.http.content_disposition import file_name
from transom.http.framing import Framing
from transom.http.messages import Headers, Response
from transom.transfer.client import Road, exchange
from transom.transfer.redirects import exchange_wherever
from transom.transfer.url import Url
from transom.wire.tap import Buffer


async def name_from_server(url: Url, headers: Headers, road: Road, *, follow: bool) -> str | None:
    """The name by which the server would have the file saved, made safe; None when it gives none.

    One HEAD more: a server that does not answer it gives no name. Raises what `exchange` does.
    """
    answer = _Head()
    ask = exchange_wherever if follow else exchange
    await ask(url, "HEAD", headers, answer, road)
    return safe_name(answer.name) if answer.name else None


class _Head:
    """Keeps the name in a good answer. A `Receiver`."""

    def __init__(self) -> None:
        self.name: str | None = None

    def head(self, response: Response, framing: Framing) -> None:  # noqa: ARG002  (Receiver's signature)
        if response.status == 200:
            self.name = file_name(response.headers.get("Content-Disposition") or "")

    def body(self, data: Buffer) -> None:
        """A HEAD has none."""

    def end(self, trailer: Headers) -> None:
        """All there is was in the head."""
