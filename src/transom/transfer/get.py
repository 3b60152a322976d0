"""A download: the file under its name whole, or not at all; gone on with where an earlier one stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from transom.errors import TransferError
from transom.files.digest import EXIT_DIGEST_DIFFERS
from transom.files.folders import make_folders
from transom.files.hashes import hashes_are_made_beside
from transom.files.names import name_from_url
from transom.files.sink import InPlace, Sink, open_sink
from transom.http.messages import Headers
from transom.transfer.client import Road, exchange
from transom.transfer.download import Download, Progress
from transom.transfer.part import PartAsWhole
from transom.transfer.redirects import exchange_wherever
from transom.transfer.remote_name import name_from_server
from transom.transfer.request import SHA256, GetRequest
from transom.transfer.result import TransferResult
from transom.transfer.resume import Kept, Notice, NotKept, NotTheRest, Rest, StartsOver, TriesAgain, source_of
from transom.transfer.retry import time_limit
from transom.transfer.target import in_folder, target_of
from transom.transfer.url import Url, parse_url
from transom.transfer.verify import ASK_FOR_DIGEST, Verification


async def get(
    request: GetRequest,
    road: Road | None = None,
    progress: Progress | None = None,
    notice: Callable[[Notice], None] | None = None,
) -> TransferResult:
    """Download one file.

    Raises UsageError for a URL that cannot be used, and TransferError with curl's exit codes (6, 7, 18, 22, 23, 28, 33,
    35, 47, 52, 56, 60), or 110 for a digest that differs: nothing of the target's name is there then that was not there
    before.
    """
    url = parse_url(request.url)
    road, tell = road or Road(), notice or _unheard
    if request.hashes and hashes_are_made_beside():
        road = replace(road, hashed=True)
    output = target_of(request)
    # A range of the caller's own is no file to go on with.
    may_resume = not request.part and "Range" not in request.headers and "If-Range" not in request.headers
    number = 0
    while True:
        number += 1
        resume = may_resume and (request.resume or number > 1)
        sink: Sink | None = None
        try:
            async with time_limit(request.max_time):
                output = output if output is not None else await _named_by_server(request, url, road)
                if request.create_folders:
                    make_folders(Path(output))
                sink = open_sink(output, overwrite=request.overwrite, resume=resume)
                return await _Getting(request, url, output, sink, road, progress, tell).run()
        except TransferError as error:
            wait = request.retries.wait_before(number, error)
            if wait is None or _is_spent(sink):
                raise
            tell(TriesAgain(error, wait, number, request.retries.most))
            await request.retries.sleep(wait)


async def _named_by_server(request: GetRequest, url: Url, road: Road) -> str:
    name = await name_from_server(url, request.headers, road, follow=request.follow)
    return in_folder(request, name or name_from_url(request.url))


def _is_spent(sink: Sink | None) -> bool:
    """Whether bytes went where none can be taken back: to a pipe, which has no beginning to start over at."""
    return isinstance(sink, InPlace) and sink.written > 0


def run_get(
    request: GetRequest,
    road: Road | None = None,
    progress: Progress | None = None,
    notice: Callable[[Notice], None] | None = None,
) -> TransferResult:
    """`get` on a loop of its own."""
    return asyncio.run(get(request, road, progress, notice))


@dataclass
class _Getting:
    """One download: one exchange, or two when the answer to the first is of no use."""

    request: GetRequest
    url: Url
    output: str
    sink: Sink
    road: Road
    progress: Progress | None
    tell: Callable[[Notice], None]

    async def run(self) -> TransferResult:
        verification = Verification(self.request.checksum)
        try:
            rest = self._rest()
            self._keep_hashes()
            try:
                return await self._fetch(rest, verification)
            except NotTheRest as answer:
                self.tell(StartsOver(answer.reason))
                return await self._fetch(None, verification)
        except BaseException as error:
            self._end(error)
            raise
        finally:
            verification.end()

    def _rest(self) -> Rest | None:
        """What is missing of the file, if a part of this very URL is here."""
        held = self.sink.held
        if held is None or held.origin.url != source_of(self.url):
            return None
        rest = Rest.after(held)
        self.sink.go_on(rest.start)
        return rest

    def _keep_hashes(self) -> None:
        """Those that are asked for are made as the bytes come. A part that is here is read for them once, now."""
        for algorithm in self.request.hashes:
            self.sink.keep_hash(algorithm)

    async def _fetch(self, rest: Rest | None, verification: Verification) -> TransferResult:
        """Ask for the rest, or for all of it. What came is hashed and checked first, and has its name after."""
        ours = [*(rest.fields if rest else ())]
        if self.request.verify:
            ours.append(ASK_FOR_DIGEST)
        if self.request.part:
            ours.append(self.request.part.header)
        headers = Headers([*self.request.headers.raw, *ours])
        download = Download(self.url, self.sink, rest, verification, self.progress, self.tell)
        ask = partial(exchange_wherever, asks=download.asks) if self.request.follow else exchange
        receiver = PartAsWhole(self.request.part, download) if self.request.part else download
        done = await ask(self.url, "GET", headers, receiver, self.road)
        verified = verification.check(self.sink, self.output)
        self.sink.finish()
        digest = self.sink.digest(SHA256)
        return TransferResult(
            self.request.url,
            self.output,
            self.sink.written,
            digest.hex() if digest else None,
            done.times,
            done.channel,
            download.resumed_from,
            verified,
        )

    def _end(self, error: BaseException) -> None:
        """Keep what came for the next time, unless it is known to be wrong; and say so."""
        if isinstance(error, TransferError) and error.exit_code == EXIT_DIGEST_DIFFERS:
            self.sink.abandon()
            return
        came, kept = self.sink.written, self.sink.leave()
        if came and kept is not None:
            held = self.sink.held
            self.tell(Kept(kept, held.origin.length) if held else NotKept())


def _unheard(notice: Notice) -> None:
    """Nobody wants to know."""
