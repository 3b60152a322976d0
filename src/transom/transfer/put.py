"""An upload: one file, with its length announced."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

from transom.http.framing import Framing
from transom.http.messages import NO_HEADERS, Headers, Response
from transom.net.session import Place
from transom.transfer.client import Road, exchange
from transom.transfer.content import Content, whole_file
from transom.transfer.download import Progress
from transom.transfer.failure import require_success
from transom.transfer.result import TransferResult
from transom.transfer.url import parse_url
from transom.value import value
from transom.wire.tap import Buffer


@value
class PutRequest:
    """What to upload where. A URL that ends with "/" is a folder: the file keeps its name in it."""

    file: Path
    url: str
    sha256: bool = False
    headers: Headers = NO_HEADERS


async def put(request: PutRequest, road: Road | None = None, progress: Progress | None = None) -> TransferResult:
    """Upload one file over one connection.

    Raises UsageError for a URL that cannot be used, and TransferError with curl's exit codes: 22 when the server
    refuses, 26 when the file cannot be read or changes meanwhile, and those of `get`.
    """
    text = request.url + quote(request.file.name, safe="") if request.url.endswith("/") else request.url
    url = parse_url(text)
    outgoing = _Outgoing(whole_file(request.file), progress, hash_it=request.sha256)
    try:
        done = await exchange(url, "PUT", request.headers, _Verdict(), road or Road(), outgoing)
    finally:
        outgoing.close()
    return TransferResult(text, str(request.file), outgoing.length, outgoing.sha256(), done.times, done.channel)


def run_put(request: PutRequest, road: Road | None = None, progress: Progress | None = None) -> TransferResult:
    """`put` on a loop of its own."""
    return asyncio.run(put(request, road, progress))


class _Outgoing:
    """A file on its way, counted, and hashed if asked for."""

    def __init__(self, content: Content, progress: Progress | None, *, hash_it: bool) -> None:
        self._content = content
        self._progress = progress
        self._hash = hashlib.sha256() if hash_it else None
        self._read = 0
        self.length = content.length

    def fill(self, buffers: Sequence[memoryview]) -> None:
        self._content.fill(buffers)
        for buffer in buffers:
            self._has_come(buffer)

    def place(self) -> Place | None:
        place = self._content.place() if self._hash is None else None  # what is hashed has to be seen
        return place and place._replace(has_gone=partial(self._has_gone, place))

    def _has_gone(self, place: Place, count: int) -> None:
        place.has_gone(count)
        self._tell(count)

    def _has_come(self, piece: memoryview) -> None:
        if self._hash is not None:
            self._hash.update(piece)
        self._tell(len(piece))

    def _tell(self, count: int) -> None:
        self._read += count
        if self._progress is not None:
            self._progress(self._read, self.length)

    def sha256(self) -> str | None:
        return self._hash.hexdigest() if self._hash else None

    def close(self) -> None:
        self._content.close()


class _Verdict:
    """What the server says of an upload; the body of its answer is for people."""

    def head(self, response: Response, framing: Framing) -> None:  # noqa: ARG002 (however it is framed)
        require_success(response, 200, 201, 204)

    def body(self, data: Buffer) -> None: ...

    def end(self, trailer: Headers) -> None: ...
