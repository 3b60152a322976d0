"""The TLS 1.2 schedule: how the key block is cut, and both master secrets. Real sessions: see test_against_openssl."""

from __future__ import annotations

import pytest

from transom.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead
from transom.crypto.hashes import Hash
from transom.crypto.prf import prf
from transom.tls.keys.schedule12 import MasterSecret
from transom.wire.tap import Side

CLIENT_RANDOM, SERVER_RANDOM, PREMASTER = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 48


@pytest.mark.parametrize(
    ("aead", "iv_length"), [(AES_128_GCM, 4), (AES_256_GCM, 4), (CHACHA20_POLY1305, 12)], ids=lambda row: str(row)
)
def test_the_key_block_is_both_keys_and_then_both_ivs(aead: Aead, iv_length: int) -> None:
    master = MasterSecret.plain(PREMASTER, CLIENT_RANDOM, SERVER_RANDOM, Hash.SHA256)
    client, server = master.key_block(aead, CLIENT_RANDOM, SERVER_RANDOM)
    length = 2 * (aead.key_length + iv_length)
    block = prf(master.secret, b"key expansion", SERVER_RANDOM + CLIENT_RANDOM, length, Hash.SHA256)
    assert client.key + server.key + client.iv + server.iv == block
    assert len(client.iv) == len(server.iv) == iv_length


def test_the_extended_master_secret_depends_on_the_whole_transcript() -> None:
    one, other = (
        MasterSecret.extended(PREMASTER, Hash.SHA384.digest(transcript), Hash.SHA384)
        for transcript in (b"one", b"other")
    )
    assert one != other
    assert len(one.secret) == 48


def test_the_two_sides_finish_with_different_verify_data() -> None:
    master = MasterSecret(bytes(48), Hash.SHA256)
    client, server = (master.verify_data(side, Hash.SHA256.digest(b"")) for side in Side)
    assert client != server
    assert len(client) == len(server) == 12


def test_secrets_stay_out_of_what_is_printed() -> None:
    master = MasterSecret(b"\xab" * 48, Hash.SHA256)
    assert "xab" not in repr(master)
    client, _ = master.key_block(AES_128_GCM, CLIENT_RANDOM, SERVER_RANDOM)
    assert repr(client.key) not in repr(client)
    assert repr(client.iv) not in repr(client)
