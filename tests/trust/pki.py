"""A small certificate authority for tests: every certificate right, or wrong in the one way a test asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def key_of(kind: str, number: int = 0) -> Any:
    """A private key of this kind; the same one each time, since RSA keys are slow to make."""
    match kind:
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "rsa1024":
            return rsa.generate_private_key(65537, 1024)
        case "p384":
            return ec.generate_private_key(ec.SECP384R1())
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Made:
    """A certificate, its key, and what was above it."""

    certificate: x509.Certificate
    key: Any = field(repr=False)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        pem: bytes = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])


def general_name(text: str) -> x509.GeneralName:
    """An address or a DNS name; `DNS:` before it makes a DNS name of an address."""
    if text.startswith("DNS:"):
        return x509.DNSName(text.removeprefix("DNS:"))
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def general_subtree(text: str) -> x509.GeneralName:
    return x509.IPAddress(ip_network(text)) if "/" in text else x509.DNSName(text)


def key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not ca,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def make(
    subject: str,
    issuer: Made | None = None,
    *,
    ca: bool = False,
    signs: bool | None = None,
    names: tuple[str, ...] = (),
    kind: str = "p256",
    number: int = 0,
    since: datetime = NOW - 30 * DAY,
    until: datetime = NOW + 60 * DAY,
    path_length: int | None = None,
    permitted: tuple[str, ...] = (),
    excluded: tuple[str, ...] = (),
    purposes: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.SERVER_AUTH,),
) -> Made:
    """One certificate; without `issuer` it signs itself. `signs=False`: it has a CA's form, and may not be one."""
    key = key_of(kind, number)
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(issuer.certificate.subject if issuer else name(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(key_usage(ca=ca), critical=True)
    )
    if ca:
        may_sign = signs is not False
        basic = x509.BasicConstraints(ca=may_sign, path_length=path_length if may_sign else None)
        builder = builder.add_extension(basic, critical=True)
    else:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if names:
        san = x509.SubjectAlternativeName([general_name(text) for text in names])
        builder = builder.add_extension(san, critical=False)
    if permitted or excluded:
        constraints = x509.NameConstraints(
            permitted_subtrees=[general_subtree(text) for text in permitted] or None,
            excluded_subtrees=[general_subtree(text) for text in excluded] or None,
        )
        builder = builder.add_extension(constraints, critical=True)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Made(builder.sign(signer, algorithm), key)


def root(subject: str = "Example Root", **kwargs: Any) -> Made:
    return make(subject, ca=True, number=100, until=NOW + 3650 * DAY, **kwargs)


def tampered(made: Made) -> bytes:
    """The same certificate with one bit of its signature turned."""
    der = bytearray(made.der)
    der[-1] ^= 1
    return bytes(der)
