"""The options about time: how long anything may take, how often to try again, how fast at most."""

from __future__ import annotations

import argparse
import math

from transom.cli.options.sizes import size
from transom.errors import UsageError
from transom.net.session import Timeouts
from transom.transfer.pace import SLOWEST
from transom.transfer.retry import Retries


def add_patience_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    group = parser.add_argument_group("patience")
    group.add_argument(
        "--connect-timeout",
        metavar="SECONDS",
        type=float,
        default=30.0,
        help="for resolving and connecting, and for the handshake",
    )
    group.add_argument("-m", "--max-time", metavar="SECONDS", type=float, help="for each attempt as a whole")
    group.add_argument(
        "--retry", metavar="N", type=int, default=0, help="try again, N times at most, what failed and may yet succeed"
    )

    group.add_argument(
        "--limit-rate", metavar="RATE", type=size, help="bytes a second at most: 500k, 2M; powers of 1,024"
    )


def timeouts_of(options: argparse.Namespace) -> Timeouts:
    """How long each stage may take."""
    seconds = _seconds("--connect-timeout", options.connect_timeout)
    return Timeouts(connect=seconds, handshake=seconds, linger=1.0)


def max_time_of(options: argparse.Namespace) -> float | None:
    """How long an attempt may take, None for as long as it likes."""
    return None if options.max_time is None else _seconds("--max-time", options.max_time)


def retries_of(options: argparse.Namespace) -> Retries:
    """How often to try again."""
    if options.retry < 0:
        raise UsageError("--retry {given}: expected a number of times, such as 3", given=options.retry)
    return Retries(options.retry)


def rate_of(options: argparse.Namespace) -> int | None:
    """How many bytes a second at most, None for as many as come."""
    rate: int | None = options.limit_rate
    if rate is not None and rate < SLOWEST:
        raise UsageError(
            "--limit-rate {rate}: expected at least 1k, {least:,} bytes a second", rate=rate, least=SLOWEST
        )
    return rate


def _seconds(option: str, seconds: float) -> float:
    if not 0 < seconds < math.inf:
        raise UsageError(
            "{option} {seconds:g}: expected seconds, more than none, such as 30 or 2.5", option=option, seconds=seconds
        )
    return seconds
