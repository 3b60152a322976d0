"""The lines of JSON that `get` prints: one for each URL, where it is out of the way of the data."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, TextIO

from transom.cli.exit_codes import exit_code_of
from transom.errors import TransomError
from transom.files.sink import STDOUT
from transom.transfer.result import NOTHING_TRIED, TransferResult, TransferTimes


def beside_data(options: argparse.Namespace) -> TextIO:
    """Standard output, unless a file itself goes there."""
    return sys.stderr if STDOUT in options.outputs else sys.stdout


def print_transfer(options: argparse.Namespace, result: TransferResult) -> None:
    """The `transfer` line of a download that went well."""
    _print(options, result.as_json())


def print_problem(options: argparse.Namespace, url: str, error: TransomError, times: TransferTimes | None) -> None:
    """The `problem` line of one that failed; `times` of what was asked last, None when nothing was."""
    code = exit_code_of(error)
    _print(options, {
        "type": "problem", "conversation": None, "code": "transfer-failed", "where": url, "what": str(error),
        "exit_code": code, "times": times.as_json() if times else NOTHING_TRIED,
    })  # fmt: skip


def _print(options: argparse.Namespace, line: dict[str, Any]) -> None:
    # At once: whoever reads it may be waiting for this one.
    print(json.dumps(line), file=beside_data(options), flush=True)
