"""The static-RSA form of TLS 1.2: a pre-master secret encrypted to the server's public key (RFC 5246 §7.4.7.1)."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.constant_time import bytes_eq

from transom.errors import PeerMisbehaved, Sentence, UsageError

PREMASTER_LENGTH = 48


class SealedPremaster(NamedTuple):
    """A pre-master secret, 48 bytes, and the ciphertext that carries it to the server."""

    premaster: bytes
    ciphertext: bytes


def seal_premaster(public_key: RSAPublicKey, client_version: bytes, random: bytes) -> SealedPremaster:
    """Encrypt a pre-master secret made of the version the ClientHello offered (2 bytes) and 46 random bytes.

    Raises PeerMisbehaved (illegal_parameter) for a key that cannot carry it.
    """
    premaster = client_version + random
    if len(premaster) != PREMASTER_LENGTH:
        raise UsageError("a pre-master secret has 48 bytes, not {count}", count=len(premaster))
    try:
        return SealedPremaster(premaster, public_key.encrypt(premaster, PKCS1v15()))
    except ValueError as error:
        what = Sentence("nothing can be encrypted to its RSA key of {key_size} bits", key_size=public_key.key_size)
        raise PeerMisbehaved(what, rfc="5246 §7.4.7.1", where="Certificate") from error


def open_premaster(private_key: RSAPrivateKey, ciphertext: bytes, client_version: bytes) -> bytes:
    """The 48-byte pre-master secret in `ciphertext`, or 48 random bytes if it holds none. Never an error.

    Telling a client that its padding, length or version was wrong makes the server an oracle that decrypts recorded
    traffic (Bleichenbacher 1998, ROBOT 2017). So a wrong one fails as late as a wrong key does, at Finished, and the
    choice between the two secrets is made by masks. Bad padding never shows at all: the library then gives
    pseudorandom bytes. It refuses only a ciphertext that is no number below the modulus, which all can see.
    """
    substitute = secrets.token_bytes(PREMASTER_LENGTH)
    try:
        opened = private_key.decrypt(ciphertext, PKCS1v15())
    except ValueError:
        opened = b""
    candidate = opened[:PREMASTER_LENGTH].ljust(PREMASTER_LENGTH, b"\0")
    good = bytes_eq(candidate[:2], client_version) & (len(opened) == PREMASTER_LENGTH)
    keep = 0xFF * good
    return bytes(ours & (keep ^ 0xFF) | theirs & keep for ours, theirs in zip(substitute, candidate, strict=True))
