"""The wire bytes of OpenSSL as `ssl` uses it: it is given two memory buffers, and its input and output are done here.

An SSLSocket hands everything to its `_sslobj`. The object in that place here has the same methods and works as
CPython's own: it takes from the descriptor what OpenSSL would take and no byte more, a record at a time, so that
select, `pending` and `unwrap` mean what they meant; it waits, times out and wants to read or write as that does.

An SSLObject moves its bytes by memory buffers of its own, and who uses one by a socket, where they are seen. Only where
that socket is none of Python's, on a uvloop, an object like this one is in its place too.
"""

from __future__ import annotations

import _socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from .memory import OfBuffers
from .uvloops import is_running
from .ways import NO_PATIENCE, OfDescriptor
from .wire import HUB

if TYPE_CHECKING:
    from .patches import Patches
    from .ways import Patience, Way

_HEADER = 5
_CONTENT_TYPES = range(20, 25)
_LONGEST_RECORD = 2**14 + 2048
_SLICE = 2**16
"""Plaintext that is given to OpenSSL at a time: whole records, as it would cut them itself."""

_OWN: Any = next(kind for kind in ssl.SSLContext.__mro__ if kind.__module__ == "_ssl")
"""The C type, whose methods are what ssl itself calls."""

Make = Callable[["ssl.MemoryBIO", "ssl.MemoryBIO"], Any]


def put_in(patches: Patches) -> None:
    """Tap whatever any context wraps from now on, and see to its key log."""
    # gevent puts a class of its own in the place of this one, whose base it is.
    context = next(kind for kind in reversed(ssl.SSLContext.__mro__) if _OWN in kind.__bases__)
    patches.put(context, "_wrap_socket", _wrap_socket)
    patches.put(context, "_wrap_bio", _wrap_bio)
    patches.put(ssl.SSLObject, "context", _context)


def _wrap_socket(original: Callable[..., Any]) -> Callable[..., Any]:
    def wrap(self: Any, sock: Any, server_side: bool, server_hostname: Any = None, **named: Any) -> Any:
        if not HUB.sinks:
            return original(self, sock, server_side, server_hostname, **named)
        _log(self)
        return TappedTls(_making(self, server_side, server_hostname, **named), OfDescriptor(sock))

    return wrap


def _wrap_bio(original: Callable[..., Any]) -> Callable[..., Any]:
    def wrap(
        self: Any, incoming: Any, outgoing: Any, server_side: bool = False, server_hostname: Any = None, **named: Any
    ) -> Any:
        _log(self)
        owner = named.get("owner")
        if not HUB.sinks or owner is None or not is_running():
            return original(self, incoming, outgoing, server_side, server_hostname, **named)
        way = OfBuffers(incoming, outgoing, owner, is_server=server_side)
        return TappedTls(_making(self, server_side, server_hostname, **named), way)

    return wrap


def _context(original: Any) -> Any:
    """The context of an SSLObject, which a server may change for a name."""

    def change(self: Any, context: ssl.SSLContext) -> None:
        _log(context)
        original.fset(self, context)

    return property(original.fget, change, doc=original.__doc__)


