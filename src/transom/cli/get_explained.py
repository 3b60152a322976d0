"""A download told while it happens: `transom get --explain` and `--tree`."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from transom.cli.channels import Roots, channel_factories, roots_of
from transom.cli.exit_codes import InterruptTold, exit_code_of, write_error
from transom.cli.lookers import Lookers, OutputLost
from transom.cli.options.way import road_of
from transom.cli.resuming import Notes
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
from transom.net.connect import CANNOT_RESOLVE
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest
from transom.transfer.url import parse_url
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
            way.sets_out()  # only now: to load the roots, and what looks on, may take longer than all the rest
            return made

        road = replace(self.road, tap_factory=tap, reached=way.reached)
        notes = Notes(terminal, text)
        try:
            result = run_get(request, road, notice=partial(notes.take, 0))
        except OutputLost:
            raise  # there is nobody to tell it to
        except KeyboardInterrupt as interrupt:
            way.ends()
            lookers.finish()
            write_failure(terminal, text, explainer.session, TransomError("interrupted"), file_written=False)
            notes.over()
            self._write_how_far(request, way, explainer.session)
            raise InterruptTold from interrupt
        except TransomError as error:
            way.ends()
            lookers.finish()
            self._failed(request, error, explainer.session)
            notes.over()
            self._write_how_far(request, way, explainer.session, error)
            return exit_code_of(error)
        lookers.finish()
        write_closing(terminal, text, explainer.session, lookers.facts, saved=saved_of(result), way=way.taken)
        if self.options.json:
            print_transfer(self.options, result)
        return 0

    def _failed(self, request: GetRequest, error: TransomError, session: Session) -> None:
        if isinstance(error, TransferError):
            cause = error.__cause__ if isinstance(error.__cause__, TransomError) else error
            retries = self.options.retry > 0
            write_failure(
                self.terminal, self.text, session, cause, file_written=False, url=request.url, retries=retries
            )
        else:  # nothing that the lines before it tell of
            write_error(error, self.text)
        if self.options.json:
            print_problem(self.options, request.url, error)

    def _write_how_far(
        self, request: GetRequest, way: _WayOut, session: Session, error: TransomError | None = None
    ) -> None:
        """Not of what was refused before anything was tried."""
        if way.taken is not None:
            write_how_far(self.terminal, self.text, session, self.lookers.facts, way.taken)
        elif way.tried is not None:
            tried = NotReached(_tried(request, error), way.tried)
            write_how_far(self.terminal, self.text, Session(), self.lookers.facts, tried)


def _tried(request: GetRequest, error: TransomError | None) -> str:
    """The key of the stages in which a server was not reached."""
    if isinstance(error, TransferError) and error.exit_code == CANNOT_RESOLVE:
        return "closing.dns"
    return "closing.reaching" if as_address(parse_url(request.url).host) is None else "closing.tcp"


def _acceptance(options: argparse.Namespace) -> Acceptance:
    """By what the server is taken for who it says it is; a pin is enough, whatever else is given."""
    return "pin" if options.pin else "insecure" if options.insecure else "chain"


class _WayOut:
    """How the server was reached, told to the explainer as soon as it was."""

    def __init__(self, explainer: Explainer) -> None:
        self.tried: int | None = None
        """For how many nanoseconds, of what was never reached."""
        self._began: int | None = None
        self.taken: Way | None = None
        self._explainer = explainer

    def sets_out(self) -> None:
        """A connection is to be made. There may be several of them, one after the other."""
        self._began, self.taken = time.time_ns(), None

    def ends(self) -> None:
        """Nothing more will come of it."""
        self.tried = time.time_ns() - self._began if self._began is not None else None

    def reached(self, host: str, resolve: float, connect: float) -> None:
        """The seconds that resolving and connecting took; an address needs no resolving."""
        started = time.time_ns() - int((resolve + connect) * SECOND)
        resolved = int(resolve * SECOND) if as_address(host) is None else None
        self.taken = Way(host, started, resolved, int(connect * SECOND))
        self._explainer.set_out(self.taken)
