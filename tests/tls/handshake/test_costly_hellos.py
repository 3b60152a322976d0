"""A hello may be as large as a hello may be: reading and judging it stays a matter of a moment."""

from __future__ import annotations

import time
from dataclasses import replace

from tests.tls.shuttle import client_config, server_config
from transom.tls.connection import client_connection, server_connection
from transom.tls.extensions.base import Extension, Extensions
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.messages.frame import Frame
from transom.tls.messages.hello import ClientHello
from transom.tls.record.plain import PlainSealer

LONGEST = 5.0
"""Seconds of this process; with a comparison of each extension with each other it was fifteen."""


def our_hello() -> ClientHello:
    client = client_connection(client_config(), "localhost")
    client.start()
    return ClientHello.decode(bytes(client.take_outgoing())[9:])


def test_a_hello_of_sixteen_thousand_extensions_is_judged_in_a_moment() -> None:
    hello = our_hello()
    unknown = (Extension(ExtensionType(number), b"") for number in range(20_000, 35_900))
    long = replace(hello, extensions=Extensions((*hello.extensions, *unknown)))
    record = PlainSealer().seal(ContentType.handshake, Frame.of(HandshakeType.client_hello, long.encode()).raw)
    server = server_connection(server_config())
    server.start()
    started = time.process_time()
    server.receive(record)
    assert time.process_time() - started < LONGEST
    assert server.state == "WAIT_FINISHED"
