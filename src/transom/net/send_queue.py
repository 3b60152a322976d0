"""What the system has been given for a peer that has not taken it yet."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios

_COUNT = struct.Struct("i")


def unacknowledged(connection: socket.socket) -> int:
    """Bytes in the socket's send queue, on their way included; 0 where the system does not tell (tcp(7), SIOCOUTQ).

    A socket that is full is said to have room only when a third of it is free again, which at the pace of a slow reader
    may be minutes.
    """
    try:
        return int(_COUNT.unpack(fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(_COUNT.size)))[0])
    except OSError:
        return 0