def _making(context: Any, server_side: bool, server_hostname: Any, **named: Any) -> Make:
    def make(incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> Any:
        return _OWN._wrap_bio(context, incoming, outgoing, server_side, server_hostname, **named)  # noqa: SLF001

    return make


def _log(context: ssl.SSLContext) -> None:
    if HUB.sinks and HUB.keys is not None:
        HUB.keys.log(context, HUB.known_logs())


class TappedTls:
    """In the place of a `_ssl._SSLSocket`. What is not here is asked of the one within."""

    def __init__(self, make: Make, way: Way) -> None:
        self.way = way
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = make(self._incoming, self._outgoing)
        self._lock = threading.RLock()
        self._unsent = b""
        self._is_sending = False
        self._is_owed = False
        """Some of what is unsent is what a read has to say before it goes on; without that a read leaves it alone."""
        self._written = 0
        """How much of a write that could not be finished has become records: it is to be tried again."""
        self._record = b""
        self._missing = _HEADER
        self._is_drained = False
        """OpenSSL was given a record of data, and has given all of it: it would only say that it wants the next."""

    def __getattr__(self, name: str) -> Any:
        self._is_drained = False  # what is asked for may have something to send first (`verify_client_post_handshake`)
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
        patience = self.way.patience("The handshake operation timed out")
        self._run(patience, self._tls.do_handshake)
        self._send(patience)

    def read(self, *args: Any) -> Any:
        patience = self.way.patience("The read operation timed out")
        try:
            if self._is_drained and _has_room(*args):
                self._receive(patience)
            result = self._run(patience, self._tls.read, *args, reads=True)
        except ConnectionError as error:
            raise _as_ssl_has_it(error) from None
        is_left = self._is_owed or self._incoming.pending or self._tls.pending()
        self._is_drained = bool(result) and not is_left
        return result

    def write(self, data: Any) -> int:
        patience = self.way.patience("The write operation timed out")
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
            self._written += self._run(patience, self._tls.write, piece)
            self._send(patience)
            if not view:
                break

    def shutdown(self) -> Any:
        patience = self.way.patience("The read operation timed out")
        result = self._run(patience, self._tls.shutdown)
        self._send(patience)
        return self.way.whole(result)

    # -- between OpenSSL and its way ---------------------------------------------------------------------------------

    def _run(self, patience: Patience, call: Callable[..., Any], *args: Any, reads: bool = False) -> Any:
        """Call into OpenSSL until it wants nothing any more."""
        self._is_drained = False
        while True:
            try:
                with self._lock:
                    try:
                        return call(*args)
                    finally:
                        if self._outgoing.pending:
                            self._unsent += self._outgoing.read()
                            self._is_owed = self._is_owed or reads
            except ssl.SSLWantReadError:
                if self._is_owed or not reads:
                    self._send(patience)
                self._receive(patience)
            except ssl.SSLError:
                self._send_an_alert()
                raise

    def _send_an_alert(self) -> None:
        """If it can be sent at once: the error that it is about matters more."""
        with suppress(OSError):
            self._send(NO_PATIENCE)

    def _receive(self, patience: Patience) -> None:
        """Give OpenSSL the record that it wants: the header is read, then what that says, as it comes."""
        while True:
            try:
                piece = self.way.read(self._missing, patience)
            except ConnectionError:
                self._tell_reset()
                raise
            if piece is None:
                raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "The operation did not complete (read)")
            with self._lock:
                self._record += piece
                self._missing -= len(piece)
                if piece and not self._missing and len(self._record) == _HEADER:
                    self._missing = _length(self._record)
                if piece and self._missing:
                    continue
                self._incoming.write(self._record)
                self._tell_received()
                if not piece:
                    self._incoming.write_eof()
                    self.way.received(b"")
                return

    def _tell_received(self) -> None:
        if self._record:
            self.way.received(self._record)
        self._record = b""
        self._missing = _HEADER

    def _tell_reset(self) -> None:
        self._tell_received()
        self.way.reset()

    def _send(self, patience: Patience) -> None:
        """What OpenSSL has written. If another thread is about it, it sends this too."""
        if not self._unsent:
            return
        with self._lock:
            if self._is_sending or not self._unsent:
                return
            self._is_sending = True
        try:
            while self._unsent:
                self._send_some(patience)
            self._is_owed = False
        finally:
            self._is_sending = False

    def _send_some(self, patience: Patience) -> None:
        at = time.time_ns()
        unsent = self._unsent
        try:
            count = self.way.write(unsent, patience)
        except ConnectionError:
            self._unsent = b""
            self._tell_reset()
            raise
        if count is None:
            raise ssl.SSLWantWriteError(ssl.SSL_ERROR_WANT_WRITE, "The operation did not complete (write)")
        with self._lock:
            self._unsent = self._unsent[count:]
        self.way.sent(unsent[:count], at)


def _has_room(length: int, buffer: Any = None) -> bool:
    """Whether a read of this takes anything: of nothing, OpenSSL is not asked."""
    return length > 0 and (buffer is None or memoryview(buffer).nbytes > 0)


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
    own, peer = _socket.socketpair()
    peer.close()
    to_nobody = _Referable(fileno=own.detach())
    try:
        _OWN._wrap_socket(context, to_nobody, False).write(b"?")  # noqa: SLF001
    except ssl.SSLError:
        return False
    except OSError:
        pass
    finally:
        to_nobody.close()
    return True


class _Referable(_socket.socket):
    """As ssl takes them."""


def _length(header: bytes) -> int:
    """What is still to come of a record; of anything else nothing, so that OpenSSL may judge what it is."""
    length = int.from_bytes(header[3:], "big")
    is_record = header[0] in _CONTENT_TYPES and header[1] == 3 and length <= _LONGEST_RECORD
    return length if is_record else 0
