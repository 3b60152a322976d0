"""Linux asked for one TCP socket (sock_diag(7)): at once, where its table in /proc takes a walk through all of them."""

from __future__ import annotations

import os
import socket
from functools import cache
from ipaddress import ip_address
from struct import Struct

from transom.wire.tap import Endpoint

_NETLINK_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST = 1
_ANY_STATE = 0xFFFFFFFF

_MESSAGE = Struct("=IHHII")
_ASKED = Struct("=BBxxI")
_PORTS = Struct(">HH16s16s")
_REST = Struct("=III")
_NO_COOKIE = 0xFFFFFFFF
_INODE = Struct("=I")
_INODE_AT = _MESSAGE.size + 68
_ENOUGH = 8192


class SocketDiag:
    """Asks. Raises OSError where there is no such thing to ask."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG)

    def inode(self, local: Endpoint, remote: Endpoint, interface: int) -> int:
        """Of the socket that would take a segment from `remote` to `local`: a connected one, or else who listens.

        0 where no process has it, and where there is none.
        """
        family = socket.AF_INET6 if ":" in local.address else socket.AF_INET
        ends = _PORTS.pack(local.port, remote.port, ip_address(local.address).packed, ip_address(remote.address).packed)
        asked = _ASKED.pack(family, socket.IPPROTO_TCP, _ANY_STATE) + ends
        asked += _REST.pack(interface, _NO_COOKIE, _NO_COOKIE)
        self._socket.send(_MESSAGE.pack(_MESSAGE.size + len(asked), _BY_FAMILY, _REQUEST, 0, 0) + asked)
        answer = self._socket.recv(_ENOUGH)
        _, kind, *_ = _MESSAGE.unpack_from(answer)
        if kind != _BY_FAMILY or len(answer) < _INODE_AT + _INODE.size:
            return 0
        (inode,) = _INODE.unpack_from(answer, _INODE_AT)
        return int(inode)

    def close(self) -> None:
        self._socket.close()


@cache
def can_be_asked() -> bool:
    """Whether it finds a socket that is there: a kernel may have the question and not the part that answers it."""
    try:
        diag = SocketDiag()
    except OSError:
        return False
    with socket.create_server(("127.0.0.1", 0)) as there:
        own = Endpoint(*there.getsockname())
        try:
            return diag.inode(own, Endpoint("0.0.0.0", 0), 0) == os.fstat(there.fileno()).st_ino
        except OSError:
            return False
        finally:
            diag.close()
