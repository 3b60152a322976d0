"""A conversation that is over leaves no rings: of many in a capture, what was made for each is gone at once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest

from tests.dissect.hellos import client_hello
from tests.dissect.test_flow import HTTP, STATIC_RSA, TLS12, TLS13, Wire, crossing
from tests.dissect.test_http2 import answered, asked
from tests.dissect.told import tell
from transom.dissect.telling import Looking
from transom.tls.keys.keylog import KeyLog
from transom.wire.tap import Side

UPGRADE = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"

WIRES: dict[str, Callable[[], tuple[Wire, KeyLog]]] = {
    "http": lambda: (list(HTTP), KeyLog()),
    "http2": lambda: ([(Side.CLIENT, asked()), (Side.SERVER, answered())], KeyLog()),
    "one that changes to HTTP/2": lambda: (
        [(Side.CLIENT, UPGRADE), (Side.SERVER, b"HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n" + answered())],
        KeyLog(),
    ),
    "nothing known": lambda: ([(Side.CLIENT, b"USER anonymous\r\n"), (Side.SERVER, b"331 and?\r\n")], KeyLog()),
    "one word": lambda: ([(Side.CLIENT, b"USER")], KeyLog()),
    "silence": lambda: ([], KeyLog()),
    "a ClientHello": lambda: ([(Side.CLIENT, client_hello())], KeyLog()),
    "tls12": lambda: crossing(TLS12),
    "static-rsa": lambda: crossing(STATIC_RSA),
    "tls13": lambda: crossing(TLS13),
    "tls13 without keys": lambda: (crossing(TLS13)[0], KeyLog()),
    "tls12 without keys": lambda: (crossing(TLS12)[0], KeyLog()),
}


@pytest.fixture
def rings() -> Iterator[Callable[[], list[object]]]:
    """Gives what of ours cannot be reached any more and is there all the same."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)

    def found() -> list[object]:
        gc.collect()
        return [thing for thing in gc.garbage if type(thing).__module__.startswith("transom.")]

    yield found
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.parametrize("name", WIRES)
def test_a_conversation_that_is_over_is_gone_without_a_look_for_garbage(
    name: str, rings: Callable[[], list[object]]
) -> None:
    wire, keys = WIRES[name]()
    rings()  # what the making of it left
    gc.garbage.clear()
    tell(wire, Looking(keys))
    assert rings() == []
