"""The table of attacks names tests that exist; and what is not spoken at all is shown here."""

from __future__ import annotations

import re

import pytest

from tests.house.documents import ROOT, rows, text_of
from tests.tls.shuttle import client_config
from transom.crypto.aead import Aead
from transom.tls.connection import client_connection
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.small import CompressionMethod
from transom.tls.messages.hello import ClientHello
from transom.tls.suites import spoken, take_apart

ATTACKS = rows(text_of("docs/attacks.md"))


@pytest.mark.parametrize("row", ATTACKS, ids=lambda row: row[0][:40])
def test_each_row_has_its_place_and_a_test_that_exists(row: list[str]) -> None:
    _, place, tests = row
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)(?:\[([^]]+)\])?`", tests)
    assert len(named) == tests.count("`") // 2 > 0
    for file, name, case in named:
        assert not case or f'"{case}"' in text_of(file), f"{file} has no case {case!r}"
        assert re.search(rf"^ *(async )?def {name}\(", text_of(file), re.MULTILINE), f"{file} has no {name}"
    for path in re.findall(r"`([\w/]+\.py)`", place):
        assert (ROOT / "src/transom" / path).exists()


def test_no_suite_is_spoken_that_is_not_an_aead() -> None:
    ours = [suite for suite in CipherSuite if spoken(suite)]
    assert len(ours) > 10
    for suite in ours:
        parts, speaking = take_apart(suite), spoken(suite)
        assert parts
        assert speaking
        assert isinstance(speaking.aead, Aead)
        assert re.fullmatch(r"AES-(128|256)-GCM|CHACHA20-POLY1305", parts.cipher)


def test_only_null_compression_is_offered() -> None:
    client = client_connection(client_config(), "localhost")
    client.start()
    record = bytes(client.take_outgoing())
    hello = ClientHello.decode(record[5 + 4 :])
    assert hello.legacy_compression_methods == (CompressionMethod.null,)
