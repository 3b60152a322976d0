"""Several downloads: one after the other, or so many at once."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from transom.errors import TransomError
from transom.transfer.client import Road
from transom.transfer.download import Progress
from transom.transfer.get import get
from transom.transfer.persistent import Pool
from transom.transfer.request import GetRequest
from transom.transfer.result import LastTimes, TransferResult, TransferTimes
from transom.transfer.resume import Notice
from transom.transfer.target import refuse_shared_targets
from transom.transfer.url import parse_url
from transom.value import value

AT_ONCE = 50
"""As in curl."""

AT_ONE_HOST = 6
"""As browsers have it with HTTP/1.1: what servers are used to from one client."""


@value
class Bounds:
    """How many downloads go on `at_once` at most, and how many of them from one host and port.

    With `fail_early` the first that fails ends the others.
    """

    at_once: int = 1
    at_one_host: int = AT_ONE_HOST
    fail_early: bool = False


ONE_BY_ONE = Bounds()

Outcome = TransferResult | TransomError | None
"""What a download came to; None when it was not to end, or not to begin, because another had failed."""


class Watcher(Protocol):
    """Who wants to know how it goes. `number` counts the downloads from 0, in their order."""

    def begins(self, number: int) -> Progress | None:
        """This one begins now; who takes its progress."""
        ...

    def notice(self, number: int, notice: Notice) -> None: ...

    def saved(self, number: int, result: TransferResult) -> None: ...

    def failed(self, number: int, error: TransomError, times: TransferTimes | None) -> None:
        """`times` are those of what was asked last: of several attempts or redirects; None when nothing was."""
        ...


def check(requests: Sequence[GetRequest], bounds: Bounds) -> None:
    """Raise UsageError for a URL that cannot be used, and for two downloads that would be one file."""
    for request in requests:
        parse_url(request.url)
    refuse_shared_targets(requests, at_once=bounds.at_once > 1)


async def get_several(
    requests: Sequence[GetRequest], road: Road, watcher: Watcher, bounds: Bounds = ONE_BY_ONE
) -> list[Outcome]:
    """Download all of `requests`; what each came to, in their order. One that fails does not stop the others.

    How long it took is told to the `watcher`, and nobody else.

    Raises what `check` does, before anything crosses.
    """
    check(requests, bounds)
    async with Pool() as pool:
        getting = _Several(requests, replace(road, pool=pool), pool, watcher, bounds)
        await (getting.at_once() if bounds.at_once > 1 else getting.one_by_one())
    return getting.outcomes


def run_several(
    requests: Sequence[GetRequest], road: Road, watcher: Watcher, bounds: Bounds = ONE_BY_ONE
) -> list[Outcome]:
    """`get_several` on a loop of its own."""
    return asyncio.run(get_several(requests, road, watcher, bounds))


class _Several:
    """The downloads of one call."""

    def __init__(
        self, requests: Sequence[GetRequest], road: Road, pool: Pool, watcher: Watcher, bounds: Bounds
    ) -> None:
        self._requests = requests
        self._servers = [(url.host, url.port) for url in (parse_url(request.url) for request in requests)]
        self._road = road
        self._pool = pool
        self._watcher = watcher
        self._bounds = bounds
        self._not_begun = Counter(self._servers)
        self._tasks: list[asyncio.Task[None]] = []
        self._anywhere = asyncio.Semaphore(bounds.at_once)
        self._at_host = defaultdict[tuple[str, int], asyncio.Semaphore](partial(asyncio.Semaphore, bounds.at_one_host))
        self.outcomes: list[Outcome] = [None] * len(requests)

    async def one_by_one(self) -> None:
        for number in range(len(self._requests)):
            if not await self._one(number) and self._bounds.fail_early:
                return

    async def at_once(self) -> None:
        self._tasks = [asyncio.create_task(self._in_its_turn(number)) for number in range(len(self._requests))]
        try:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            self._end(self._tasks)
            await asyncio.wait(self._tasks)
        for task in self._tasks:
            if not task.cancelled():
                task.result()  # raises what is nobody's failed download: a fault of ours, an output that has gone

    async def _in_its_turn(self, number: int) -> None:
        # Who waits for a host does not stand in the way of another's.
        async with self._at_host[self._servers[number]], self._anywhere:
            if not await self._one(number) and self._bounds.fail_early:
                # Before the next has its turn.
                self._end(task for task in self._tasks if task is not asyncio.current_task())

    async def _one(self, number: int) -> bool:
        """Whether it was saved."""
        watcher, server, timed = self._watcher, self._servers[number], LastTimes()
        self._not_begun[server] -= 1
        try:
            progress, notice = watcher.begins(number), partial(watcher.notice, number)
            result = await get(self._requests[number], replace(self._road, timed=timed.take), progress, notice)
        except TransomError as error:
            self.outcomes[number] = error
            watcher.failed(number, error, timed.times)
            return False
        finally:
            if not self._not_begun[server]:
                self._pool.let_go(*server)
        self.outcomes[number] = result
        watcher.saved(number, result)
        return True

    @staticmethod
    def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
