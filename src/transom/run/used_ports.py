"""The ports of the command's TCP: what the kernel is to hand over, so that the traffic of others is not even copied.

The filter of the packet socket only ever grows: from no TCP to that of the ports which the command has asked for or
listens on, and to all TCP where a port cannot be known. It has grown before the call that uses the port is done.
Standard library alone, as `keeper`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from transom.net import packet_filter
from transom.net.descriptors import open_descriptors

_TRACKED = Path("/proc/sys/net/netfilter/nf_conntrack_count")


class UsedPorts:
    """Grows the filter of `packets`, which is None where there is nobody to take packets.

    All TCP is taken where a port may be another one on the wire than it is to the command.
    """

    def __init__(self, packets: socket.socket | None, inherited: Iterable[int] = ()) -> None:
        self._packets = packets
        self._ports = None if is_translated() else set(inherited)
        if packets is not None:
            packet_filter.attach(packets, self._ports)

    def add(self, port: int) -> None:
        """Raises OSError where the kernel has no room."""
        if self._packets is None or self._ports is None or port in self._ports:
            return
        if len(self._ports) == packet_filter.MOST_PORTS:
            self.add_all()
            return
        grown = self._ports | {port}
        packet_filter.attach(self._packets, grown)
        self._ports = grown

    def add_all(self) -> None:
        """Raises OSError where the kernel has no room."""
        if self._packets is not None and self._ports is not None:
            packet_filter.attach(self._packets)
            self._ports = None

    def close(self) -> None:
        """Nobody takes packets any more."""
        if self._packets is not None:
            self._packets.close()
            self._packets = None


def ports_of_inherited() -> set[int]:
    """The own ports of TCP sockets that this process has open: a server may have got the one that it listens on."""
    found = set[int]()
    for number in open_descriptors():
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as copy:
            if copy.type == socket.SOCK_STREAM and copy.family in (socket.AF_INET, socket.AF_INET6):
                found.add(copy.getsockname()[1])
    return found - {0}


def is_translated() -> bool:
    """Whether the kernel may give a connection of this machine another port (NAT).

    For that it tracks all that comes and goes in this network namespace, so a datagram of ours as well.
    """
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
            probe.sendto(b"", probe.getsockname())
            if int(_TRACKED.read_bytes()) > 0:
                return True
    return False
