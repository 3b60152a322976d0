"""Where OpenSSL's bytes come from and go to: the descriptor of a socket. `memory` has the other way."""

from __future__ import annotations

import select
import socket
import ssl
import time
import weakref
from os import read, write
from typing import TYPE_CHECKING, Any, Protocol

from .sockets import wire_of

if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable


class Patience:
    """How long one call may wait: None for ever, 0 not at all. `what` is said when it is over."""

    def __init__(self, timeout: float | None, what: str = "") -> None:
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout if timeout else 0.0
        self._what = what

    def tried(self, call: Callable[[int, Any], Any], descriptor: int, argument: Any, event: int) -> Any:
        """What the call gives, once it can; None where it would have to wait and may not."""
        while True:
            try:
                return call(descriptor, argument)
            except BlockingIOError:
                if self._timeout == 0:
                    return None
            self._wait(descriptor, event)

    def _wait(self, descriptor: int, event: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if self._timeout is None:
            poll.poll()
            return
        left = self._deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise socket.timeout(self._what)  # noqa: UP041 -- which is TimeoutError from Python 3.10 on


NO_PATIENCE = Patience(0)
FOR_EVER = Patience(None)


class Way(Protocol):
    """Moves the bytes, and tells of them."""

    def patience(self, what: str) -> Patience:
        """How long a call that begins now may wait."""
        ...

    def read(self, count: int, patience: Patience) -> bytes | None:
        """Some bytes, `count` at most; none at the end; None where they would have to be waited for."""
        ...

    def write(self, data: bytes, patience: Patience) -> int | None:
        """How many of them were taken; None where that would have to be waited for."""
        ...

    def received(self, data: bytes) -> None:
        """Tell of a whole record, or of what there is of one; of the end, if it is empty."""
        ...

    def reset(self) -> None:
        """Tell that the peer has reset the connection."""
        ...

    def sent(self, data: bytes, at: int) -> None:
        """Tell of bytes that were written at this time."""
        ...

    def whole(self, result: Any) -> Any:
        """What `shutdown` gives, where OpenSSL's own gave `result`."""
        ...


class OfDescriptor:
    """That of a socket, as OpenSSL would use it."""

    def __init__(self, sock: _socket.socket) -> None:
        self._sock = weakref.ref(sock)

    def patience(self, what: str) -> Patience:
        timeout = self._open()[0].gettimeout()
        return FOR_EVER if timeout is None else Patience(timeout, what)

    def read(self, count: int, patience: Patience) -> bytes | None:
        piece: bytes | None = patience.tried(read, self._open()[1], count, select.POLLIN)
        return piece

    def write(self, data: bytes, patience: Patience) -> int | None:
        sock, descriptor = self._open()
        wire_of(sock)  # of a connection that the peer has reset by the end of the call nobody says whose it was
        count: int | None = patience.tried(write, descriptor, data, select.POLLOUT)
        return count

    def received(self, data: bytes) -> None:
        wire = wire_of(self._open()[0])
        if wire is not None:
            wire.received(data)

    def reset(self) -> None:
        wire = wire_of(self._open()[0])
        if wire is not None:
            wire.reset()

    def sent(self, data: bytes, at: int) -> None:
        wire = wire_of(self._open()[0])
        if wire is not None:
            wire.sent(data, at)

    def whole(self, result: Any) -> Any:  # noqa: ARG002 (the socket, whatever OpenSSL says)
        return self._sock()

    def _open(self) -> tuple[_socket.socket, int]:
        sock = self._sock()
        descriptor = -1 if sock is None else sock.fileno()
        if sock is None or descriptor < 0:
            raise ssl.SSLError("Underlying socket has been closed.")
        return sock, descriptor
