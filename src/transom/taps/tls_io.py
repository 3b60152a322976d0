"""The wire bytes of an `ssl.SSLSocket`: OpenSSL is given two memory buffers, and its input and output are done here.

An SSLSocket hands everything to its `_sslobj`. The object in that place here has the same methods and works as
CPython's own: it takes from the descriptor what OpenSSL would take and no byte more, a record at a time, so that
select, `pending` and `unwrap` mean what they meant; it waits, times out and wants to read or write as that does.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from os import read, write
from typing import TYPE_CHECKING, Any

from .sockets import wire_of
from .wire import HUB

if TYPE_CHECKING:
    from .patches import Patches

_HEADER = 5
_CONTENT_TYPES = range(20, 25)
_LONGEST_RECORD = 2**14 + 2048
_SLICE = 2**16
"""Plaintext that is given to OpenSSL at a time: whole records, as it would cut them itself."""

Make = Callable[["ssl.MemoryBIO", "ssl.MemoryBIO"], Any]


def put_in(patches: Patches) -> None:
    """Tap whatever any context wraps from now on, and see to its key log."""
    patches.put(ssl.SSLContext, "_wrap_socket", _wrap_socket)
    patches.put(ssl.SSLContext, "_wrap_bio", _wrap_bio)


def _wrap_socket(original: Callable[..., Any]) -> Callable[..., Any]:
    def wrap(self: Any, sock: Any, server_side: bool, server_hostname: Any = None, **named: Any) -> Any:
        if not HUB.sinks:
            return original(self, sock, server_side, server_hostname, **named)
        _log(self)
        make: Any = super(ssl.SSLContext, self)

        def made(incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> Any:
            return make._wrap_bio(incoming, outgoing, server_side, server_hostname, **named)  # noqa: SLF001 -- as ssl does

        return TappedTls(made, sock)

    return wrap


def _wrap_bio(original: Callable[..., Any]) -> Callable[..., Any]:
    def wrap(self: Any, *args: Any, **named: Any) -> Any:
        _log(self)
        return original(self, *args, **named)

    return wrap


def _log(context: ssl.SSLContext) -> None:
    if HUB.sinks and HUB.keys is not None:
        HUB.keys.log(context, HUB.known_logs())


class TappedTls:
    """In the place of a `_ssl._SSLSocket`. What is not here is asked of the one within."""

    def __init__(self, make: Make, sock: socket.socket) -> None:
        self._sock = weakref.ref(sock)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = make(self._incoming, self._outgoing)
        self._lock = threading.RLock()
        self._unsent = b""
        self._is_sending = False
        self._written = 0
        """How much of a write that could not be finished has become records: it is to be tried again."""
        self._record = b""
        self._missing = _HEADER

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tls, name)

    @property
    def context(self) -> Any:
        return self._tls.context

    @context.setter
    def context(self, context: Any) -> None:
        _log(context)
        self._tls.context = context

    @property
    def session(self) -> Any:
        return self._tls.session

    @session.setter
    def session(self, session: Any) -> None:
        self._tls.session = session

    def do_handshake(self) -> None:
        patience = self._patience("The handshake operation timed out")
        self._run(self._tls.do_handshake, patience)
        self._send(patience)

    def read(self, *args: Any) -> Any:
        patience = self._patience("The read operation timed out")
        try:
            result = self._run(partial(self._tls.read, *args), patience)
        except ConnectionError as error:
            raise _as_ssl_has_it(error) from None
        self._send(_NO_PATIENCE)
        return result

    def write(self, data: Any) -> int:
        patience = self._patience("The write operation timed out")
        view = memoryview(data).cast("B")
        if len(view) < self._written:  # as OpenSSL has it: what was begun has to be gone on with
            raise ssl.SSLError(ssl.SSL_ERROR_SSL, "[SSL: BAD_LENGTH] bad length")
        try:
            self._write(view, patience)
        except ConnectionError as error:
            raise _as_ssl_has_it(error) from None
        self._written = 0
        return len(view)

    def _write(self, view: memoryview, patience: Patience) -> None:
        self._send(patience)
        while self._written < len(view) or not view:
            piece = view[self._written : self._written + _SLICE]
            self._written += self._run(partial(self._tls.write, piece), patience)
            self._send(patience)
            if not view:
                break

    def shutdown(self) -> Any:
        patience = self._patience("The read operation timed out")
        self._run(self._tls.shutdown, patience)
        self._send(patience)
        return self._sock()

    # -- between OpenSSL and the descriptor --------------------------------------------------------------------------

    def _run(self, call: Callable[[], Any], patience: Patience) -> Any:
        """Call into OpenSSL until it wants nothing any more."""
        while True:
            try:
                with self._lock:
                    try:
                        return call()
                    finally:
                        self._unsent += self._outgoing.read()
            except ssl.SSLWantReadError:
                self._send(patience)
                self._receive(patience)
            except ssl.SSLError:
                self._send_an_alert()
                raise

    def _send_an_alert(self) -> None:
        """If it can be sent at once: the error that it is about matters more."""
        with suppress(OSError):
            self._send(_NO_PATIENCE)

    def _receive(self, patience: Patience) -> None:
        """The next bytes of the record that OpenSSL is reading."""
        sock, descriptor = self._open()
        try:
            piece = patience.tried(read, descriptor, self._missing, select.POLLIN)
        except ConnectionError:
            self._tell_reset(sock)
            raise
        if piece is None:
            raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "The operation did not complete (read)")
        with self._lock:
            self._record += piece
            if not piece:
                self._incoming.write_eof()
                self._tell_received(sock)
                wire = wire_of(sock)
                if wire is not None:
                    wire.received(b"")
                return
            self._incoming.write(piece)
            self._missing -= len(piece)
            if not self._missing and len(self._record) == _HEADER:
                self._missing = _length(self._record)
            if not self._missing:
                self._tell_received(sock)

    def _tell_received(self, sock: socket.socket) -> None:
        wire = wire_of(sock)
        if wire is not None and self._record:
            wire.received(self._record)
        self._record = b""
        self._missing = _HEADER

    def _tell_reset(self, sock: socket.socket) -> None:
        self._tell_received(sock)
        wire = wire_of(sock)
        if wire is not None:
            wire.reset()

    def _send(self, patience: Patience) -> None:
        """What OpenSSL has written. If another thread is about it, it sends this too."""
        with self._lock:
            if self._is_sending or not self._unsent:
                return
            self._is_sending = True
        try:
            while self._unsent:
                self._send_some(patience)
        finally:
            self._is_sending = False

    def _send_some(self, patience: Patience) -> None:
        sock, descriptor = self._open()
        at = time.time_ns()
        unsent = self._unsent
        try:
            count = patience.tried(write, descriptor, unsent, select.POLLOUT)
        except ConnectionError:
            self._unsent = b""
            self._tell_reset(sock)
            raise
        if count is None:
            raise ssl.SSLWantWriteError(ssl.SSL_ERROR_WANT_WRITE, "The operation did not complete (write)")
        with self._lock:
            self._unsent = self._unsent[count:]
        wire = wire_of(sock)
        if wire is not None:
            wire.sent(unsent[:count], at)

    def _open(self) -> tuple[socket.socket, int]:
        sock = self._sock()
        descriptor = -1 if sock is None else sock.fileno()
        if sock is None or descriptor < 0:
            raise ssl.SSLError("Underlying socket has been closed.")
        return sock, descriptor

    def _patience(self, what: str) -> Patience:
        sock, _ = self._open()
        return Patience(sock.gettimeout(), what)


def _as_ssl_has_it(error: OSError) -> OSError:
    """An error of the socket, as it leaves `read` and `write` in this Python."""
    if _gives_errors_of_sockets():
        return error
    return ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "EOF occurred in violation of protocol")


@cache
def _gives_errors_of_sockets() -> bool:
    """Python 3.10 to 3.12.3 make an end of file of them (python/cpython#115627)."""
    context: Any = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    plain: Any = super(ssl.SSLContext, context)
    own, peer = socket.socketpair()
    peer.close()
    with own:
        try:
            plain._wrap_socket(own, False).write(b"?")  # noqa: SLF001
        except ssl.SSLError:
            return False
        except OSError:
            pass
    return True


def _length(header: bytes) -> int:
    """What is still to come of a record; of anything else nothing, so that OpenSSL may judge what it is."""
    length = int.from_bytes(header[3:], "big")
    is_record = header[0] in _CONTENT_TYPES and header[1] == 3 and length <= _LONGEST_RECORD
    return length if is_record else 0


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


_NO_PATIENCE = Patience(0)
