"""Trying again what failed for a reason that may pass: which errors those are, and how long to wait between.

The waits double, so that a server in trouble is not kept there, and are partly chance, so that the clients that one
failure cut off do not all come back in the same moment.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from transom.errors import TransferError, TransomError
from transom.http.dates import parse_http_date
from transom.net.clock import epoch_seconds
from transom.net.connect import CANNOT_CONNECT, CANNOT_RESOLVE
from transom.net.pump import RECEIVE_FAILED, TIMED_OUT
from transom.transfer.failure import GOT_NOTHING, PARTIAL_FILE, Refused
from transom.value import value

FIRST_WAIT = 1.0
LONGEST_WAIT = 600.0
"""Seconds. A server that asks for more is not waited for: nobody sits before a command that long."""

_PASSING_CODES = (CANNOT_RESOLVE, CANNOT_CONNECT, PARTIAL_FILE, TIMED_OUT, GOT_NOTHING, RECEIVE_FAILED)
_PASSING_STATUSES = (408, 429, 500, 502, 503, 504)


@value
class Retries:
    """How often to try again, at most. `chance` gives a number from 0 to 1, `sleep` waits for seconds."""

    most: int = 0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    def wait_before(self, number: int, error: TransferError) -> float | None:
        """The seconds to wait before retry `number`, from 1, after `error`; None when there is to be none."""
        if number > self.most or not may_pass(error):
            return None
        doubled = min(FIRST_WAIT * 2.0 ** min(number - 1, 16), LONGEST_WAIT)
        wait = max(doubled * (1 + self.chance()) / 2, retry_after(error))
        return wait if wait <= LONGEST_WAIT else None


ONCE = Retries()


def may_pass(error: TransomError) -> bool:
    """Whether the same request may well succeed a little later."""
    if not isinstance(error, TransferError) or error.is_ours_to_mend:
        return False
    if isinstance(error, Refused):
        return error.response.status in _PASSING_STATUSES
    return error.exit_code in _PASSING_CODES


@asynccontextmanager
async def time_limit(seconds: float | None) -> AsyncGenerator[None]:
    """Around what may take so long and no longer (None: as long as it likes): TransferError with curl's exit code."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise TransferError(
            "the transfer was not finished after {seconds:g} s", seconds=seconds, exit_code=TIMED_OUT
        ) from error


def retry_after(error: TransomError) -> float:
    """The seconds that the server asks to be left alone for by `Retry-After`, itself seconds or a date; 0 without one.

    RFC 9110 §10.2.3.
    """
    value = error.response.headers.get("Retry-After") if isinstance(error, Refused) else None
    if value is None:
        return 0.0
    if value.isascii() and value.isdigit():
        return float(value)
    moment = parse_http_date(value)
    return max(0.0, moment - epoch_seconds()) if moment is not None else 0.0
