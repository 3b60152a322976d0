"""The command line: `main` picks a sub-command; each is a file of its own, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """The `transom` program; returns its exit code."""
    from transom.cli.main import run

    return run(arguments)
