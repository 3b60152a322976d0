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
from transom.run.programs import Program, program_of
from transom.run.sockets import TcpSockets
from transom.wire.tap import Endpoint

USER = "transom"
_REST = 4.0
"""After a look into /proc, this many times as long until the next: whoever knocks without a password, and however
often, takes no more than a fifth of our time."""
_FOR_NAMES, _SHARE_FOR_NAMES = 0.5, 0.05
"""Seconds that looks at which program has a connection may take together, and the part of the time by which what they
took comes back: they are for advice alone, and where connections come faster some go without."""

CHALLENGE = 'Basic realm="transom run"'


class Admission:
    """The secret of one run. `command` is the command's process, once there is one."""

    def __init__(self) -> None:
        self._secret = secrets.token_urlsafe(24)
        self.command: int | None = None
        self._family: Family | None = None
        self._next_look: asyncio.Task[set[int]] | None = None
        self._rested_at = 0.0
        self._left_for_names = _FOR_NAMES
        self._looked_at = time.monotonic()

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

    def program(self, client: Endpoint, listening: Endpoint) -> Program | None:
        """What has the socket that connected from `client`; None if that is not known, or too much was asked.

        To be asked while the client waits for us: it may be gone as soon as it has its answer.
        """
        began = time.monotonic()
        gained = _SHARE_FOR_NAMES * (began - self._looked_at)
        self._left_for_names = min(_FOR_NAMES, self._left_for_names + gained)
        self._looked_at = began
        if self.command is None or self._left_for_names <= 0:
            return None
        with closing(TcpSockets()) as sockets:
            inode = sockets.inode(client, listening)
        owner = self._family_of(self.command).owner(inode) if inode else None
        found = program_of(owner) if owner is not None else None
        self._left_for_names -= time.monotonic() - began
        return found

    def _family_of(self, command: int) -> Family:
        self._family = self._family or Family(command, self._secret)
        return self._family

    async def _look(self, command: int) -> set[int]:
        """The sockets of the command: one look for all who have asked before it begins."""
        await asyncio.sleep(self._rested_at - time.monotonic())
        self._next_look = None
        family = self._family_of(command)
        began = time.monotonic()
        found = family.sockets()
        ended = time.monotonic()
        self._rested_at = ended + _REST * (ended - began)
        return found
