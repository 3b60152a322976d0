"""Several processes that serve the same ports.

They are forked, once the ports are taken and before anything runs: so all have the same certificate, and a port that
cannot be taken is one error and not several. The parent serves nothing. It passes on what it is told to do, and ends
when the last of them has; one that breaks is not replaced, since the next would break as well.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from transom.errors import TransferError, UsageError

_PASSED_ON = (signal.SIGINT, signal.SIGTERM)

WORKER_STOPPED_BY = (signal.SIGTERM,)
"""What ends a worker. A ^C reaches every process of the terminal: were it heard as well, it would count as two."""


Broke = Callable[[int, int], None]
"""Told what a worker that broke ended with (as `os.waitstatus_to_exitcode` has it), and how many are left."""


def run_workers(count: int, work: Callable[[int], None], started: Callable[[], None], broke: Broke) -> None:
    """Run `work(0)`, `work(1)` and so on, each in a process of its own, until all have ended.

    They begin with the signals blocked, for `run_server` to unblock: one that comes early is heard a moment later.
    `started` is called in this process once they run, to let go of what is theirs; `broke`, when one breaks while
    others go on. SIGINT and SIGTERM are passed on as SIGTERM; should this process vanish, they are told to end too.
    Raises TransferError when one of them broke, and UsageError on a system without fork.
    """
    if not hasattr(os, "fork"):
        raise UsageError("this system cannot fork, which --workers rests on")
    signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)  # none is lost, or heard twice, while they start
    lifeline = os.pipe()
    running = {_fork(number, work, lifeline) for number in range(count)}
    os.close(lifeline[0])

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        for worker in tuple(running):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGTERM)

    for number in _PASSED_ON:
        signal.signal(number, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)
    started()
    broken = _await_all(running, broke)
    for number in _PASSED_ON:  # one that comes now has nothing to stop, and would end this process with another code
        signal.signal(number, signal.SIG_IGN)
    os.close(lifeline[1])
    if broken:
        raise TransferError("{broken} of {count} workers broke", broken=broken, count=count)


def _await_all(running: set[int], broke: Broke) -> int:
    """Wait until none of them runs; how many broke."""
    broken = 0
    while running:
        worker, status = os.wait()
        running.discard(worker)
        if status:
            broken += 1
            if running:  # of the last one the error says it
                broke(os.waitstatus_to_exitcode(status), len(running))
    return broken


def _fork(number: int, work: Callable[[int], None], lifeline: tuple[int, int]) -> int:
    child = os.fork()
    if child:
        return child
    broke = 1
    try:
        os.close(lifeline[1])
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_end_with_parent, args=(lifeline[0],), daemon=True).start()
        work(number)
        broke = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(broke)


def _end_with_parent(lifeline: int) -> None:
    """Nobody writes into the pipe: to be read it must have lost its other end, which the parent has."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
