"""What is told of a run: when the command has ended, so that nothing of ours comes between what it writes."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from transom.cli.conversation_lines import ConversationLines
from transom.cli.exit_codes import write_error
from transom.cli.lookers import append_privately, append_to
from transom.cli.roots import trust_store
from transom.cli.run_summary import Told, write_summary
from transom.cli.show.explain import Explainer
from transom.cli.show.figures import exact_bytes
from transom.cli.show.kept_lines import KeptLines
from transom.cli.show.names import SEPARATOR
from transom.cli.show.terminal import Terminal
from transom.cli.traces import open_packet_trace, open_trace
from transom.cli.words import Words, choose_language, words
from transom.dissect.facts import Facts
from transom.dissect.json_lines import Line, command_line, encode, problem_line, udp_line
from transom.dissect.telling import NOT_REACHED, Looking
from transom.dissect.timeline import Item, Listener
from transom.errors import TransferError, TransomError, UsageError, reason_of
from transom.run.child import Ended
from transom.run.kinds import Kind
from transom.run.outward import Asked, PastTunnel, Reached
from transom.run.watch import Missed, ReadLog, Unread, Watch

if TYPE_CHECKING:
    from transom.cli.live_page import LivePage
    from transom.cli.unfailing import Recorder

MOST_SERVERS = 10
"""Servers by UDP that the summary names; --json names all."""

_IN_MEMORY = 2**20
"""Characters of what is to be told that are kept in memory; the rest waits in a file that has no name."""


@contextmanager
def telling_of(options: argparse.Namespace, command: str, page: LivePage | None) -> Generator[RunTelling]:
    """As the options have it; a `page` has the trace already.

    What it has to tell is told at the end of the block, however that ends.
    """
    with ExitStack() as stack:
        out = stack.enter_context(_out(options))
        telling = RunTelling(options, command, out, page, stack)
        yield telling


@contextmanager
def _out(options: argparse.Namespace) -> Generator[TextIO]:
    """Where it is written: a file at once, standard error when nobody else writes there any more."""
    if options.summary is not None:
        try:
            file = options.summary.open("w", encoding="utf-8")
        except OSError as error:
            raise UsageError("--summary {path}: {reason}", path=options.summary, reason=reason_of(error)) from error
        with file:
            yield file
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8") as spool:
        try:
            yield cast("TextIO", spool)  # it is one in all but its type
        finally:
            spool.seek(0)
            shutil.copyfileobj(spool, sys.stderr)
            sys.stderr.flush()


class RunTelling:
    """A `run.watch.Telling`: JSON lines, or an explanation of each conversation and a summary of all."""

    def __init__(
        self, options: argparse.Namespace, command: str, out: TextIO, page: LivePage | None, stack: ExitStack
    ) -> None:
        self._options = options
        self._command = command
        self._out = out
        self._words: Words = words(choose_language(options.lang, os.environ))
        on = Terminal.on(sys.stderr, os.environ) if options.summary is None else Terminal(out)
        self._terminal = on.onto(out)
        self._count = 0
        self._told: dict[int, Told] = {}
        self._lines: dict[int, ConversationLines] = {}
        self._explained: dict[int, KeptLines] = {}
        self._failed: list[tuple[Asked, TransferError]] = []
        self._began = time.monotonic()
        self._watch: Watch | None = None
        self._trace = _recorder(options, page)
        if self._trace is not None:
            stack.callback(self._close_trace, self._trace)
        self._key_log = _key_log_of_the_user(stack)

    def watch(self, read_log: ReadLog) -> Watch:
        """Who looks on."""
        store = trust_store(self._options.cacert)
        looking = Looking(store=store, hash_bodies=self._options.sha256, pass_over_bodies=True)
        also = append_to(self._key_log) if self._key_log is not None else None
        self._watch = Watch(looking, self, read_log, self._trace, also)
        return self._watch

    def begins(self, number: int, reached: Reached | PastTunnel) -> Listener:
        """One more conversation."""
        self._count += 1
        told = self._told[number] = Told(reached)
        listeners: list[Listener] = [told.take]
        if self._options.json:
            self._lines[number] = ConversationLines(number, self._write)
            listeners.append(self._lines[number].take)
        elif self._options.explain:
            self._explained[number] = KeptLines(self._terminal)
            listeners.append(Explainer(self._explained[number], self._words, way=told.way))

        def tell(item: Item) -> None:
            for listener in listeners:
                listener(item)

        return tell

    def over(self, facts: Facts) -> None:
        """A conversation is over."""
        told = self._told[facts.number]
        told.end(facts)
        if self._options.json or self._options.silent:
            del self._told[facts.number]  # there is no summary to keep it for, and there may be very many
        if self._options.silent:
            self._lines.pop(facts.number, None)
        elif self._options.json:
            self._lines.pop(facts.number).end(facts, told.times_line(facts))
        elif self._options.explain:
            self._terminal.entry(self._words.say("run.conversation", number=facts.number, server=told.name), 0)
            self._explained.pop(facts.number).write(self._terminal)
            self._terminal.line()

    def not_reached(self, asked: Asked, error: TransferError) -> None:
        """A server was asked for in vain."""
        if not self._options.json:
            self._failed.append((asked, error))
        else:
            self._write(problem_line(None, NOT_REACHED, asked.authority, str(error)))

    def ended(self, ended: Ended) -> None:
        """The command has ended, and so has all that it began."""
        seconds = time.monotonic() - self._began
        unseen = self._watch.unseen_sessions if self._watch is not None else 0
        missed = self._watch.missed if self._watch is not None else Missed()
        unread = self._watch.unread if self._watch is not None else ()
        if self._options.json:
            self._write_missed(missed)
            udp = [udp_line(str(one.server), one.datagrams, one.length, is_quic=one.is_quic) for one in unread]
            self._write(command_line(ended.code, ended.signal, seconds, self._count, unseen, udp))
        elif not self._options.silent:
            told = [self._told[number] for number in sorted(self._told)]
            write_summary(
                self._terminal,
                self._words,
                self._command,
                ended,
                seconds,
                told,
                self._failed,
                unseen,
                captured=self._options.capture,
                opted=self._opted(),
                has_agent=self._options.java_agent is not None,
                ran=self._watch.ran if self._watch is not None else None,
            )
            self._say_unread(unread)
            self._say_missed(missed)
            if self._options.trace is not None and self._given_up is None:
                self._terminal.paragraph(self._words.say("trace.left", file=self._options.trace), 0)
        if self._given_up is not None:
            write_error(self._given_up, self._words)

    @property
    def _given_up(self) -> TransomError | None:
        """Why what looks on gave up its trace or its log."""
        return self._watch.error if self._watch is not None else None

    def _close_trace(self, trace: Recorder) -> None:
        """One that cannot be closed is told, unless it is told already: the exit code is the command's all the same."""
        try:
            trace.close()
        except TransferError as error:
            if self._given_up is None:
                write_error(error, self._words)

    def _opted(self) -> list[Kind]:
        options = self._options
        given: dict[Kind, bool] = {"java": options.java or options.java_agent is not None, "python": options.python}
        return [kind for kind, is_given in given.items() if is_given]

    def _say_unread(self, unread: Sequence[Unread]) -> None:
        for one in unread[:MOST_SERVERS]:
            text = self._words.count("run.quic" if one.is_quic else "run.udp", one.datagrams, server=one.server)
            self._terminal.entry(f"{text}{SEPARATOR}{exact_bytes(one.length)}", 0)
        if len(unread) > MOST_SERVERS:
            self._terminal.line(self._words.say("read.more", count=f"{len(unread) - MOST_SERVERS:,}"))

    def _say_missed(self, missed: Missed) -> None:
        if self._watch is not None and self._watch.full_at is not None:
            self._terminal.paragraph(self._words.count("run.full", self._watch.full_at), 0)
        if missed.packets:
            self._terminal.paragraph(self._words.count("run.dropped", missed.packets), 0)
        if missed.connections:
            self._terminal.paragraph(self._words.count("run.nobodys", missed.connections), 0)
        if missed.unnoticed:
            self._terminal.paragraph(self._words.say("run.unnoticed", reason=missed.unnoticed), 0)
        elif missed.unnoticed is not None:
            self._terminal.paragraph(self._words.say("run.partly_unnoticed"), 0)
        if missed.without_privileges:
            self._terminal.paragraph(self._words.say("run.without_privileges"), 0)

    def _write_missed(self, missed: Missed) -> None:
        if self._watch is not None and self._watch.full_at is not None:
            what = f"with {self._watch.full_at} connections at once others had to wait"
            self._write(problem_line(None, "tunnel-full", "the tunnel", what))
        if missed.packets:
            what = f"{missed.packets} packets were not seen: they came faster than they were taken"
            self._write(problem_line(None, "packets-dropped", "the capture", what))
        if missed.connections:
            what = f"{missed.connections} connections were over before it was known whose they were"
            self._write(problem_line(None, "connections-nobodys", "the capture", what))
        if missed.unnoticed is not None:
            what = f"connections of milliseconds may be missing: {missed.unnoticed or 'not all were noticed'} (seccomp)"
            self._write(problem_line(None, "connections-unnoticed", "the capture", what))
        if missed.without_privileges:
            what = "programs with rights of their own (setuid, capabilities) ran without them"
            self._write(problem_line(None, "no-new-privileges", "the command", what))

    def _write(self, line: Line) -> None:
        if not self._options.silent:
            self._out.write(encode(line) + "\n")


def _recorder(options: argparse.Namespace, page: LivePage | None) -> Recorder | None:
    """What records the run: for the user, for the page, or for both in one file."""
    if page is not None:
        return page.recorder
    if options.trace is None:
        return None
    return open_packet_trace(options.trace) if options.capture else open_trace(options.trace)


def _key_log_of_the_user(stack: ExitStack) -> int | None:
    """Who has SSLKEYLOGFILE set wants the keys there: they are written to both."""
    named = os.environ.get("SSLKEYLOGFILE")
    if not named:
        return None
    descriptor = append_privately(Path(named))
    stack.callback(os.close, descriptor)
    return descriptor
