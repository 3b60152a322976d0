"""The page of what is happening: `--view`. It is a process of its own that reads the trace while that is written.

So nothing waits for it: what it reads it reads from a file, on another processor, and it may fail or be closed without
anybody noticing. It ends when this process ends, however that happens: a pipe between the two tells it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

from transom.cli.traces import open_trace
from transom.errors import TransferError
from transom.value import value
from transom.wire.tap import Buffer, Endpoints, Side, Tap

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from transom.capture.write import TraceWriter
    from transom.cli.words import Words

MOST_RECORDED = 2**30
"""Bytes of a transfer that are recorded for its page alone: what comes after is told as missing."""

_PATIENCE = 5.0
"""Seconds that the page has to end in."""

OVER = b"."
"""Said to the page when nothing more is written. The end of what is said is when it has to end."""


@value
class Showing:
    """What a page shows: its name, whether it begins with the table, and by which certificates chains are judged."""

    name: str
    lang: str
    table: bool = False
    cacert: Path | None = None


class Recorder(Protocol):
    """What a trace is written by."""

    def conversation(self) -> Tap: ...

    def secret(self, line: str) -> None: ...

    def close(self) -> None: ...


class LivePage:
    """A page and the trace it reads: the user's own, or a private one that is removed in the end.

    In this order: `recorder`, `start`, what is to be seen, the recorder's `close`, `over`, perhaps `stay`. Leave the
    context to end it.
    """

    def __init__(self, trace: Path | None, showing: Showing, words: Words) -> None:
        self._showing = showing
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None
        self._room = tempfile.TemporaryDirectory(prefix="transom-") if trace is None else None
        self.trace = trace or Path(self._room.name if self._room else ".") / "trace.pcapng"
        self._recorder: Recorder | None = None

    @property
    def recorder(self) -> Recorder:
        """What the trace is written by. Raises UsageError and TransferError for the user's own."""
        if self._recorder is None:
            writer = open_trace(self.trace)
            writer.read_meanwhile()
            self._recorder = writer if self._room is None else _Unfailing(writer)
        return self._recorder

    def start(self) -> None:
        """Show what is in the trace from now on; says where, and does not wait for that."""
        showing = self._showing
        told = {
            "trace": str(self.trace),
            "name": showing.name,
            "lang": showing.lang,
            "table": showing.table,
            "cacert": None if showing.cacert is None else str(showing.cacert),
        }
        # -P: where the user happens to be is no place to import from. In a session of its own ^C is not heard there.
        command = [sys.executable, "-P", "-m", "transom.cli.live_page_shown", json.dumps(told)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as error:
            self._say("live.failed", reason=error.strerror or str(error))

    def over(self) -> None:
        """Nothing more is written."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # it has ended
                self._process.stdin.write(OVER)
                self._process.stdin.flush()

    def stay(self) -> None:
        """Until ^C, or until the page has ended by itself."""
        if self._process is None or self._process.poll() is not None:
            return
        self._say("live.stays")
        with suppress(KeyboardInterrupt):
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._end(self._process)
        if self._room is not None:
            self._room.cleanup()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _say(self, key: str, **values: str) -> None:
        with suppress(OSError):
            print(self._words.say(key, **values), file=sys.stderr, flush=True)


class _Unfailing:
    """A trace for the page alone: that it cannot be written, or is full, is nothing to the transfer."""

    def __init__(self, writer: TraceWriter) -> None:
        self._writer = writer
        self.failed = False
        self.left = MOST_RECORDED

    def conversation(self) -> Tap:
        return _UnfailingTap(self, self._writer.conversation())

    def secret(self, line: str) -> None:
        if not self.failed:
            try:
                self._writer.secret(line)
            except TransferError:
                self.failed = True

    def close(self) -> None:
        with suppress(TransferError):
            self._writer.close()


class _UnfailingTap:
    def __init__(self, trace: _Unfailing, tap: Tap) -> None:
        self._trace = trace
        self._tap = tap

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._tell(lambda: self._tap.opened(endpoints, time, packet))

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        if self._trace.left < len(data):
            self.lost(side, len(data), time)
        else:
            self._trace.left -= len(data)
            self._tell(lambda: self._tap.data(side, data, time, packet))

    def lost(self, side: Side, count: int, time: int) -> None:
        self._tell(lambda: self._tap.lost(side, count, time))

    def closed(self, side: Side, time: int, how: Literal["fin", "reset"] = "fin", packet: int = 0) -> None:
        self._tell(lambda: self._tap.closed(side, time, how, packet))

    def _tell(self, tell: Callable[[], None]) -> None:
        if not self._trace.failed:
            try:
                tell()
            except TransferError:
                self._trace.failed = True
