"""Downloads in processes of their own, which may be killed at any moment or find the disk full.

They are forked from one process that has all imported already and runs no thread: a death costs milliseconds, and there
can be hundreds.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from tests.tls.shuttle import client_config, local_ca
from transom.channel.own_tls import OwnTlsChannel
from transom.errors import TransferError
from transom.files.digest import Digest
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest

KILLED = -signal.SIGKILL
WRONG = 99
"""Said itself that it was done, and the file was not as it should be at that moment."""


@dataclass(frozen=True)
class Job:
    """One `get`: what it fetches, how patient it is, and what becomes of it."""

    url: str
    target: Path
    content: bytes
    """What the file should be; the `get` does not know."""
    checksum: Digest | None
    timeouts: Timeouts
    begins_after: float = 0
    """Seconds; the others that are run with it begin at once."""
    killed_after: float | None = None
    """Seconds after which the process is killed, if it still runs."""
    room: int | None = None
    """No file may grow beyond so many bytes: the same to a writer as a full disk."""


class Fetcher:
    """Runs jobs and tells what they came to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, jobs: Sequence[Job]) -> list[int]:
        """Run them all at once; their exit codes, or `KILLED`, or `WRONG`."""
        self._connection.send(jobs)
        codes: list[int] = self._connection.recv()
        return codes


@contextmanager
def fetcher() -> Generator[Fetcher]:
    """Fork one off: to be called before this process has threads."""
    local_ca()  # that of the servers here, for the clients there
    ours, theirs = Pipe()
    child = os.fork()
    if not child:
        ours.close()
        _serve(theirs)
        os._exit(0)
    theirs.close()
    try:
        yield Fetcher(ours)
    finally:
        ours.close()
        os.waitpid(child, 0)


def _serve(connection: Connection) -> None:
    while True:
        try:
            jobs: Sequence[Job] = connection.recv()
        except EOFError:
            return
        running = [(job, *_started(job)) for job in jobs]
        connection.send([_ended(*one) for one in running])


def _started(job: Job) -> tuple[int, float]:
    """The process, and when it began."""
    child = os.fork()
    if not child:
        code = 1
        try:
            code = _fetch(job)
        finally:
            os._exit(code)
    return child, time.monotonic()


def _ended(job: Job, child: int, began: float) -> int:
    if job.killed_after is not None:
        process = os.pidfd_open(child)
        if not select.select([process], [], [], max(began + job.killed_after - time.monotonic(), 0))[0]:
            os.kill(child, signal.SIGKILL)
        os.close(process)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return WRONG if code == 0 and job.target.read_bytes() != job.content else code


def _fetch(job: Job) -> int:
    if job.room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.room, resource.RLIM_INFINITY))
    time.sleep(job.begins_after)
    road = Road(lambda host: OwnTlsChannel.client(client_config(), host), timeouts=job.timeouts)
    try:
        run_get(GetRequest(job.url, output=job.target, checksum=job.checksum), road)
    except TransferError as error:
        return error.exit_code
    return 0
