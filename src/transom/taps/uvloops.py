"""uvloop, whose sockets are libuv's: its loops are asked between which two ends each connection is.

Its TLS, and that of libraries on it, is Python's `ssl` over memory buffers, which `memory` sees. What crosses a uvloop
in the clear is not seen.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .memory import HELLOS, MOST_OF_A_HELLO, OfBuffers
from .sockets import ends_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .patches import Patches

MODULE = "uvloop"


def put_in(patches: Patches) -> None:
    """Tap what makes connections, if uvloop is there."""
    loop = getattr(sys.modules.get(MODULE), "Loop", None)
    if loop is not None:
        patches.put(loop, "create_connection", _connecting)
        patches.put(loop, "create_server", _serving)
        patches.put(loop, "start_tls", _starting_tls)


def is_running() -> bool:
    """Whether a uvloop runs in this thread."""
    asyncio = sys.modules.get("asyncio") if MODULE in sys.modules else None
    loop = None if asyncio is None else asyncio._get_running_loop()  # noqa: SLF001 -- it raises nothing
    return any(kind.__module__.partition(".")[0] == MODULE for kind in type(loop).__mro__)


def _connecting(original: Callable[..., Any]) -> Callable[..., Any]:
    async def create_connection(self: Any, protocol_factory: Any, *args: Any, **named: Any) -> Any:
        made = await original(self, _noticing(protocol_factory), *args, **named)
        _place(made[0])
        return made

    return create_connection


def _serving(original: Callable[..., Any]) -> Callable[..., Any]:
    async def create_server(self: Any, protocol_factory: Any, *args: Any, **named: Any) -> Any:
        return await original(self, _noticing(protocol_factory), *args, **named)

    return create_server


def _starting_tls(original: Callable[..., Any]) -> Callable[..., Any]:
    async def start_tls(self: Any, *args: Any, **named: Any) -> Any:
        transport = await original(self, *args, **named)
        _place(transport)
        return transport

    return start_tls


def _noticing(factory: Callable[[], Any]) -> Callable[[], Any]:
    """Makes protocols that notice how their connection begins, where they have room for attributes of ours."""

    def noticing() -> Any:
        protocol = factory()
        with suppress(AttributeError):
            _Beginning(protocol)
        return protocol

    return noticing


class _Beginning:
    """Stands before a protocol until the first bytes have come."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._made = protocol.connection_made
        protocol.connection_made = self.connection_made
        self._data: Any = getattr(protocol, "data_received", None)
        if self._data is not None:
            protocol.data_received = self.data_received
        self._ends: bytes | None = None

    def connection_made(self, transport: Any) -> None:
        self._protocol.__dict__.pop("connection_made", None)
        self._ends = None if _place(transport) else _ends(transport)
        self._made(transport)

    def data_received(self, data: Any) -> None:
        if self._ends is not None:
            HELLOS.note(bytes(data[:MOST_OF_A_HELLO]), self._ends)
            self._ends = None
            self._protocol.__dict__.pop("data_received", None)
        self._data(data)


def _place(transport: Any) -> bool:
    """Whether uvloop speaks TLS there itself; which connection it is, is said."""
    tls = getattr(transport.get_extra_info("ssl_object"), "_sslobj", None)
    way = getattr(tls, "way", None)
    ends = _ends(transport)
    if isinstance(way, OfBuffers) and ends is not None:
        way.place(ends)
    return tls is not None


def _ends(transport: Any) -> bytes | None:
    """None for what is no TCP."""
    own, peer = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
    return ends_of(own, peer) if type(own) is type(peer) is tuple else None
