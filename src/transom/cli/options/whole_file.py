"""The options that see to it that a download is the right file, whole: going on safely, and checking what came."""

from __future__ import annotations

import argparse

from transom.errors import Sentence, UsageError
from transom.files.digest import Digest, parse_checksum

FROM_WHAT_IS_THERE = "-"


def add_whole_file_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    group = parser.add_argument_group("the right file, whole")
    group.add_argument("-C", "--continue-at", metavar="-", help="go on where it stopped, which is done anyway")
    group.add_argument("--no-resume", action="store_true", help="from the beginning, whatever is here of it")
    group.add_argument(
        "--checksum",
        dest="checksums",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="what it must hash to: sha-256=… or sha-512=…; with several URLs one for each",
    )
    group.add_argument("--verify", action="store_true", help="ask the server for a digest, and check the file by it")


def wants_resume(options: argparse.Namespace) -> bool:
    """Whether to go on with what is here. Raises UsageError for an offset: who knows what is before it?"""
    if options.continue_at not in (None, FROM_WHAT_IS_THERE):
        raise UsageError(
            "-C {given!r}: only '-' is taken; bytes put behind others by hand could be another file's",
            given=options.continue_at,
        )
    if options.continue_at is not None and options.no_resume:
        raise UsageError("-C - and --no-resume contradict each other")
    if options.continue_at is not None and options.range is not None:
        raise UsageError("-C - and -r contradict each other: a part by itself is never gone on with")
    return not options.no_resume


def checksums_of(options: argparse.Namespace) -> list[Digest | None]:
    """The checksum of each URL, in their order; all of them None when none was given.

    Raises UsageError for one that is none, and for too few: a file that is not checked must not look as if it were.
    """
    given = [parse_checksum(text) for text in options.checksums]
    if given and len(given) != len(options.urls):
        urls = Sentence("one URL") if len(options.urls) == 1 else Sentence("{count} URLs", count=len(options.urls))
        raise UsageError(
            "--checksum: {count} of them for {urls}; the nth is for the nth URL, and none may lack",
            count=len(given),
            urls=urls,
        )
    return [*given] or [None] * len(options.urls)
