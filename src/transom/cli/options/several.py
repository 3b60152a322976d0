"""The options about several URLs: where their files go, how many of them at once, and what ends it all."""

from __future__ import annotations

import argparse
from pathlib import Path

from transom.errors import UsageError
from transom.transfer.several import AT_ONCE, AT_ONE_HOST, Bounds


def add_several_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    group = parser.add_argument_group("several URLs")
    group.add_argument("--output-dir", metavar="DIR", type=Path, help="save in DIR")
    group.add_argument("--create-dirs", action="store_true", help="make the folders of --output-dir and -o")
    group.add_argument("-Z", "--parallel", action="store_true", help="all at once, and not one after the other")
    group.add_argument(
        "--parallel-max", metavar="N", type=int, default=AT_ONCE, help=f"with -Z: N at most (default: {AT_ONCE})"
    )
    group.add_argument(
        "--parallel-max-host",
        metavar="N",
        type=int,
        default=AT_ONE_HOST,
        help=f"with -Z: N at most from one host and port (default: {AT_ONE_HOST})",
    )
    group.add_argument("--fail-early", action="store_true", help="the first that fails ends it all")


def bounds_of(options: argparse.Namespace) -> Bounds:
    """How many go on at once, and whether the first that fails ends the others."""
    for option, number in (("max", options.parallel_max), ("max-host", options.parallel_max_host)):
        if number < 1:
            raise UsageError(
                "--parallel-{option} {number}: expected a number of downloads, at least one",
                option=option,
                number=number,
            )
    if options.parallel and (options.explain or options.tree):
        raise UsageError(
            "-Z with --explain or --tree: several conversations cannot be told while they happen; "
            "--trace FILE keeps them all, and transom read --tree FILE tells them"
        )
    at_once = options.parallel_max if options.parallel else 1
    return Bounds(at_once, options.parallel_max_host, fail_early=options.fail_early)
