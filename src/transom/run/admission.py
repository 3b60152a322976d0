"""Whose connections the tunnel takes: those that know the run's secret, and those of the command's own processes.

Not every program can send a password to a proxy; a browser started with `--proxy-server` asks a person. So one that
sends none is looked up: the socket it connected from belongs to a process, and that process descends from the command,
or was started with the environment that has the secret in it.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from contextlib import closing

from transom.http.basic_auth import basic_credentials
from transom.http.messages import Headers
from transom.run.family import Family
from transom.run.guest import Guest
from transom.run.sockets import TcpSockets
from transom.wire.tap import Endpoint

USER = "transom"
_REST = 4.0
"""After a look into /proc, this many times as long until the next: whoever knocks without a password, and however
often, takes no more than a fifth of our time."""
CHALLENGE = 'Basic realm="transom run"'


class Admission:
    """The secret of one run. `command` is the command's process, once there is one."""

    def __init__(self) -> None:
        self._secret = secrets.token_urlsafe(24)
        self.command: int | None = None
        self._family: Family | None = None
        self._next_look: asyncio.Task[set[int]] | None = None
        self._rested_at = 0.0

    def url(self, listening: Endpoint) -> str:
        """The proxy's URL for the command."""
        return f"http://{USER}:{self._secret}@{listening}"

    def knows_password(self, user: bytes, password: bytes) -> bool:
        """Whether these are the run's."""
        said, expected = user + b":" + password, f"{USER}:{self._secret}".encode()
        return hmac.compare_digest(said, expected)

    async def admits(self, headers: Headers, guest: Guest, listening: Endpoint) -> bool:
        """Whether a request with these fields, from `guest`, is one of the command's."""
        field = headers.get("Proxy-Authorization")
        if field is not None:
            user, _, password = (basic_credentials(field) or b"").partition(b":")
            guest.is_admitted = self.knows_password(user, password)
        elif not guest.is_admitted:
            guest.is_admitted = await self.is_ours(guest.address, listening)
        return guest.is_admitted

    async def is_ours(self, client: Endpoint, listening: Endpoint) -> bool:
        """Whether the socket that connected from `client` belongs to the command or to what it started."""
        with closing(TcpSockets()) as sockets:
            inode = sockets.inode(client, listening)
        if not inode or self.command is None:
            return False
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look(self.command))
        return inode in await asyncio.shield(self._next_look)

    async def _look(self, command: int) -> set[int]:
        """The sockets of the command: one look for all who have asked before it begins."""
        await asyncio.sleep(self._rested_at - time.monotonic())
        self._next_look = None
        self._family = self._family or Family(command, self._secret)
        began = time.monotonic()
        found = self._family.sockets()
        ended = time.monotonic()
        self._rested_at = ended + _REST * (ended - began)
        return found
