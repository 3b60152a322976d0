"""The command itself: started as if nobody stood between it and whoever called us.

It stays in our process group and keeps our standard streams, so that the terminal, its foreground group and a pipeline
around it are what they would be without us.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from transom.errors import Sentence, TransferError
from transom.run.signals import PASSED_ON, PassingOn
from transom.run.witness import Witness
from transom.value import value
from transom.wire.escape import escape

CANNOT_START = 126
NOT_FOUND = 127
"""As shells have them (POSIX.1-2017, 2.8.2)."""

Spawn = Callable[[Sequence[str], Mapping[str, str], Iterable[int]], int]
"""Starts words with an environment and with signals blocked; the process. Raises OSError."""

_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_SHELL = "/bin/sh"


@value
class Ended:
    """How the command ended: by exiting with `code`, or by a signal."""

    code: int | None = None
    signal: int | None = None


class Child:
    """The running command. `over` is done when its own process is; `interrupted` is set by a signal after that."""

    def __init__(self, pid: int, witness: Witness, before: Iterable[int]) -> None:
        self.pid = pid
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[Ended] = self._loop.create_future()
        self.interrupted = asyncio.Event()
        self._lock = threading.Lock()
        self._alive = True
        threading.Thread(target=self._wait, daemon=True).start()
        self._signals = PassingOn(pid, witness, before, self._send, self._asked_to_end)

    def release(self) -> None:
        """No signal is passed on any more."""
        self._signals.stop()

    def _wait(self) -> None:
        result = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:  # once it is reaped its number may be somebody else's
            self._alive = False
            os.waitpid(self.pid, 0)
        if result is not None:  # without WNOHANG there is always one
            exited = result.si_code == os.CLD_EXITED
            ended = Ended(code=result.si_status) if exited else Ended(signal=result.si_status)
            self._loop.call_soon_threadsafe(self.over.set_result, ended)

    def _send(self, number: int) -> None:
        with self._lock:
            if self._alive:
                with suppress(PermissionError):  # it has become another user's
                    os.kill(self.pid, number)

    def _asked_to_end(self) -> None:
        if not self._alive:
            self._loop.call_soon_threadsafe(self.interrupted.set)


def start(command: Sequence[str], environment: Mapping[str, str], mask: Iterable[int], spawn: Spawn) -> Child:
    """Start it by `spawn`, with the signals of `mask` blocked.

    Raises TransferError with a shell's exit code when it cannot be started: 127 not found, 126 anything else.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where our caller ignores it, nobody would learn how a child ended
    witness = Witness(PASSED_ON)  # there before the command is: what is sent to both of them finds it
    before = signal.sigpending() & PASSED_ON
    try:
        pid = _started(command, environment, mask, spawn)
    except OSError as error:
        witness.leave()
        code = NOT_FOUND if error.errno == errno.ENOENT else CANNOT_START
        reason = Sentence(os.strerror(error.errno) if error.errno else str(error))
        name = escape(command[0]) or "''"
        raise TransferError("{name} cannot be started: {reason}", name=name, reason=reason, exit_code=code) from None
    return Child(pid, witness, before)


def spawn(words: Sequence[str], environment: Mapping[str, str], mask: Iterable[int]) -> int:
    """A `Spawn`. Descriptors that our caller left open to us are open to the process; ours close on exec."""
    return os.posix_spawnp(words[0], list(words), environment, setsigmask=mask, setsigdef=_IGNORED_BY_PYTHON)


def _started(command: Sequence[str], environment: Mapping[str, str], mask: Iterable[int], spawn: Spawn) -> int:
    if not command[0]:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    try:
        return spawn(command, environment, mask)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    import shutil

    # A script that names no interpreter.
    return spawn([_SHELL, shutil.which(command[0]) or command[0], *command[1:]], environment, mask)
