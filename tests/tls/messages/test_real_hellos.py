"""What browsers and libraries really send is declared, to the last extension."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.wire.checked import assert_tree_covers
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.messages.hello import ClientHello

HELLOS = {
    name: bytes.fromhex(recorded["hello"])
    for name, recorded in json.loads(Path(__file__).with_name("hellos").joinpath("hellos.json").read_text()).items()
}

UNDECLARED = {"firefox_52": {ExtensionType(0x28): "key_share as drafts before 23 of TLS 1.3 numbered it"}}

UNNAMED_SUITES = {"chrome_34": dict.fromkeys((CipherSuite(0xCC13), CipherSuite(0xCC14)), "ChaCha20 in its draft")}

each = pytest.mark.parametrize("name", HELLOS)


@each
def test_it_decodes_and_says_the_same_bytes_again(name: str) -> None:
    body = HELLOS[name][4:]
    assert ClientHello.decode(body).encode() == body


@each
def test_each_of_its_extensions_is_declared(name: str) -> None:
    hello = ClientHello.decode(HELLOS[name][4:])
    undeclared = {item.type for item in hello.extensions if item.body is None and not item.type.is_grease}
    assert undeclared == set(UNDECLARED.get(name, {}))


@each
def test_its_tree_leaves_no_byte_out(name: str) -> None:
    body = HELLOS[name][4:]
    assert_tree_covers(ClientHello.look(body).tree, len(body))


@each
def test_each_of_its_suites_has_a_name_or_is_grease(name: str) -> None:
    hello = ClientHello.decode(HELLOS[name][4:])
    unnamed = {suite for suite in hello.cipher_suites if not suite.is_known and not suite.is_grease}
    assert unnamed == set(UNNAMED_SUITES.get(name, {}))
