"""TLS over memory buffers whose bytes cross a socket that is none of Python's: seen where OpenSSL takes and gives them.

Which connection they cross is not known there. It is held back until somebody says so, by the object (`place`) or by
the hello that came in (`HELLOS`); what nobody places is not told.
"""

from __future__ import annotations

import time
import weakref
from typing import TYPE_CHECKING, Any

from .events import CLIENT, SERVER
from .ways import NO_PATIENCE, Patience
from .wire import HUB, Wire

if TYPE_CHECKING:
    import ssl

_MOST_HELD = 2**18
"""Bytes of a connection: a handshake with a long chain, and more."""

_MOST_HELLOS = 1024
MOST_OF_A_HELLO = 96
"""Bytes that it can be known by."""

_HEADER = 5
_DISTINCT = slice(11, 76)
"""Of a hello with its record's header: the random, and the session id, for that of a HelloRetryRequest is no random."""


class Hellos:
    """By the hello that somebody received: the two ends of its connection."""

    def __init__(self) -> None:
        self._ends: dict[bytes, bytes] = {}

    def note(self, data: bytes, ends: bytes) -> None:
        """This is how the bytes of a connection began; if it is TLS it is remembered until it is asked for."""
        key = _key(data)
        if key:
            self._ends[key] = ends
            if len(self._ends) > _MOST_HELLOS:
                del self._ends[next(iter(self._ends))]

    def ends(self, record: bytes) -> bytes | None:
        return self._ends.pop(_key(record), None)


def _key(data: bytes) -> bytes:
    """Of the first record; nothing where that is no hello."""
    is_hello = data[:2] == b"\x16\x03" and data[_HEADER : _HEADER + 1] in (b"\x01", b"\x02")
    return data[: _HEADER + int.from_bytes(data[3:5], "big")][_DISTINCT] if is_hello else b""


HELLOS = Hellos()


class OfBuffers:
    """The way of an SSLObject's bytes: buffers that `owner` fills and empties."""

    def __init__(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, owner: Any, *, is_server: bool) -> None:
        self._from = incoming
        self._to = outgoing
        self._owner = weakref.ref(owner)
        self._role = SERVER if is_server else CLIENT
        self._wire: Wire | None = None
        self._held: list[tuple[bool, bytes, int]] | None = []
        """Whether it was sent, what, and when; None once it is told, or given up."""
        self._size = 0

    def place(self, ends: bytes) -> None:
        """It is this connection (as `Wire` takes it)."""
        owner, held = self._owner(), self._held
        if owner is None or held is None:
            return
        self._held = None
        wire = self._wire = Wire(owner, ends, self._role)
        for was_sent, data, at in held:
            (wire.sent if was_sent else wire.received)(data, at)

    # -- a way -------------------------------------------------------------------------------------------------------

    def patience(self, what: str) -> Patience:  # noqa: ARG002 -- nothing waits here
        return NO_PATIENCE

    def read(self, count: int, patience: Patience) -> bytes | None:  # noqa: ARG002 -- nothing waits here
        piece = self._from.read(count)
        return piece if piece or self._from.eof else None

    def write(self, data: bytes, patience: Patience) -> int | None:  # noqa: ARG002 -- nothing waits here
        return self._to.write(data)

    def received(self, data: bytes) -> None:
        self._tell(data, time.time_ns(), was_sent=False)
        if self._held is not None and data:
            ends = HELLOS.ends(data)
            if ends is not None:
                self.place(ends)

    def sent(self, data: bytes, at: int) -> None:
        self._tell(data, at, was_sent=True)

    def reset(self) -> None:
        """Buffers do not."""

    def whole(self, result: Any) -> Any:
        return result

    def _tell(self, data: bytes, at: int, *, was_sent: bool) -> None:
        if self._wire is not None:
            (self._wire.sent if was_sent else self._wire.received)(data, at)
        elif self._held is not None and HUB.sinks:
            self._held.append((was_sent, data, at))
            self._size += len(data)
            if self._size > _MOST_HELD:
                self._held = None
