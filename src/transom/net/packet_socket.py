"""Every packet that crosses this machine's interfaces: Linux's packet socket (packet(7)).

It is a cooked one: the kernel takes the link layer's header off, whatever it is, and says what stood in it. Frames are
given in the form that `tcpdump -i any` has (LINKTYPE_LINUX_SLL2), each with the interface that it was seen on.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from struct import Struct

from transom.errors import MayNotCapture, UsageError
from transom.net import packet_filter
from transom.value import value

LINKTYPE_LINUX_SLL2 = 276

BUFFER = 2**28
"""Bytes that the kernel keeps for us while we do something else."""

_LONGEST = 2**19
"""A packet is 64 KiB long at most, but for those that are cut up later ("BIG TCP", Linux 6.3 and later)."""

_ALL_PROTOCOLS = 0x0003
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 33, 35

_SLL2 = Struct(">HxxIHBB8s")
_TIME = Struct("@ll")
_STATISTICS = Struct("@II")


@value
class Frame:
    """One packet, and the interface it was seen on. `time` is in nanoseconds since the epoch.

    `data` is a header in the form of LINUX_SLL2 and what there is of the packet; `original` is the length of both.
    """

    interface: str
    index: int
    time: int
    original: int
    data: bytes


class PacketSocket:
    """Takes packets from when it is made; TCP, once `packet_filter` is told to take it.

    Raises MayNotCapture where that is not allowed, UsageError where there is no such thing.
    """

    def __init__(self) -> None:
        if sys.platform != "linux":
            raise UsageError("--capture is for Linux: here, run it without, and the command is led through a tunnel")
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS))
        except PermissionError:
            raise MayNotCapture(
                "--capture needs CAP_NET_RAW, which this user or this Python has not; without --capture the command is "
                "led through a tunnel, which needs nothing"
            ) from None
        self._dropped = 0
        try:
            self._prepare()
        except BaseException:
            self._socket.close()
            raise
        self._buffer = bytearray(_LONGEST)
        self._indexes: dict[str, int] = {}

    def fileno(self) -> int:
        """For somebody who waits for packets, or narrows what the kernel hands over (`packet_filter`)."""
        return self._socket.fileno()

    def read(self, most: int) -> list[Frame]:
        """The packets that are there, as they came; no more once they are of `most` bytes together."""
        frames: list[Frame] = []
        size = 0
        with suppress(BlockingIOError):
            while size < most:
                frames.append(frame := self._next())
                size += len(frame.data)
        return frames

    def dropped(self) -> int:
        """How many packets there was no room for, up to now."""
        answer = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)
        self._dropped += _STATISTICS.unpack(answer)[1]  # the kernel begins to count anew each time
        return self._dropped

    def close(self) -> None:
        self._socket.close()

    def _prepare(self) -> None:
        packet_filter.attach(self._socket, ())
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER)
        except PermissionError:  # it takes CAP_NET_ADMIN; else the system's limit for all
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setblocking(False)
        with suppress(BlockingIOError):  # what came before the filter was there
            while True:
                self._socket.recv(1)
        self.dropped()
        self._dropped = 0  # nor was what there was no room for before

    def _next(self) -> Frame:
        ancillary_room = socket.CMSG_SPACE(_TIME.size)
        length, ancillary, _, sender = self._socket.recvmsg_into([self._buffer], ancillary_room, socket.MSG_TRUNC)
        interface, protocol, kind, hardware, address = sender
        index = self._index(interface)
        header = _SLL2.pack(protocol, index, hardware, kind, len(address), address)
        data = header + memoryview(self._buffer)[: min(length, _LONGEST)]
        seconds, nanoseconds = _TIME.unpack(ancillary[0][2])
        time = seconds * 10**9 + nanoseconds
        return Frame(interface, index, time, len(header) + length, data)

    def _index(self, interface: str) -> int:
        known = self._indexes.get(interface)
        if known is None:
            known = 0
            with suppress(OSError):  # it is gone
                known = socket.if_nametoindex(interface)
            self._indexes[interface] = known
        return known
