"""Who looks on while a command transfers: the explainer, a trace, the key log file; or nobody, at no cost."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.traces import open_trace
from transom.errors import Sentence, TransferError, UsageError, reason_of
from transom.wire.tap import Tap, Taps

WRITE_FAILED = 23

if TYPE_CHECKING:  # imported when somebody looks, not for every download
    import argparse
    from collections.abc import Generator

    from transom.cli.unfailing import Recorder
    from transom.cli.words import Words
    from transom.dissect.facts import Facts
    from transom.dissect.flow import Flow
    from transom.dissect.timeline import Item, Listener
    from transom.tls.config import KeyLogWriter
    from transom.tls.keys.keylog import KeyLog
    from transom.trust.store import TrustStore


class OutputLost(TransferError):
    """What looks on has nowhere to write to any more: a reader that has gone, a disk that is full."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(
            "{path} cannot be written: {reason}", path=path, reason=reason_of(error), exit_code=WRITE_FAILED
        )


class Lookers:
    """The taps of one command and the key log they share. Close it when the transfer is over."""

    def __init__(
        self, *, trace: Path | None = None, keylog_file: Path | None = None, recorder: Recorder | None = None
    ) -> None:
        """`recorder` has the trace already, if it is read while it grows."""
        self._trace: Recorder | None = recorder or (open_trace(trace) if trace is not None else None)
        self._keylog_file = append_privately(keylog_file) if keylog_file is not None else None
        self._flows: list[Flow] = []

    @classmethod
    def by_environment(cls, trace: Path | None, recorder: Recorder | None = None) -> Lookers:
        """With the key log file that SSLKEYLOGFILE names, as curl and browsers have it."""
        named = os.environ.get("SSLKEYLOGFILE")
        return cls(trace=trace, keylog_file=Path(named) if named else None, recorder=recorder)

    @cached_property
    def _keys(self) -> KeyLog:
        """What opens the conversations, for those that look on."""
        from transom.tls.keys.keylog import KeyLog

        return KeyLog()

    @property
    def traced(self) -> Callable[[], Tap] | None:
        """Makes the tap of each connection of a server; None when no trace is kept."""
        return self._trace.conversation if self._trace is not None else None

    def tap(self, listener: Listener | None, store: TrustStore | None = None) -> Tap | None:
        """The tap for one more connection; None when nobody looks."""
        taps: list[Tap] = []
        if self._trace is not None:
            taps.append(self._trace.conversation())
        if listener is not None:
            from transom.dissect.flow import Flow
            from transom.dissect.telling import Looking

            flow = Flow(len(self._flows), _telling(listener), Looking(keys=self._keys, store=store))
            self._flows.append(flow)
            taps.append(flow)
        return Taps(taps) if taps else None

    @property
    def facts(self) -> Facts:
        """What is known of the conversation that a listener was told."""
        return self._flows[-1].facts

    def secret(self, line: str) -> None:
        """One key-log line, to everybody who can use it."""
        self._keys.receive(line)
        if self._trace is not None:
            self._trace.secret(line.rstrip("\n"))
        if self._keylog_file is not None:
            append_to(self._keylog_file)(line)

    def keylog(self, *, wanted: bool) -> KeyLogWriter | None:
        """Where the engine writes its secrets: nowhere, unless a listener, a trace or a file wants them."""
        return self.secret if wanted or self._trace is not None or self._keylog_file is not None else None

    def finish(self) -> None:
        """No more will cross: what is still open is told as cut."""
        for flow in self._flows:
            flow.finish()

    def close(self) -> None:
        """The transfer is over."""
        self.finish()
        if self._trace is not None:
            self._trace.close()
        if self._keylog_file is not None:
            os.close(self._keylog_file)


@contextmanager
def looked_on(options: argparse.Namespace, words: Words, name: str, *, stays: bool) -> Generator[Lookers]:
    """Who looks on while the block transfers, and with `--view` the page, which may stay when that went well.

    `name` is what the page is called; one that does not stay begins with the table of conversations.
    """
    if not options.view:
        lookers = Lookers.by_environment(options.trace)
        try:
            yield lookers
        finally:
            lookers.close()
        return
    from transom.cli.live_page import LivePage, Showing

    cacert = getattr(options, "cacert", None)
    with LivePage(options.trace, Showing(name, words.lang, table=not stays, cacert=cacert), words) as page:
        lookers = Lookers.by_environment(options.trace, page.recorder)
        page.start()
        try:
            yield lookers
        finally:
            lookers.close()
            page.over()
        if stays:
            page.stay()


def _telling(listener: Listener) -> Listener:
    """`listener`, whose lines may find nobody who reads them: that ends the transfer like any other error."""

    def tell(item: Item) -> None:
        try:
            listener(item)
        except OSError as error:
            raise OutputLost(Sentence("the explanation"), error) from error

    return tell


def append_to(keylog_file: int) -> Callable[[str], None]:
    """Writes lines to a key log that is open. It raises OutputLost."""

    def append(line: str) -> None:
        try:
            os.write(keylog_file, line.encode("ascii", "replace"))
        except OSError as error:
            raise OutputLost("SSLKEYLOGFILE", error) from error

    return append


def append_privately(path: Path) -> int:
    """The file opened for appending; a new one is for its owner alone, since it opens what it logs."""
    # Without waiting: a FIFO that nobody reads would hang the transfer.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    try:
        return os.open(path, flags, 0o600)
    except OSError as error:
        raise UsageError("SSLKEYLOGFILE {path}: {reason}", path=path, reason=reason_of(error)) from error
