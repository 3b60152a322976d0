"""Whose connections the tunnel takes: those that know the run's secret, and those of the command's own processes.

Not every program can send a password to a proxy; a browser started with `--proxy-server` asks a person. So one that
sends none is looked up: the socket it connected from belongs to a process, and that process descends from the command,
or was started with the environment that has the secret in it.
"""

from __future__ import annotations

import hmac
import secrets
from contextlib import closing

from transom.http.basic_auth import basic_credentials
from transom.http.messages import Headers
from transom.run.family import Family
from transom.run.sockets import TcpSockets
from transom.wire.tap import Endpoint

USER = "transom"
CHALLENGE = 'Basic realm="transom run"'


class Admission:
    """The secret of one run. `command` is the command's process, once there is one."""

    def __init__(self) -> None:
        self._secret = secrets.token_urlsafe(24)
        self.command: int | None = None
        self._family: Family | None = None

    def url(self, listening: Endpoint) -> str:
        """The proxy's URL for the command."""
        return f"http://{USER}:{self._secret}@{listening}"

    def knows_password(self, user: bytes, password: bytes) -> bool:
        """Whether these are the run's."""
        said, expected = user + b":" + password, f"{USER}:{self._secret}".encode()
        return hmac.compare_digest(said, expected)

    def admits(self, headers: Headers, client: Endpoint, listening: Endpoint) -> bool:
        """Whether a request with these fields, from a socket at `client`, is one of the command's."""
        field = headers.get("Proxy-Authorization")
        if field is not None:
            user, _, password = (basic_credentials(field) or b"").partition(b":")
            return self.knows_password(user, password)
        return self.is_ours(client, listening)

    def is_ours(self, client: Endpoint, listening: Endpoint) -> bool:
        """Whether the socket that connected from `client` belongs to the command or to what it started."""
        with closing(TcpSockets()) as sockets:
            inode = sockets.inode(client, listening)
        if inode is None or self.command is None:
            return False
        self._family = self._family or Family(self.command, self._secret)
        return inode in self._family.sockets()
