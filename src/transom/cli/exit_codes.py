"""What a command that failed ends with, and its one line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from transom.errors import CaptureError, PeerUntrusted, TransferError, TransomError, UsageError
from transom.wire.escape import escape_message

if TYPE_CHECKING:
    from transom.cli.words import Words

USAGE = 2
READ_FAILED = 26
CERTIFICATE = 60
FAILED = 1


class InterruptTold(KeyboardInterrupt):
    """^C, of which a person was told where it hit."""


def exit_code_of(error: TransomError) -> int:
    """Curl's number for it, where curl has one."""
    match error:
        case UsageError():
            return USAGE
        case TransferError():
            return error.exit_code
        case PeerUntrusted():
            return CERTIFICATE
        case CaptureError():
            return READ_FAILED
        case _:
            return FAILED


def write_error(error: TransomError, words: Words, where: str = "") -> None:
    """The line on standard error; `where` it was, when there are several places."""
    try:
        # What a peer put into an error (a certificate's subject, say) is no control here, in whatever language.
        print(f"transom: {escape_message(where + words.tell(error))}", file=sys.stderr, flush=True)
    except OSError:
        # Nobody reads it, and the exit code says it still. What is buffered goes nowhere: it would be one of Python's.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
