"""The TCP and UDP sockets of this machine, as Linux lists them: who has which end is told by its inode's number."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from transom.run.socket_diag import MAPPED, Found, SocketDiag, can_be_asked
from transom.wire.tap import Endpoint

_LISTENS = ("0A", "07")
"""A TCP socket that listens; a UDP socket that is not connected, which has the same state as a closed one of TCP."""


class Sockets:
    """Looks into them while it is open: each is asked for, or sought in the table of all if nobody can be asked."""

    def __init__(self, protocol: int, tables: Sequence[str]) -> None:
        self._diag = SocketDiag(protocol) if can_be_asked() else None
        self._names = tables

    def find(self, local: Endpoint, remote: Endpoint, interface: int = 0) -> Found | None:
        """The socket at the `local` end of a connection, or who listens there; None where there is none.

        `interface` is the number of the one that a link-local address is meant for. The tables tell no cookies: it is
        0 where they are all there is.
        """
        if self._diag is not None:
            return self._diag.find(local, remote, interface)
        inode = self._tables.connected(local, remote) or self._tables.listening(local)
        return Found(inode, 0) if inode else None

    def inode(self, local: Endpoint, remote: Endpoint, interface: int = 0) -> int:
        """Of what is found there; 0 where no process has it."""
        found = self.find(local, remote, interface)
        return found.inode if found is not None else 0

    def listener(self, local: Endpoint, interface: int = 0) -> Found | None:
        """The socket that listens there."""
        return self.find(local, Endpoint("::" if ":" in local.address else "0.0.0.0", 0), interface)

    def close(self) -> None:
        if self._diag is not None:
            self._diag.close()

    @cached_property
    def _tables(self) -> _Tables:
        return _Tables(self._names)


class TcpSockets(Sockets):
    def __init__(self) -> None:
        super().__init__(socket.IPPROTO_TCP, ("/proc/net/tcp", "/proc/net/tcp6"))


class UdpSockets(Sockets):
    def __init__(self) -> None:
        super().__init__(socket.IPPROTO_UDP, ("/proc/net/udp", "/proc/net/udp6"))


class _Tables:
    """A snapshot: who was connected with whom, and who listened, when it was made."""

    def __init__(self, names: Sequence[str]) -> None:
        self._connected: dict[tuple[str, str], int] = {}
        self._listening: dict[str, int] = {}
        for local, remote, state, inode in _rows(names):
            if state in _LISTENS and inode:
                self._listening[local.rpartition(":")[2]] = inode
            elif inode:
                self._connected[local, remote] = inode

    def connected(self, local: Endpoint, remote: Endpoint) -> int:
        ends = zip(_texts(local), _texts(remote), strict=True)
        return next((found for pair in ends if (found := self._connected.get(pair))), 0)

    def listening(self, local: Endpoint) -> int:
        return self._listening.get(f"{local.port:04X}", 0)


def _rows(names: Sequence[str]) -> Iterator[tuple[str, str, str, int]]:
    """The ends, the state and the inode of each; that is 0 of one not taken yet, or that its process has closed."""
    for table in names:
        with suppress(OSError):
            for row in Path(table).read_text("ascii").splitlines()[1:]:
                fields = row.split()
                yield fields[1], fields[2], fields[3], int(fields[9])


def _texts(end: Endpoint) -> list[str]:
    """As the tables have it, `0100007F:1F90`: the address in words of 32 bits as they lie in memory, then the port."""
    octets = ip_address(end.address).packed
    forms = [octets, MAPPED + octets] if len(octets) == 4 else [octets]
    return [f"{_in_memory(form).hex().upper()}:{end.port:04X}" for form in forms]


def _in_memory(octets: bytes) -> bytes:
    if sys.byteorder == "big":
        return octets
    return b"".join(octets[at : at + 4][::-1] for at in range(0, len(octets), 4))
