"""The key schedule of TLS 1.3 (RFC 8446 §7.1), as three stages that follow from each other.

            0 or PSK  ─►  EarlySecrets        binder, early traffic
    (EC)DHE secret    ─►  HandshakeSecrets    client and server handshake traffic
                0     ─►  ApplicationSecrets  client and server application traffic, exporter, resumption

Each stage is a value made by the one before it, so that nobody can ask for application keys without the handshake's.
A stage knows the transcript hash that its secrets share, and derives a secret when it is first asked for.
"""

from __future__ import annotations

import hmac
from dataclasses import field
from functools import cached_property

from transom.crypto.aead import Aead
from transom.crypto.hashes import Hash
from transom.crypto.hkdf import derive_secret, hkdf_expand_label, hkdf_extract
from transom.tls.record.traffic_keys import TrafficKeys
from transom.value import value


@value
class TrafficSecret:
    """One direction's secret: record keys, the Finished of the handshake, and its own successor come from it."""

    secret: bytes = field(repr=False)
    hash: Hash

    def keys(self, aead: Aead) -> TrafficKeys:
        """The record keys (RFC 8446 §7.3)."""
        key = hkdf_expand_label(self.secret, b"key", b"", aead.key_length, self.hash)
        iv = hkdf_expand_label(self.secret, b"iv", b"", aead.iv_length, self.hash)
        return TrafficKeys(aead, key, iv)

    def verify_data(self, transcript_hash: bytes) -> bytes:
        """The content of Finished, or of a PSK binder (RFC 8446 §4.4.4, §4.2.11.2): `hash.size` bytes."""
        finished_key = hkdf_expand_label(self.secret, b"finished", b"", self.hash.size, self.hash)
        return hmac.digest(finished_key, transcript_hash, self.hash.name)

    def next_generation(self) -> TrafficSecret:
        """What replaces it after a KeyUpdate (RFC 8446 §7.2)."""
        return TrafficSecret(hkdf_expand_label(self.secret, b"traffic upd", b"", self.hash.size, self.hash), self.hash)


@value
class ExporterSecret:
    """The exporter_master_secret: keying material for a protocol above TLS."""

    secret: bytes = field(repr=False)
    hash: Hash

    def export(self, label: bytes, context: bytes, length: int) -> bytes:
        """`length` bytes bound to a label and a context (RFC 8446 §7.5)."""
        derived = derive_secret(self.secret, label, self.hash.digest(b""), self.hash)
        return hkdf_expand_label(derived, b"exporter", self.hash.digest(context), length, self.hash)


@value
class ResumptionSecret:
    """The resumption_master_secret: a pre-shared key for each ticket."""

    secret: bytes = field(repr=False)
    hash: Hash

    def psk(self, ticket_nonce: bytes) -> bytes:
        """The pre-shared key that goes with a NewSessionTicket (RFC 8446 §4.6.1)."""
        return hkdf_expand_label(self.secret, b"resumption", ticket_nonce, self.hash.size, self.hash)


@value
class EarlySecrets:
    """The first stage, from a pre-shared key or from none."""

    secret: bytes = field(repr=False)
    hash: Hash

    @classmethod
    def start(cls, algorithm: Hash, psk: bytes | None = None) -> EarlySecrets:
        """Begin a schedule over the suite's hash. Without a PSK, zeros stand for it."""
        zeros = bytes(algorithm.size)
        return cls(hkdf_extract(zeros, zeros if psk is None else psk, algorithm), algorithm)

    def resumption_binder(self) -> TrafficSecret:
        """Its `verify_data` over the truncated ClientHello is the binder of a ticket's PSK."""
        return self._derive(b"res binder", self.hash.digest(b""))

    def client_traffic(self, hello_hash: bytes) -> TrafficSecret:
        """client_early_traffic_secret, for 0-RTT data. `hello_hash` is over the ClientHello alone."""
        return self._derive(b"c e traffic", hello_hash)

    def handshake(self, shared_secret: bytes, hello_hash: bytes) -> HandshakeSecrets:
        """The next stage. `hello_hash` is over ClientHello to ServerHello, `shared_secret` the key exchange's."""
        return HandshakeSecrets(
            hkdf_extract(_derived(self.secret, self.hash), shared_secret, self.hash), self.hash, hello_hash
        )

    def _derive(self, label: bytes, transcript_hash: bytes) -> TrafficSecret:
        return TrafficSecret(derive_secret(self.secret, label, transcript_hash, self.hash), self.hash)


@value
class HandshakeSecrets:
    """The second stage: known to both sides from ServerHello on."""

    secret: bytes = field(repr=False)
    hash: Hash
    hello_hash: bytes

    @cached_property
    def client(self) -> TrafficSecret:
        """client_handshake_traffic_secret."""
        return TrafficSecret(derive_secret(self.secret, b"c hs traffic", self.hello_hash, self.hash), self.hash)

    @cached_property
    def server(self) -> TrafficSecret:
        """server_handshake_traffic_secret."""
        return TrafficSecret(derive_secret(self.secret, b"s hs traffic", self.hello_hash, self.hash), self.hash)

    def application(self, finished_hash: bytes) -> ApplicationSecrets:
        """The last stage. `finished_hash` is over ClientHello to the server's Finished."""
        zeros = bytes(self.hash.size)
        master = hkdf_extract(_derived(self.secret, self.hash), zeros, self.hash)
        return ApplicationSecrets(master, self.hash, finished_hash)


@value
class ApplicationSecrets:
    """The last stage, from the server's Finished on; `secret` is the master secret."""

    secret: bytes = field(repr=False)
    hash: Hash
    finished_hash: bytes

    @cached_property
    def client(self) -> TrafficSecret:
        """client_application_traffic_secret_0."""
        return TrafficSecret(self._derive(b"c ap traffic", self.finished_hash), self.hash)

    @cached_property
    def server(self) -> TrafficSecret:
        """server_application_traffic_secret_0."""
        return TrafficSecret(self._derive(b"s ap traffic", self.finished_hash), self.hash)

    @cached_property
    def exporter(self) -> ExporterSecret:
        """exporter_master_secret."""
        return ExporterSecret(self._derive(b"exp master", self.finished_hash), self.hash)

    def resumption(self, client_finished_hash: bytes) -> ResumptionSecret:
        """resumption_master_secret. `client_finished_hash` is over ClientHello to the client's Finished."""
        return ResumptionSecret(self._derive(b"res master", client_finished_hash), self.hash)

    def _derive(self, label: bytes, transcript_hash: bytes) -> bytes:
        return derive_secret(self.secret, label, transcript_hash, self.hash)


def _derived(secret: bytes, algorithm: Hash) -> bytes:
    """The salt that leads from one stage to the next."""
    return derive_secret(secret, b"derived", algorithm.digest(b""), algorithm)
