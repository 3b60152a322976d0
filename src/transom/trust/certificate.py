"""A certificate that has been read: every field that this package will ask for, asked for once.

The library parses late: a certificate loads, and its subject, key or extensions raise when they are first touched.
Touching them all here, in one place, means that nothing after it can fail on what a peer wrote.
"""

from __future__ import annotations

import hashlib
import warnings
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from transom.errors import Sentence
from transom.trust.describe import alternative_names, bounded, key_description, short_name
from transom.trust.verdict import Finding, refused
from transom.value import value

MOST_CERTIFICATES = 16
"""How many certificates of a chain are looked at. The web's longest useful chains have four."""

KEPT = 256
KEPT_SIZE = 8 * 1024
"""So many certificates of so many bytes at the most are kept as they were read: a capture shows the same ones over and
over."""

PARSE_ERRORS = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)
"""What the library raises, at the first touch of a field, for bytes it cannot make sense of."""

ExtensionT = TypeVar("ExtensionT", bound=x509.ExtensionType)


@value
class Certificate:
    """One readable certificate.

    `public_key` is None for a kind of key that the library does not know. `names` are the DNS names and addresses of
    its subjectAltName. `serial` is in hex; a negative one, which RFC 5280 §4.1.2.2 forbids, keeps its sign.
    """

    der: bytes
    parsed: x509.Certificate
    public_key: CertificatePublicKeyTypes | None
    subject_name: x509.Name
    issuer_name: x509.Name
    not_before: datetime
    not_after: datetime
    names: tuple[str, ...]
    serial: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.der == other.der  # all else was read out of it

    def __hash__(self) -> int:
        return hash(self.der)

    @cached_property
    def subject(self) -> str:
        """Who it is for: common name, organisation or the first alternative name."""
        return short_name(self.subject_name) or bounded("".join(self.names[:1])) or "(no name)"

    @cached_property
    def issuer(self) -> str:
        """Who issued it, as it says itself."""
        return short_name(self.issuer_name) or "(no name)"

    @cached_property
    def key(self) -> str:
        """Its kind of key, as `ECDSA P-256`."""
        return key_description(self.public_key)

    @cached_property
    def sha256(self) -> str:
        """The fingerprint of the whole certificate, in hex."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def self_issued(self) -> bool:
        """Subject and issuer are the same name (RFC 5280 §3.2)."""
        return self.subject_name == self.issuer_name

    def extension(self, kind: type[ExtensionT]) -> ExtensionT | None:
        """The extension of this kind, if it is there."""
        try:
            return self.parsed.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            return None


_NO_ADDRESS = "does not appear to be an IPv4 or IPv6 address"


def read_certificate(der: bytes) -> Certificate:
    """Read one DER certificate. Raises one of `PARSE_ERRORS`."""
    try:
        return _kept(der) if len(der) <= KEPT_SIZE else _read(der)
    except TypeError as error:
        # To the library it is its caller's mistake, whoever wrote the certificate.
        raise ValueError(Sentence("a name is a BIT STRING, which only x500UniqueIdentifier is")) from error
    except ValueError as error:
        if not str(error).endswith(_NO_ADDRESS):
            raise
        # The library quotes the bytes as Python writes them, which nobody could tell from what is escaped.
        raise ValueError(Sentence("an iPAddress has neither 4 bytes nor 16 (RFC 5280 §4.2.1.6)")) from error


def why_unreadable(error: Exception) -> Sentence:
    """What one of `PARSE_ERRORS` says, bounded."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Sentence) else Sentence(bounded(str(error)))


def _read(der: bytes) -> Certificate:
    with warnings.catch_warnings():
        # A serial number of zero, an over-long country: a warning about what a peer wrote is for nobody's console.
        warnings.simplefilter("ignore")
        certificate = x509.load_der_x509_certificate(der)
        extensions = certificate.extensions
        return Certificate(
            der=der,
            parsed=certificate,
            public_key=_public_key(certificate),
            subject_name=certificate.subject,
            issuer_name=certificate.issuer,
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            names=_names(extensions),
            serial=f"{certificate.serial_number:x}",
        )


_kept = lru_cache(KEPT)(_read)


def read_chain(chain: Sequence[bytes]) -> tuple[list[Certificate], Finding | None]:
    """Read the certificates a peer sent, leaf first.

    One behind the leaf that cannot be read is passed over, since the path may not need it; the finding tells of the
    first such. Raises UntrustedChain when there is no leaf, it cannot be read, or there are too many.
    """
    if not chain:
        raise refused(Finding("no_certificate"))
    if len(chain) > MOST_CERTIFICATES:
        raise refused(Finding("too_many", {"seen": str(len(chain)), "most": str(MOST_CERTIFICATES)}))
    certificates: list[Certificate] = []
    unreadable: Finding | None = None
    for position, der in enumerate(chain, start=1):
        try:
            certificates.append(read_certificate(der))
        except PARSE_ERRORS as error:
            finding = Finding("unreadable", {"position": str(position), "reason": why_unreadable(error)})
            if position == 1:
                raise refused(finding) from error
            unreadable = unreadable or finding
    return certificates, unreadable


def spki_pin(public_key: CertificatePublicKeyTypes) -> str:
    """The pin of a public key as curl writes it: `sha256//` and the base64 of its SubjectPublicKeyInfo's hash."""
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "sha256//" + b64encode(hashlib.sha256(spki).digest()).decode()


def _public_key(certificate: x509.Certificate) -> CertificatePublicKeyTypes | None:
    try:
        return certificate.public_key()
    except PARSE_ERRORS:
        return None


def _names(extensions: x509.Extensions) -> tuple[str, ...]:
    try:
        return alternative_names(extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return ()
