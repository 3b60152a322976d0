"""Linux asked for one TCP or UDP socket (sock_diag(7)): at once, where the table in /proc is a walk through them all.

It answers with the socket's inode, by which processes have it, and with its cookie, which is its own for ever: of one
that its process has closed no inode is told any more, and the cookie as long as anything of it is there.
"""

from __future__ import annotations

import os
import socket
from contextlib import closing
from functools import cache, lru_cache
from ipaddress import ip_address
from struct import Struct

from transom.value import value
from transom.wire.tap import Endpoint

NETLINK_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST = 1
_ANY_STATE = 0xFFFFFFFF

MESSAGE = Struct("=IHHII")
"""What each begins with (struct nlmsghdr): its length, kind, flags, sequence and who sent it."""

_ASKED = Struct("=BBxxI")
_PORTS = Struct(">HH16s16s")
_REST = Struct("=III")
_NO_COOKIE = 0xFFFFFFFF

_FAMILY_AT, _PORTS_AT = MESSAGE.size, MESSAGE.size + 4
_COOKIE_AND_INODE = Struct("=4xQ16xI")
_COOKIE_AT = _PORTS_AT + _PORTS.size
_WHOLE = _COOKIE_AT + _COOKIE_AND_INODE.size
_ENOUGH = 8192

MAPPED = bytes(10) + b"\xff\xff"
"""Before an IPv4 address in the form of an IPv6 address (RFC 4291 §2.5.5.2): a socket for both families has it so."""


@value
class Found:
    """A socket. `inode` is 0 where no process has it."""

    inode: int
    cookie: int


class SocketDiag:
    """Asks. Raises OSError where there is no such thing to ask."""

    def __init__(self, protocol: int = socket.IPPROTO_TCP) -> None:
        self._protocol = protocol
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG)

    def find(self, local: Endpoint, remote: Endpoint, interface: int) -> Found | None:
        """The socket that would take a segment from `remote` to `local`: a connected one, or else who listens."""
        family = socket.AF_INET6 if ":" in local.address else socket.AF_INET
        # Of UDP Linux takes the ends of who is asked for from the sender's side (udp_dump_one of net/ipv4/udp_diag.c).
        ends = packed(local, remote) if self._protocol == socket.IPPROTO_TCP else packed(remote, local)
        asked = _ASKED.pack(family, self._protocol, _ANY_STATE) + ends
        asked += _REST.pack(interface, _NO_COOKIE, _NO_COOKIE)
        self._socket.send(MESSAGE.pack(MESSAGE.size + len(asked), _BY_FAMILY, _REQUEST, 0, 0) + asked)
        answer = self._socket.recv(_ENOUGH)
        return found_in(answer) if is_socket(answer) else None

    def close(self) -> None:
        self._socket.close()


def is_socket(message: bytes) -> bool:
    """Whether it tells of one (struct inet_diag_msg)."""
    return len(message) >= _WHOLE and MESSAGE.unpack_from(message)[1] == _BY_FAMILY


def found_in(message: bytes) -> Found:
    """The socket that it tells of."""
    cookie, inode = _COOKIE_AND_INODE.unpack_from(message, _COOKIE_AT)
    return Found(inode, cookie)


def ends_in(message: bytes) -> bytes:
    """Its ends in the form of `packed`."""
    ends = message[_PORTS_AT:_COOKIE_AT]
    if message[_FAMILY_AT] == socket.AF_INET6 and ends.startswith(MAPPED, 4) and ends.startswith(MAPPED, 20):
        return ends[:4] + ends[16:20] + bytes(12) + ends[32:36] + bytes(12)
    return ends


def packed(local: Endpoint, remote: Endpoint) -> bytes:
    """The own end of a connection and the other one, as they stand in a question."""
    return _PORTS.pack(local.port, remote.port, _octets(local.address), _octets(remote.address))


@lru_cache(maxsize=4096)
def _octets(address: str) -> bytes:
    return ip_address(address).packed


@cache
def can_be_asked() -> bool:
    """Whether it finds a socket that is there: a kernel may have the question and not the part that answers it.

    False as well where that cannot be tried: no socket is at 127.0.0.1 while loopback is down.
    """
    try:
        with closing(SocketDiag()) as diag, socket.create_server(("127.0.0.1", 0)) as there:
            found = diag.find(Endpoint(*there.getsockname()), Endpoint("0.0.0.0", 0), 0)
            return found is not None and found.inode == os.fstat(there.fileno()).st_ino
    except OSError:
        return False
