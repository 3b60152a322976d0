"""A download told while it happens: `transom get --explain` and `--tree`."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from transom.cli.asked import asked
from transom.cli.channels import channel_factories
from transom.cli.exit_codes import InterruptTold, exit_code_of, write_error
from transom.cli.lookers import Lookers, OutputLost
from transom.cli.options.way import road_of
from transom.cli.resuming import Notes
from transom.cli.roots import Roots, roots_of
from transom.cli.show.closing import write_closing
from transom.cli.show.explain import Explainer, Way
from transom.cli.show.failure import write_failure
from transom.cli.show.figures import SECOND
from transom.cli.show.how_far import NotReached, write_how_far
from transom.cli.show.sentences import Acceptance
from transom.cli.show.terminal import Terminal
from transom.cli.transfer_lines import beside_data, print_problem, print_transfer
from transom.cli.watching import saved_of, write_balance
from transom.cli.words import Words
from transom.dissect.session import Session
from transom.errors import TransferError, TransomError
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest
from transom.transfer.result import TransferTimes
from transom.value import value
from transom.wire.address import as_address
from transom.wire.escape import escape
from transom.wire.tap import Tap


def download_explained(
    options: argparse.Namespace, requests: Sequence[GetRequest], lookers: Lookers, text: Words
) -> int:
    """Download one after the other; the exit code, when one fails too: why is told where it happened."""
    terminal = Terminal.on(beside_data(options), os.environ)
    roots = roots_of(options)
    road = road_of(options, channel_factories(options, lookers.keylog(wanted=True), roots))
    telling = _Telling(options, lookers, text, terminal, road, roots)
    codes: list[int] = []
    for number, request in enumerate(requests, 1):
        if len(requests) > 1:
            telling.write_heading(request, number, len(requests))
        codes.append(telling.download(request))
        if codes[-1] and options.fail_early:
            break
    write_balance(terminal, text, codes.count(0), len(requests))
    return next(filter(None, codes), 0)


@value
class _Telling:
    """Tells downloads, one after the other."""

    options: argparse.Namespace
    lookers: Lookers
    text: Words
    terminal: Terminal
    road: Road
    roots: Roots

    def write_heading(self, request: GetRequest, number: int, count: int) -> None:
        """Which of several it is."""
        if number > 1:
            self.terminal.line()
        self.terminal.paragraph(
            self.text.say("several.heading", number=number, count=count, url=escape(request.url)), 0
        )

    def download(self, request: GetRequest) -> int:
        """The exit code."""
        terminal, text, lookers = self.terminal, self.text, self.lookers
        explainer = Explainer(terminal, text, tree=self.options.tree, acceptance=_acceptance(self.options))
        way = _WayOut(explainer)

        def tap() -> Tap | None:
            made = lookers.tap(explainer, self.roots())
            way.sets_out()
            return made

        road = replace(self.road, tap_factory=tap, reached=way.reached, timed=way.timed)
        notes = Notes(terminal, text)
        try:
            result = run_get(request, road, notice=partial(notes.take, 0))
        except OutputLost:
            raise  # there is nobody to tell it to
        except KeyboardInterrupt as interrupt:
            lookers.finish()
            write_failure(terminal, text, explainer.session, TransomError("interrupted"), file_written=False)
            notes.over()
            self._write_how_far(way, explainer.session)
            raise InterruptTold from interrupt
        except TransomError as error:
            lookers.finish()
            self._failed(request, error, explainer.session, way.times)
            notes.over()
            self._write_how_far(way, explainer.session)
            return exit_code_of(error)
        lookers.finish()
        write_closing(terminal, text, explainer.session, lookers.facts, saved=saved_of(result), way=way.taken)
        if self.options.json:
            print_transfer(self.options, result)
        return 0

    def _failed(self, request: GetRequest, error: TransomError, session: Session, times: TransferTimes | None) -> None:
        if isinstance(error, TransferError):
            cause = error.__cause__ if isinstance(error.__cause__, TransomError) else error
            why = asked(self.options, request)
            write_failure(self.terminal, self.text, session, cause, file_written=False, asked=why)
        else:  # nothing that the lines before it tell of
            write_error(error, self.text)
        if self.options.json:
            print_problem(self.options, request.url, error, times)

    def _write_how_far(self, way: _WayOut, session: Session) -> None:
        """Not of what was refused before anything was tried."""
        if way.taken is not None:
            write_how_far(self.terminal, self.text, session, self.lookers.facts, way.taken)
        elif way.not_reached is not None:
            write_how_far(self.terminal, self.text, Session(), self.lookers.facts, way.not_reached)


def _acceptance(options: argparse.Namespace) -> Acceptance:
    """By what the server is taken for who it says it is; a pin is enough, whatever else is given."""
    return "pin" if options.pin else "insecure" if options.insecure else "chain"


class _WayOut:
    """How the server was reached, told to the explainer as soon as it was; or how far it came where it was not.

    `times` are those of the exchange that was over last, None before there was one.
    """

    def __init__(self, explainer: Explainer) -> None:
        self.taken: Way | None = None
        self.not_reached: NotReached | None = None
        self.times: TransferTimes | None = None
        self._explainer = explainer

    def sets_out(self) -> None:
        """A connection is to be made. There may be several of them, one after the other."""
        self.taken = self.not_reached = None

    def reached(self, host: str, proxy: str | None, resolve: float, connect: float) -> None:
        """The seconds that resolving and connecting to it, or to the proxy, took; an address needs no resolving."""
        started = time.time_ns() - int((resolve + connect) * SECOND)
        self.taken = Way(host, started, _resolving(proxy or host, resolve), int(connect * SECOND), proxy)
        self._explainer.set_out(self.taken)

    def timed(self, host: str, times: TransferTimes) -> None:
        """An exchange is over."""
        self.times = times
        if self.taken is None:
            self.not_reached = NotReached(host, _resolving(host, times.resolve), int(times.total * SECOND))


def _resolving(host: str, seconds: float | None) -> int | None:
    """In nanoseconds; None for an address, and for a name that was not resolved."""
    return int(seconds * SECOND) if seconds is not None and as_address(host) is None else None
