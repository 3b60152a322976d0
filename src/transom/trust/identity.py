"""Who a server (or a client with a certificate) is: its chain and the private key of the first certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from transom.errors import UsageError, reason_of
from transom.trust.certificate import PARSE_ERRORS, Certificate, read_certificate, spki_pin, why_unreadable
from transom.trust.pem import certificates_in, private_key_in
from transom.value import value

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
"""The keys that can sign a TLS handshake."""

Password = bytes | Callable[[Path], bytes] | None


@value
class Identity:
    """A chain in DER, leaf first, and the leaf's private key."""

    chain: tuple[bytes, ...]
    private_key: PrivateKey = field(repr=False)

    @property
    def leaf(self) -> Certificate:
        """The first certificate, read."""
        return read_certificate(self.chain[0])

    @property
    def pin(self) -> str:
        """What the other side gives as `--pin` to know this identity by its key alone."""
        return spki_pin(self.private_key.public_key())

    @property
    def chain_pem(self) -> bytes:
        """The chain as a PEM file holds it."""
        return b"".join(read_certificate(der).parsed.public_bytes(Encoding.PEM) for der in self.chain)

    @property
    def private_key_pem(self) -> bytes:
        """The private key as PKCS #8 PEM, in the clear: only for a file that nobody else can read."""
        return private_key_pem(self.private_key)


def private_key_pem(key: PrivateKey) -> bytes:
    """A private key as PKCS #8 PEM, in the clear."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load_identity(certificate_file: Path, key_file: Path, password: Password = None) -> Identity:
    """Read a PEM chain (leaf first) and its PEM private key; both may be the same file.

    `password` opens an encrypted key; a function is asked for it, by the key's file, only when there is need.

    Raises UsageError: a file that cannot be read or holds the wrong thing, an encrypted key without its password, a
    key that is not the certificate's.
    """
    chain = _load_chain(certificate_file)
    private_key = _load_private_key(key_file, password)
    leaf = read_certificate(chain[0])
    if leaf.public_key != private_key.public_key():
        raise UsageError(
            "{path}: not the key of {subject} ({key}), the first certificate in {file}",
            path=key_file,
            subject=leaf.subject,
            key=leaf.key,
            file=certificate_file,
        )
    return Identity(chain, private_key)


def _load_chain(path: Path) -> tuple[bytes, ...]:
    try:
        chain = tuple(certificates_in(_read(path)))
        for der in chain:
            read_certificate(der)
    except PARSE_ERRORS as error:
        raise UsageError(
            "{path}: a certificate in it cannot be read: {reason}", path=path, reason=why_unreadable(error)
        ) from error
    if not chain:
        raise UsageError("{path}: no PEM certificate in it; expected -----BEGIN CERTIFICATE-----", path=path)
    return chain


def _load_private_key(path: Path, password: Password) -> PrivateKey:
    pem = private_key_in(_read(path))
    if pem is None:
        raise UsageError("{path}: no PEM private key in it; expected -----BEGIN PRIVATE KEY-----", path=path)
    # PKCS #8 says it in the first line, OpenSSL's older form in a header; no base64 looks like either.
    encrypted = b"BEGIN ENCRYPTED " in pem or b",ENCRYPTED" in pem
    if encrypted and callable(password):
        password = password(path)
    if encrypted and not password:
        raise UsageError("{path}: the private key is encrypted; its password is needed", path=path)
    try:
        key = load_pem_private_key(pem, password if encrypted and isinstance(password, bytes) else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        what = (
            "{path}: the password does not open this key: {error}"
            if encrypted
            else "{path}: the private key cannot be read: {error}"
        )
        raise UsageError(what, path=path, error=error) from error
    if not isinstance(key, PrivateKey):
        kind = type(key).__name__.removesuffix("PrivateKey")
        raise UsageError(
            "{path}: a {kind} key cannot sign for TLS; expected RSA, ECDSA, Ed25519 or Ed448", path=path, kind=kind
        )
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError("{path}: {reason}; expected a PEM file", path=path, reason=reason_of(error)) from error
