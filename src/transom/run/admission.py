"""Whose connections the tunnel takes: those that know the run's secret, and those of the command's own processes.

Not every program can send a password to a proxy; a browser started with `--proxy-server` asks a person. So one that
sends none is looked up: the socket it connected from belongs to a process, and that process descends from the command,
or was started with the environment that has the secret in it.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from transom.http.basic_auth import basic_credentials
from transom.http.messages import Headers
from transom.wire.tap import Endpoint

USER = "transom"
CHALLENGE = 'Basic realm="transom run"'

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LOOPBACK = "0100007F"
"""127.0.0.1 as those tables have it, on a machine with the low byte first; at the end of its IPv6-mapped form too."""


class Admission:
    """The secret of one run. `command` is the command's process, once there is one."""

    def __init__(self) -> None:
        self._secret = secrets.token_urlsafe(24)
        self.command: int | None = None

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
        inode = _inode(client.port, listening.port)
        return inode is not None and any(self._is_of_command(pid) for pid in _owners(inode))

    def _is_of_command(self, pid: int) -> bool:
        return self._descends(pid) or self._has_our_environment(pid)

    def _descends(self, pid: int) -> bool:
        parent = pid
        while parent > 1:
            if parent == self.command:
                return True
            parent = _parent(parent)
        return False

    def _has_our_environment(self, pid: int) -> bool:
        """Of one whose parents have ended: it has been adopted by another process."""
        with suppress(OSError):
            return self._secret.encode() in Path(f"/proc/{pid}/environ").read_bytes()
        return False


def _inode(from_port: int, to_port: int) -> str | None:
    """The socket of the other end of a connection over loopback; None where nobody tells."""
    ports = f":{from_port:04X}", f":{to_port:04X}"
    for table in _TABLES:
        with suppress(OSError):
            for row in Path(table).read_text("ascii").splitlines()[1:]:
                fields = row.split()
                ends = fields[1], fields[2]
                if all(end.endswith(_LOOPBACK + port) for end, port in zip(ends, ports, strict=True)):
                    return fields[9]
    return None


def _owners(inode: str) -> Iterator[int]:
    """The processes that have this socket open, of those that this user may look into."""
    link = f"socket:[{inode}]"
    for name in os.listdir("/proc"):  # noqa: PTH208 (a path object for every process is most of the time it takes)
        if name.isdecimal():
            with suppress(OSError), os.scandir(f"/proc/{name}/fd") as entries:
                if any(_points_to(entry, link) for entry in entries):
                    yield int(name)


def _points_to(entry: os.DirEntry[str], link: str) -> bool:
    with suppress(OSError):  # closed meanwhile
        return os.readlink(entry.path) == link  # noqa: PTH115 (as above)
    return False


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    return 0
