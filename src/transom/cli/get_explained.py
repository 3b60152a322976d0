"""A download told while it happens: `transom get --explain` and `--tree`."""

from __future__ import annotations

import argparse
import os
import time

from transom.cli.get import beside_data, print_json, request_of, saved_of
from transom.cli.lookers import Lookers, OutputLost
from transom.cli.options.patience import rate_of, timeouts_of
from transom.cli.options.tls import channel_factory, roots_of
from transom.cli.options.way import addresses_of, proxy_of
from transom.cli.resuming import write_notice
from transom.cli.show.closing import write_closing
from transom.cli.show.explain import Explainer, Way
from transom.cli.show.failure import write_failure
from transom.cli.show.figures import SECOND
from transom.cli.show.sentences import Acceptance
from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.errors import TransferError, TransomError
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.wire.address import as_address


def download_explained(options: argparse.Namespace, lookers: Lookers, text: Words) -> int:
    """Download as `options` say; the exit code, when it fails too: why is told where it happened."""
    terminal = Terminal.on(beside_data(options), os.environ)
    explainer = Explainer(terminal, text, tree=options.tree, acceptance=_acceptance(options))
    roots = roots_of(options)
    channels = channel_factory(options, lookers.keylog(wanted=True), roots)
    way = _WayOut(explainer)
    road = Road(
        channels,
        tap_factory=lambda: lookers.tap(explainer, roots()),
        reached=way.reached,
        timeouts=timeouts_of(options),
        rate=rate_of(options),
        addresses=addresses_of(options),
        proxy=proxy_of(options),
    )
    try:
        result = run_get(request_of(options), road, notice=lambda notice: write_notice(terminal, text, notice))
    except OutputLost:
        raise  # there is nobody to tell it to
    except TransferError as error:
        lookers.finish()
        cause = error.__cause__ if isinstance(error.__cause__, TransomError) else error
        write_failure(terminal, text, explainer.session, cause, file_written=False)
        return error.exit_code
    lookers.finish()
    write_closing(terminal, text, explainer.session, lookers.facts, saved=saved_of(result), way=way.taken)
    if options.json:
        print_json(options, result)
    return 0


def _acceptance(options: argparse.Namespace) -> Acceptance:
    """By what the server is taken for who it says it is; a pin is enough, whatever else is given."""
    return "pin" if options.pin else "insecure" if options.insecure else "chain"


class _WayOut:
    """How the server was reached, told to the explainer as soon as it was."""

    def __init__(self, explainer: Explainer) -> None:
        self.taken: Way | None = None
        self._explainer = explainer

    def reached(self, host: str, resolve: float, connect: float) -> None:
        """The seconds that resolving and connecting took; an address needs no resolving."""
        started = time.time_ns() - int((resolve + connect) * SECOND)
        resolved = int(resolve * SECOND) if as_address(host) is None else None
        self.taken = Way(host, started, resolved, int(connect * SECOND))
        self._explainer.set_out(self.taken)
