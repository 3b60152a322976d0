"""`with transom.trace("x.pcapng"):` -- what the TLS of this process is, seen from within it."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Self, TypeVar

from transom.capture.begin import begin_trace
from transom.dissect.telling import Looking
from transom.errors import UsageError
from transom.taps import installed
from transom.taps.events import RECEIVED, SENT, Event
from transom.tracing.collector import Collector
from transom.tracing.observed import Observed
from transom.trust.roots import roots_for

if TYPE_CHECKING:
    from types import TracebackType

    from transom.tracing.conversation import Conversation

MOST_WAITING = 64 * 2**20
"""Bytes that may wait to be looked at, before who sends or receives more has to wait."""

_THIS_PROCESS = 0

Answer = TypeVar("Answer")


class Trace:
    """A block of code, traced. `conversations` is what its connections were, while it runs and afterwards.

    What the block does is only noted; a thread of its own looks at it. The trace has the form of every other one here:
    pcapng, the keys within it, mode 0600.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, cacert: str | os.PathLike[str] | None, sha256: bool
    ) -> None:
        self._path = None if path is None else Path(path)
        self._cacert = None if cacert is None else Path(cacert)
        self._sha256 = sha256
        self._worker: _Worker | None = None
        self._observed: Observed | None = None

    def __enter__(self) -> Self:
        if self._observed is not None:
            raise UsageError("this trace has been used already; make another by transom.trace(…)")
        store = roots_for(os.environ, self._cacert, _warn)
        self._file = None if self._path is None else begin_trace(self._path, f"{self._path}")
        self._observed = Observed(Looking(store=store, hash_bodies=self._sha256, pass_over_bodies=True), self._file)
        self._worker = _Worker(Collector(self._observed))
        self._taps = installed.of_this_process()
        self._taps.add(self._worker)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Everything is as it was. Raises TransferError if the trace could not be written, unless another is raised."""
        assert self._worker is not None
        assert self._observed is not None
        worker, self._worker = self._worker, None
        self._taps.remove(worker)
        try:
            worker.stop()
        finally:
            if self._file is not None:
                self._file.close()
        if self._observed.error is not None and error is None:
            raise self._observed.error

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """Every conversation until now, in order of first bytes: those that spoke TLS or HTTP."""
        return () if self._observed is None else self._ask(lambda observed: observed.conversations)

    @property
    def unseen_sessions(self) -> int:
        """TLS sessions whose keys were logged and whose bytes crossed no socket that is looked at."""
        return 0 if self._observed is None else self._ask(lambda observed: observed.unseen_sessions)

    def _ask(self, question: Callable[[Observed], Answer]) -> Answer:
        """Of the thread that looks, which has looked at everything so far when it answers."""
        assert self._observed is not None
        observed, worker = self._observed, self._worker
        if worker is None or not worker.is_here:
            return question(observed)
        self._taps.settle()
        answers: SimpleQueue[Answer] = SimpleQueue()
        worker.call(lambda: answers.put(question(observed)))
        return answers.get()


class _Worker:
    """A sink for the taps. A queue stands between, since a tap may be told of a socket by the garbage collector.

    Whoever brings more than can be looked at waits, so that memory is bounded; an end that is told never does.
    """

    outlives_a_fork = False

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._queue: SimpleQueue[Event | Callable[[], None] | None] = SimpleQueue()
        self._process = os.getpid()
        self._waiting = 0
        self._room = threading.Condition()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="transom-trace", daemon=True)
        self._thread.start()

    def __call__(self, kind: int, number: int, time: int, payload: bytes) -> None:
        if kind in (SENT, RECEIVED):
            with self._room:
                if threading.current_thread() is not self._thread:
                    self._room.wait_for(lambda: self._waiting < MOST_WAITING)
                self._waiting += len(payload)
        self._queue.put((kind, number, time, payload))

    @property
    def is_here(self) -> bool:
        """Whether this is its process still: a fork takes no thread along."""
        return os.getpid() == self._process

    def call(self, what: Callable[[], None]) -> None:
        """Do this when all that came before it has been looked at."""
        self._queue.put(what)

    def stop(self) -> None:
        """Look at what there is, and end. Raises what went wrong in looking."""
        if self.is_here:
            self._queue.put(None)
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            if callable(item):
                item()
            else:
                self._look(item)
        self._guarded(self._collector.finish)

    def _look(self, event: Event) -> None:
        self._guarded(lambda: self._collector.receive(_THIS_PROCESS, event))
        if event[0] in (SENT, RECEIVED):
            with self._room:
                self._waiting -= len(event[3])
                self._room.notify_all()

    def _guarded(self, look: Callable[[], None]) -> None:
        """An error of ours is kept for the end of the block: it must not be one of the program's."""
        if self._failure is None:
            try:
                look()
            except Exception as error:
                self._failure = error


def _warn(error: UsageError) -> None:
    warnings.warn(f"{error}; going on without your Transom CA", stacklevel=3)
