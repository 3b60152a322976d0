"""A download: the file under its name whole, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from transom.files.names import name_from_url
from transom.files.sink import Sink, open_sink
from transom.http.framing import Framing, Length
from transom.http.messages import NO_HEADERS, Headers, Response
from transom.transfer.client import Road, exchange, require_success
from transom.transfer.result import TransferResult
from transom.transfer.url import parse_url
from transom.wire.tap import Buffer

Progress = Callable[[int, int | None], None]
"""Told the bytes so far and the bytes in all, None when the server did not say."""


@dataclass(frozen=True)
class GetRequest:
    """What to download: saved as `output`, else under the URL's last name in this folder; "-" is standard output."""

    url: str
    output: Path | str | None = None
    overwrite: bool = False
    sha256: bool = False
    headers: Headers = NO_HEADERS


async def get(request: GetRequest, road: Road | None = None, progress: Progress | None = None) -> TransferResult:
    """Download one file over one connection.

    Raises UsageError for a URL that cannot be used, and TransferError with curl's exit codes (6, 7, 18, 22, 23, 28, 35,
    52, 56, 60): nothing of the target's name is there then that was not there before.
    """
    url = parse_url(request.url)
    output = request.output if request.output is not None else name_from_url(request.url)
    sink = open_sink(output, overwrite=request.overwrite, algorithm="sha256" if request.sha256 else None)
    try:
        done = await exchange(url, "GET", request.headers, _Download(sink, progress), road or Road())
    finally:
        sink.abandon()
    digest = sink.digest()
    return TransferResult(
        request.url, str(output), sink.written, digest.hex() if digest else None, done.times, done.channel
    )


def run_get(request: GetRequest, road: Road | None = None, progress: Progress | None = None) -> TransferResult:
    """`get` on a loop of its own."""
    return asyncio.run(get(request, road, progress))


class _Download:
    """Puts the body of a 200 into a sink."""

    def __init__(self, sink: Sink, progress: Progress | None) -> None:
        self._sink = sink
        self._progress = progress
        self._total: int | None = None

    def head(self, response: Response, framing: Framing) -> None:
        require_success(response, 200)
        if isinstance(framing, Length):
            self._total = framing.count

    def body(self, data: Buffer) -> None:
        self._sink.write(data)
        if self._progress is not None:
            self._progress(self._sink.written, self._total)

    def end(self) -> None:
        self._sink.finish()
