"""Certificates in a person's words: who, which key, for which names.

Everything here was written by a peer. Each text is bounded; none is escaped: whoever shows it on a terminal does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from transom.errors import Sentence
from transom.wire.address import as_address

LONGEST_TEXT = 80
"""Characters of one name that are shown; a certificate may hold megabytes."""

MOST_NAMES = 5
"""How many names are listed before the rest is counted."""

CURVE_NAMES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
"""NIST's names, which people know, for the curves that certificates on the web use (RFC 5480 §2.1.1.1)."""


def bounded(text: str) -> str:
    """`text`, cut to `LONGEST_TEXT` characters."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def short_name(name: x509.Name) -> str:
    """The common name, else the organisation, else its unit, else nothing (RFC 5280 §4.1.2.4)."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            # A bit string comes as bytes: no text that a person could read.
            if isinstance(attribute.value, str) and attribute.value:
                return bounded(attribute.value)
    return ""


def key_description(key: CertificatePublicKeyTypes | None) -> str:
    """`RSA 2048`, `ECDSA P-256`, `Ed25519`; a kind without a usual short form goes by its class."""
    match key:
        case None:
            return "unknown key"
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {CURVE_NAMES.get(key.curve.name, key.curve.name)}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
        case dsa.DSAPublicKey():
            return f"DSA {key.key_size}"
        case _:
            return type(key).__name__.removesuffix("PublicKey")


def alternative_names(san: Iterable[x509.GeneralName]) -> tuple[str, ...]:
    """The DNS names and IP addresses of a subjectAltName, each as text (RFC 5280 §4.2.1.6)."""
    return tuple(_alternative_name(name) for name in san if isinstance(name, x509.DNSName | x509.IPAddress))


def _alternative_name(name: x509.DNSName | x509.IPAddress) -> str:
    text = str(name.value)
    # An address written as a DNS name proves no address, and must not read like one.
    return f"DNS:{text}" if isinstance(name, x509.DNSName) and as_address(text) else text


def name_list(names: Sequence[str]) -> Sentence:
    """`a, b and c`, or the first few of them `and 12 more`."""
    shown = [bounded(name) for name in names[:MOST_NAMES]]
    if len(names) > MOST_NAMES:
        return Sentence("{names} and {count} more", names=", ".join(shown), count=len(names) - MOST_NAMES)
    if len(shown) > 1:
        return Sentence("{names} and {last}", names=", ".join(shown[:-1]), last=shown[-1])
    return Sentence("".join(shown))


def two_dates(first: datetime, second: datetime) -> tuple[str, str]:
    """Both as ISO dates, or with the time of day when the dates alone would not differ."""
    form = "%Y-%m-%d" if first.date() != second.date() else "%Y-%m-%d %H:%M:%S UTC"
    return first.strftime(form), second.strftime(form)
