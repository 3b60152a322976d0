"""Taps in the methods of `socket.socket`: what they give and take is told, and they do what they did.

gevent's sockets are no subclass of it; each has a raw one within, of a class of gevent's own, which is tapped likewise.
TLS over memory buffers (asyncio, trio, anyio) crosses these sockets like anything else, so its wire bytes are seen here
too. Only that of an `ssl.SSLSocket` does not: OpenSSL reads and writes the descriptor itself, see `tls_io`.
"""

from __future__ import annotations

import _socket
import os
import socket
import sys
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .events import CLIENT, SERVER
from .wire import HUB, Wire

if TYPE_CHECKING:
    from .patches import Patches

GEVENT = "gevent._socket3"
"""The module with gevent's raw sockets."""

_wires: weakref.WeakKeyDictionary[_socket.socket, Wire | None] = weakref.WeakKeyDictionary()
"""None for a socket that is no TCP."""

_detached: dict[int, Wire] = {}
"""By descriptor, which another socket object is about to take over: that is how an SSLSocket is made."""

_by_descriptor: weakref.WeakValueDictionary[int, _socket.socket] = weakref.WeakValueDictionary()

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_UNSEEN = socket.MSG_PEEK | socket.MSG_OOB
"""Flags with which nothing of the stream is taken."""


def wire_of(sock: _socket.socket, role: str = CLIENT) -> Wire | None:
    """The connection of a socket; None where it is no TCP, or not connected yet."""
    try:
        return _wires[sock]
    except KeyError:
        return _begun(sock, role)


def put_in(patches: Patches) -> None:
    """Tap everything that moves the bytes of a stream, and what ends one."""
    own: Any = socket.socket
    if issubclass(own, _socket.socket):  # gevent may have put its own in that place
        _put_into(patches, own, "_real_close")
        patches.put(own, "accept", _accept)
    if hasattr(os, "sendfile"):
        patches.put(os, "sendfile", _sendfile)


def put_in_gevent(patches: Patches) -> None:
    """Tap gevent's sockets, if it is there."""
    raw = getattr(sys.modules.get(GEVENT), "_wrefsocket", None)
    if raw is not None:
        _put_into(patches, raw, "close")


def _put_into(patches: Patches, owner: type, close: str) -> None:
    for name, taken in _RECEIVING.items():
        patches.put(owner, name, _receiving(taken))
    for name, given in _SENDING.items():
        patches.put(owner, name, _sending(given))
    patches.put(owner, "detach", _detach)
    patches.put(owner, "shutdown", _shutdown)
    patches.put(owner, close, _real_close)


def forked() -> None:
    """In a new process."""
    for wire in list(HUB.wires.values()):
        wire.forked()


def _begun(sock: _socket.socket, role: str) -> Wire | None:
    descriptor = sock.fileno()
    # The plain attributes of the C type: those of `socket.socket` make an enum of each.
    family, kind = _FAMILY.__get__(sock), _TYPE.__get__(sock)
    if descriptor < 0:
        return None
    if family not in _INTERNET or kind != socket.SOCK_STREAM:
        _wires[sock] = None
        return None
    try:
        ends = ends_of(sock.getsockname(), sock.getpeername())
    except OSError:  # not connected yet, or no more
        return None
    wire = _detached.pop(descriptor, None)
    if wire is not None and wire.ends == ends:
        wire.belongs_to(sock)
    else:
        wire = Wire(sock, ends, role)
    _wires[sock] = wire
    _by_descriptor[descriptor] = sock
    return wire


_FAMILY: Any = _socket.socket.__dict__["family"]
_TYPE: Any = _socket.socket.__dict__["type"]


def ends_of(own: tuple[Any, ...], peer: tuple[Any, ...]) -> bytes:
    """As `Wire` takes them, from addresses as sockets have them."""
    return b" ".join(str(part).encode() for part in (*own[:2], *peer[:2]))


# -- receiving: how the bytes are found in what a method was called with and gave -------------------------------------

Arguments = tuple[Any, ...]
Named = dict[str, Any]

Taken = Callable[[Any, Arguments, Named], "tuple[bytes, int, bool]"]
"""From result, positional and named arguments: the bytes, the flags, and whether there was room for any."""


def _returned(at: int) -> Taken:
    """`recv(size, flags)` and the like; `at` is where the flags stand."""

    def taken(result: Any, args: Arguments, named: Named) -> tuple[bytes, int, bool]:
        data = result if isinstance(result, bytes) else result[0]
        return data, _argument(args, named, at, "flags"), bool(args and args[0])

    return taken


def _into(result: Any, args: Arguments, named: Named) -> tuple[bytes, int, bool]:
    """`recv_into(buffer, nbytes, flags)` and `recvfrom_into`."""
    count = result if isinstance(result, int) else result[0]
    view = memoryview(args[0] if args else named["buffer"]).cast("B")
    return bytes(view[:count]), _argument(args, named, 2, "flags"), len(view) > 0


