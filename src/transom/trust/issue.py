"""Making certificates: a CA that is limited in names, and leaves for servers beneath it (RFC 5280 §4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from transom.errors import UsageError
from transom.trust.identity import PrivateKey
from transom.trust.names import is_host_name
from transom.wire.address import as_address

KeyType = Literal["ecdsa", "rsa", "ed25519"]

PRIVATE_NETWORKS = (
    "127.0.0.0/8",
    "::1/128",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "fe80::/10",
    "fc00::/7",
)
"""Addresses that mean this machine, or one on the same network (RFC 1122, 1918, 3927, 4193, 4291)."""

CA_LIFETIME = timedelta(days=3650)

CLOCK_SKEW = timedelta(hours=1)
"""How far behind the other machine's clock may be when it meets a certificate made a moment ago."""

LONGEST_COMMON_NAME = 64
"""ub-common-name (RFC 5280 appendix A.1)."""


def make_private_key(key_type: KeyType) -> PrivateKey:
    """A new key: ECDSA on P-256, RSA of 2048 bits or Ed25519."""
    match key_type:
        case "ecdsa":
            return ec.generate_private_key(ec.SECP256R1())
        case "rsa":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()


def make_ca(common_name: str, host: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """A root that may issue for `localhost`, `*.local`, `host` and private addresses only.

    Addresses are limited as well as DNS names: a kind of name with no permitted subtree would be free. The purpose
    is limited to servers for the same reason: with it, nothing is left that mail or programs could be signed for.
    """
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(_common_name(common_name), _common_name(common_name), key, now, now + CA_LIFETIME)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(certificate_signing=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_name_constraints(host), critical=True)
        .sign(key, hashes.SHA256())
    )


def make_leaf(
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    key: PrivateKey,
    not_before: datetime,
    not_after: datetime,
) -> x509.Certificate:
    """A server's certificate for these DNS names and addresses. Raises UsageError for a text that is neither."""
    subject = _leaf_name(names)
    ca_identifier = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    encipherment = isinstance(key, rsa.RSAPrivateKey)
    return (
        _builder(subject, ca.subject, key, not_before, not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_identifier), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(key_encipherment=encipherment), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        # Critical where it alone says whose certificate this is (RFC 5280 §4.2.1.6).
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=not list(subject))
        .sign(ca_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, not_before: datetime, not_after: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )


def _common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:LONGEST_COMMON_NAME])])


def _leaf_name(names: Sequence[str]) -> x509.Name:
    """The first DNS name, else nothing: GnuTLS takes any common name beside addresses for a DNS name, not permitted."""
    first = next((name for name in names if as_address(name) is None), None)
    return _common_name(first) if first else x509.Name([])


def _general_name(text: str) -> x509.GeneralName:
    address = as_address(text)
    if address is not None:
        return x509.IPAddress(address)
    if is_host_name(text.removeprefix("*.")):
        return x509.DNSName(text)
    raise UsageError(
        "{text!r} cannot be certified; expected an address, or letters, digits, hyphens and dots", text=text
    )


def _key_usage(*, certificate_signing: bool = False, key_encipherment: bool = False) -> x509.KeyUsage:
    """What the key is for (RFC 5280 §4.2.1.3); encipherment is what static RSA asks of a leaf (RFC 5246 §7.4.2)."""
    return x509.KeyUsage(
        digital_signature=not certificate_signing,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificate_signing,
        crl_sign=certificate_signing,
        encipher_only=False,
        decipher_only=False,
    )


def _name_constraints(host: str) -> x509.NameConstraints:
    domains = ["localhost", "local"]
    if is_host_name(host) and host.lower() not in domains:
        domains.append(host.lower())
    networks = [x509.IPAddress(ip_network(network)) for network in PRIVATE_NETWORKS]
    return x509.NameConstraints([*(x509.DNSName(domain) for domain in domains), *networks], None)
