"""The transcript: a running hash of every handshake message (RFC 8446 §4.4.1, RFC 5246 §7.4.9)."""

from __future__ import annotations

from transom.crypto.hashes import Digest, Hash
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.messages.frame import Frame


class Transcript:
    """Messages are kept as bytes until the suite, and with it the hash, is chosen."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._running: Digest | None = None

    @property
    def is_hashed(self) -> bool:
        """Whether the hash is chosen."""
        return self._running is not None

    @property
    def waiting(self) -> int:
        """How many messages wait for the hash to be chosen."""
        return len(self._waiting)

    def add(self, frame: Frame) -> None:
        """The next message, exactly as it crossed."""
        if self._running is None:
            self._waiting.append(frame.raw)
        else:
            self._running.update(frame.raw)

    def choose(self, algorithm: Hash) -> None:
        """The suite is agreed: hash what waited. A second call, after a HelloRetryRequest, changes nothing."""
        if self._running is None:
            self._running = algorithm.new(b"".join(self._waiting))
            self._waiting.clear()

    def first_hello_becomes_its_hash(self, algorithm: Hash) -> None:
        """A HelloRetryRequest was added: the ClientHello before it is replaced by its hash.

        So a stateless server can keep it in the cookie (RFC 8446 §4.4.1).
        """
        hello, retry_request = self._waiting
        stand_in = Frame.of(HandshakeType.message_hash, algorithm.digest(hello))
        self._waiting = [stand_in.raw, retry_request]
        self.choose(algorithm)

    def digest(self) -> bytes:
        """The hash up to here."""
        if self._running is None:
            raise RuntimeError("no hash is chosen before the ServerHello")
        return self._running.copy().digest()
