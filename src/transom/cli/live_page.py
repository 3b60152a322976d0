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
from typing import TYPE_CHECKING, Self

from transom.cli.traces import open_packet_trace, open_trace
from transom.cli.unfailing import UnfailingPackets, UnfailingTrace
from transom.errors import reason_of
from transom.value import value

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from transom.cli.unfailing import Recorder
    from transom.cli.words import Words

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


class LivePage:
    """A page and the trace it reads: the user's own, or a private one that is removed in the end.

    In this order: `recorder`, `start`, what is to be seen, the recorder's `close`, `over`, perhaps `stay`. Leave the
    context to end it.
    """

    def __init__(self, trace: Path | None, showing: Showing, words: Words, *, packets: bool = False) -> None:
        """With `packets` the trace is to have packets as they were captured."""
        self._showing = showing
        self._packets = packets
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None
        self._room = tempfile.TemporaryDirectory(prefix="transom-") if trace is None else None
        self.trace = trace or Path(self._room.name if self._room else ".") / "trace.pcapng"
        self._recorder: Recorder | None = None

    @property
    def recorder(self) -> Recorder:
        """What the trace is written by. Raises UsageError and TransferError for the user's own."""
        if self._recorder is None:
            self._recorder = self._begin()
        return self._recorder

    def _begin(self) -> Recorder:
        if self._packets:
            packets = open_packet_trace(self.trace)
            packets.flush()  # what is empty is no capture to whoever reads it from the beginning
            return packets if self._room is None else UnfailingPackets(packets)
        writer = open_trace(self.trace)
        writer.read_meanwhile()
        return writer if self._room is None else UnfailingTrace(writer)

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
            self._say("live.failed", reason=self._words.tell(reason_of(error)))

    def over(self) -> None:
        """Nothing more is written."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # it has ended
                self._process.stdin.write(OVER)
                self._process.stdin.flush()

    def stay(self, listen: Callable[[], None] = lambda: None) -> None:
        """Until ^C, or until the page has ended by itself. Where ^C was held back, `listen` lets it through again."""
        with suppress(KeyboardInterrupt):  # which may be there already, or come as soon as it is said
            listen()
            if self._process is None or self._process.poll() is not None:
                return
            self._say("live.stays")
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
