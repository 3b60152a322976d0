"""What holds of every declared structure, over an instance of each."""

from __future__ import annotations

import random

import pytest

from tests.tls.messages.instances import EVERYTHING, declared, inside
from tests.wire.checked import assert_tree_covers
from transom.errors import DecodeError
from transom.tls.extensions.base import ExtensionBody
from transom.wire.struct import Struct

each = pytest.mark.parametrize("value", EVERYTHING, ids=lambda value: type(value).__name__)

OPEN_ENDED = {
    "Finished": "its length is the hash's, which the handshake knows: 12 bytes are the least",
    "ClientKeyExchangeSSL3": "SSL 3.0 wrote no length before it (RFC 6101 §5.6.7.1)",
    "SessionTicket": "the ticket is all there is of the extension",
    "Padding": "so is the padding",
    "QuicTransportParameters": "parsed by QUIC",
    "ApplicationSettingsOfServer": "parsed by the protocol they are for",
    "ApplicationSettingsOfServerOld": "the same",
    "NextProtocolNegotiation": "empty from the client, a list from the server, in the same place",
    "EchRetryConfigs": "parsed by who will use them",
}
"""Structures that end where what holds them ends, so that something shorter or longer is one too; and why."""

VALID_PREFIXES = OPEN_ENDED | {
    "ClientHello": "before TLS 1.3 the extensions may be missing altogether (RFC 5246 §7.4.1.2)",
    "ServerHello": "the same",
}
"""Structures of which something shorter is one too, and why."""


def test_there_is_an_instance_of_every_declared_structure() -> None:
    tried = {type(part) for value in EVERYTHING for part in inside(value)}
    assert set(declared()) - tried - {ExtensionBody} == set()


def test_no_valid_prefix_is_listed_of_a_structure_that_has_none() -> None:
    shortened = {type(value).__name__ for value in EVERYTHING if list(prefixes_that_decode(value))}
    assert shortened == set(VALID_PREFIXES)


@each
def test_it_decodes_to_itself(value: Struct) -> None:
    assert type(value).decode(value.encode()) == value


@each
def test_every_strict_prefix_is_refused(value: Struct) -> None:
    if type(value).__name__ not in VALID_PREFIXES:
        assert list(prefixes_that_decode(value)) == []


@pytest.mark.parametrize("name", ["ClientHello", "ServerHello"])
def test_the_one_valid_prefix_of_a_hello_ends_before_its_extensions(name: str) -> None:
    for value in EVERYTHING:
        if type(value).__name__ == name:
            tree = type(value).look(value.encode()).tree
            length = tree.find("extensions_length")
            assert length is not None
            assert list(prefixes_that_decode(value)) == [length.offset]


@each
def test_bytes_behind_it_are_refused(value: Struct) -> None:
    if type(value).__name__ in OPEN_ENDED:
        return
    with pytest.raises(DecodeError):
        type(value).decode(value.encode() + b"\0")


@each
def test_its_tree_leaves_no_byte_out(value: Struct) -> None:
    data = value.encode()
    look = type(value).look(data)
    assert look.value == value
    assert look.error is None
    assert_tree_covers(look.tree, len(data))


@each
def test_whatever_becomes_of_its_bytes_it_decodes_fully_or_is_refused(value: Struct) -> None:
    """And what decodes says the same bytes again: nothing is read that is not kept."""
    chance = random.Random(type(value).__name__)
    data = value.encode()
    for _ in range(60 if data else 0):
        changed = bytearray(data)
        changed[chance.randrange(len(data))] = chance.randrange(256)
        look = type(value).look(bytes(changed))
        if look.value is not None:
            assert look.value.encode() == changed
        else:
            assert look.error is not None
            assert look.error.where is not None


def prefixes_that_decode(value: Struct) -> list[int]:
    data = value.encode()
    lengths = []
    for length in range(len(data)):
        try:
            type(value).decode(data[:length])
        except DecodeError:
            continue
        lengths.append(length)
    return lengths
