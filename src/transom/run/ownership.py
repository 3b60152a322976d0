"""Whose a connection is that was seen on an interface: the command's, somebody else's, or not known yet."""

from __future__ import annotations

import socket
from functools import cached_property, lru_cache

from transom.capture.packets import ACK, SYN, Segment, flow_endpoints
from transom.run.family import Family
from transom.run.sockets import TcpSockets
from transom.value import value
from transom.wire.tap import Endpoint


@value
class Ends:
    """The ends of a connection that are on this machine, each as (own, other).

    `deciding` are those that have to be known before it is somebody else's: of a connection within this machine, the
    end that connects. The other one's process may be there for years, and tells nothing about it. Of a connection that
    began before anybody looked there are none: the command was not there yet.
    """

    interface: int
    local: tuple[tuple[Endpoint, Endpoint], ...]
    deciding: tuple[tuple[Endpoint, Endpoint], ...]


def ends_of(first: Segment, interface: int) -> Ends:
    """By the first segment that was seen of it, on the interface of that number."""
    source, destination = flow_endpoints(first.flow)
    both = (source, destination), (destination, source)
    local = tuple(pair for pair in both if _is_local(pair[0].address, interface))
    if not first.flags & SYN:
        return Ends(interface, local, ())
    connecting = both[1] if first.flags & ACK else both[0]
    return Ends(interface, local, (connecting,) if connecting in local else local)


class Ownership:
    """Looks for the owners of sockets, once: what it has learnt of the command's is not looked for again."""

    def __init__(self, family: Family, sockets: TcpSockets) -> None:
        self._family = family
        self._sockets = sockets

    def is_ours(self, ends: Ends) -> bool | None:
        """None where the process that would tell has closed its socket by now, or has not taken it yet."""
        if any(self._inodes(pair, ends.interface) & self._ours for pair in ends.local):
            return True
        known = all(self._sockets.inode(*pair, ends.interface) is not None for pair in ends.deciding)
        return False if known else None

    def _inodes(self, pair: tuple[Endpoint, Endpoint], interface: int) -> set[str]:
        """Who listens has what comes until it has taken it."""
        found = self._sockets.inode(*pair, interface), self._sockets.listening(pair[0], interface)
        return {inode for inode in found if inode is not None}

    @cached_property
    def _ours(self) -> set[str]:
        return self._family.sockets()


@lru_cache(maxsize=4096)
def _is_local(address: str, interface: int) -> bool:
    """Whether it is an address of this machine: one can only have a socket at one that is."""
    version = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(version, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0, 0, interface) if version == socket.AF_INET6 else (address, 0))
        except OSError:
            return False
    return True