def _scattered(result: Any, args: Arguments, named: Named) -> tuple[bytes, int, bool]:
    """`recvmsg_into(buffers, ancbufsize, flags)`."""
    whole = b"".join(bytes(buffer) for buffer in args[0])
    return whole[: result[0]], _argument(args, named, 2, "flags"), bool(whole)


_RECEIVING: dict[str, Taken] = {
    "recv": _returned(1),
    "recvfrom": _returned(1),
    "recvmsg": _returned(2),
    "recv_into": _into,
    "recvfrom_into": _into,
    "recvmsg_into": _scattered,
}


def _receiving(taken: Taken) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def tapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def method(self: _socket.socket, *args: Any, **named: Any) -> Any:
            wire = wire_of(self) if HUB.sinks else None
            if wire is None:
                return original(self, *args, **named)
            try:
                result = original(self, *args, **named)
            except ConnectionResetError:
                wire.reset()
                raise
            data, flags, had_room = taken(result, args, named)
            if not flags & _UNSEEN and (data or had_room):
                wire.received(data)
            return result

        return method

    return tapped


# -- sending ----------------------------------------------------------------------------------------------------------

Given = Callable[[Any, Arguments], "tuple[bytes, int]"]
"""From result and arguments: the bytes that were taken, and the flags."""


def _piece(result: Any, args: Arguments) -> tuple[bytes, int]:
    """`send(data, flags)` gives a count, `sendall` None: all of them."""
    view = memoryview(args[0]).cast("B")
    return bytes(view[:result]), _argument(args, {}, 1, "flags")


def _to(result: Any, args: Arguments) -> tuple[bytes, int]:
    """`sendto(data, flags, address)`, the flags left out or not."""
    return bytes(memoryview(args[0]).cast("B")[:result]), args[1] if len(args) > 2 else 0


def _gathered(result: Any, args: Arguments) -> tuple[bytes, int]:
    """`sendmsg(buffers, ancdata, flags)`, whose buffers may be given but once: see `_sending`."""
    return b"".join(bytes(buffer) for buffer in args[0])[:result], _argument(args, {}, 2, "flags")


_SENDING: dict[str, Given] = {"send": _piece, "sendall": _piece, "sendto": _to, "sendmsg": _gathered}


def _sending(given: Given) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def tapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def method(self: _socket.socket, *args: Any) -> Any:
            wire = wire_of(self) if HUB.sinks else None
            if wire is None or not args:
                return original(self, *args)
            if given is _gathered:
                args = (list(args[0]), *args[1:])
            at = time.time_ns()
            try:
                result = original(self, *args)
            except ConnectionResetError:
                wire.reset()
                raise
            data, flags = given(result, args)
            if not flags & socket.MSG_OOB:
                wire.sent(data, at)
            return result

        return method

    return tapped


def _sendfile(original: Callable[..., int]) -> Callable[..., int]:
    """What goes from a file into a socket without passing here is read once more."""

    def sendfile(out_fd: int, in_fd: int, offset: int | None, count: int, *args: Any, **named: Any) -> int:
        sock = _by_descriptor.get(out_fd) if HUB.sinks else None
        wire = wire_of(sock) if sock is not None and sock.fileno() == out_fd else None
        at = time.time_ns()
        sent = original(out_fd, in_fd, offset, count, *args, **named)
        if wire is not None and sent:
            start = os.lseek(in_fd, 0, os.SEEK_CUR) - sent if offset is None else offset
            wire.sent(os.pread(in_fd, sent, start), at)
        return sent

    return sendfile


# -- beginning and end ------------------------------------------------------------------------------------------------


def _accept(original: Callable[..., Any]) -> Callable[..., Any]:
    def accept(self: socket.socket) -> Any:
        connection, address = original(self)
        if HUB.sinks:
            wire_of(connection, SERVER)
        return connection, address

    return accept


def _detach(original: Callable[..., int]) -> Callable[..., int]:
    def detach(self: _socket.socket) -> int:
        wire = _wires.pop(self, None)
        descriptor = original(self)
        if wire is not None and descriptor >= 0:
            wire.is_between_sockets()
            stale = _detached.pop(descriptor, None)
            if stale is not None:
                stale.gone()
            _detached[descriptor] = wire
        return descriptor

    return detach


def _shutdown(original: Callable[..., None]) -> Callable[..., None]:
    def shutdown(self: _socket.socket, how: int) -> None:
        original(self, how)
        wire = _wires.get(self)
        if wire is not None and how in (socket.SHUT_WR, socket.SHUT_RDWR):
            wire.own_end()

    return shutdown


def _real_close(original: Callable[..., None]) -> Callable[..., None]:
    def close(self: _socket.socket, *args: Any) -> None:
        wire = _wires.pop(self, None)
        if wire is not None:
            wire.gone()
        original(self, *args)

    return close


def _argument(args: Arguments, named: Named, at: int, name: str) -> int:
    value: int = args[at] if len(args) > at else named.get(name, 0)
    return value
