"""The key schedule of TLS 1.2 (RFC 5246 §6.3, §8.1; RFC 7627): one master secret, and what the PRF makes of it."""

from __future__ import annotations

from dataclasses import field
from typing import NamedTuple

from transom.crypto.aead import CHACHA20_POLY1305, Aead
from transom.crypto.hashes import Hash
from transom.crypto.prf import prf
from transom.tls.record.traffic_keys import TrafficKeys
from transom.value import value
from transom.wire.tap import Side

MASTER_SECRET_LENGTH = 48
VERIFY_DATA_LENGTH = 12


class KeyBlock(NamedTuple):
    """The record keys of both directions, named by who writes with them."""

    client: TrafficKeys
    server: TrafficKeys


@value
class MasterSecret:
    """The 48 bytes both sides hold, and the hash of the suite's PRF."""

    secret: bytes = field(repr=False)
    hash: Hash

    @classmethod
    def plain(cls, premaster: bytes, client_random: bytes, server_random: bytes, algorithm: Hash) -> MasterSecret:
        """From the randoms of the two hellos (RFC 5246 §8.1)."""
        seed = client_random + server_random
        return cls(prf(premaster, b"master secret", seed, MASTER_SECRET_LENGTH, algorithm), algorithm)

    @classmethod
    def extended(cls, premaster: bytes, session_hash: bytes, algorithm: Hash) -> MasterSecret:
        """From the hash of all messages up to ClientKeyExchange (RFC 7627 §4), so that it is no other session's."""
        label = b"extended master secret"
        return cls(prf(premaster, label, session_hash, MASTER_SECRET_LENGTH, algorithm), algorithm)

    def key_block(self, aead: Aead, client_random: bytes, server_random: bytes) -> KeyBlock:
        """The record keys (RFC 5246 §6.3). The randoms stand the other way round than in the master secret.

        An AEAD suite has no MAC keys. AES-GCM takes a salt of four bytes and sends the rest of its nonce with each
        record (RFC 5288 §3); ChaCha20-Poly1305 takes all twelve and sends none (RFC 7905 §2).
        """
        key, iv = aead.key_length, fixed_iv_length(aead)
        seed = server_random + client_random
        block = prf(self.secret, b"key expansion", seed, 2 * (key + iv), self.hash)
        client_iv, server_iv = 2 * key, 2 * key + iv
        return KeyBlock(
            TrafficKeys(aead, block[:key], block[client_iv:server_iv]),
            TrafficKeys(aead, block[key:client_iv], block[server_iv:]),
        )

    def verify_data(self, side: Side, transcript_hash: bytes) -> bytes:
        """The twelve bytes of `side`'s Finished (RFC 5246 §7.4.9)."""
        label = f"{side.value} finished".encode()
        return prf(self.secret, label, transcript_hash, VERIFY_DATA_LENGTH, self.hash)


def fixed_iv_length(aead: Aead) -> int:
    """How many bytes of the nonce come from the key block."""
    return aead.iv_length if aead is CHACHA20_POLY1305 else 4
