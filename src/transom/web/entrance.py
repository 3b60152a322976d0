"""The way in for a browser: an address that is good once, and for a minute.

What a browser is started with stands on its command line, where everybody on this machine reads it (`ps`), for as long
as it runs. So it is started with such an address, which leads to the one that lasts.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from hmac import compare_digest
from typing import Literal

LASTS = 60.0
"""Seconds: a browser that has to be started on a busy machine takes some of them."""

Admission = Literal["in", "used", "late"]


class Entrance:
    """Gives tickets, and takes each once; `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float | None] = {}
        """For each ticket until when it is good; None once it was used."""

    def ticket(self) -> str:
        """A new one, good from now on."""
        ticket = secrets.token_urlsafe(24)
        self._until[ticket] = self._clock() + LASTS
        return ticket

    def knows(self, ticket: str) -> bool:
        """Whether it is one, good or not."""
        return self._known(ticket) is not None

    def admit(self, ticket: str) -> Admission | None:
        """Use it up. None: it is no ticket."""
        known = self._known(ticket)
        if known is None:
            return None
        until = self._until[known]
        if until is None:
            return "used"
        if self._clock() >= until:
            return "late"
        self._until[known] = None
        return "in"

    def _known(self, ticket: str) -> str | None:
        """Not in less time the more of it is right."""
        found = [one for one in self._until if compare_digest(one.encode(), ticket.encode())]
        return found[0] if found else None
