"""Whom we trust: root certificates, each of which remembers where it came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import Store

from transom.errors import UsageError, reason_of
from transom.trust.certificate import PARSE_ERRORS, Certificate, read_certificate, why_unreadable
from transom.trust.pem import certificates_in
from transom.value import value

SYSTEM_STORES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),  # Debian, Ubuntu, Arch, Gentoo
    Path("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),  # Fedora, RHEL
    Path("/etc/pki/tls/certs/ca-bundle.crt"),  # Fedora, RHEL, older
    Path("/etc/ssl/ca-bundle.pem"),  # openSUSE
    Path("/etc/ssl/cert.pem"),  # Alpine, macOS, BSD
)
"""Where systems keep their roots as one file: the list of Go's crypto/x509, in its order of preference."""


class Source(StrEnum):
    """Where a root came from, in the words that a person is told."""

    SYSTEM = "the system's store"
    CERTIFI = "certifi's list"
    GIVEN = "--cacert"
    LOCAL_CA = "your Transom CA"


@value
class Root:
    """A trusted certificate and where it came from."""

    certificate: Certificate
    source: Source


class TrustStore:
    """A set of roots, unchanging, so that what is built from it (the verifier's store, the index) is built once."""

    def __init__(self, roots: Iterable[Root] = ()) -> None:
        self.roots = tuple(roots)

    @staticmethod
    @cache
    def system() -> TrustStore:
        """The roots of this machine, else certifi's. A root the library cannot read is left out: it trusts nobody."""
        for path in SYSTEM_STORES:
            if path.is_file():
                return TrustStore(_readable_roots(path.read_bytes(), Source.SYSTEM))
        import certifi  # here, because most systems have roots of their own

        return TrustStore(_readable_roots(Path(certifi.where()).read_bytes(), Source.CERTIFI))

    @classmethod
    def from_file(cls, path: Path, source: Source = Source.GIVEN) -> TrustStore:
        """The certificates of one PEM file. Raises UsageError unless it holds some and all can be read."""
        try:
            return cls.from_pem(path.read_bytes(), source)
        except OSError as error:
            raise UsageError(
                "{path}: {reason}; expected a file of PEM certificates", path=path, reason=reason_of(error)
            ) from error
        except UsageError as error:
            raise UsageError("{path}: {error}", path=path, error=error) from error

    @classmethod
    def from_folder(cls, folder: Path, source: Source = Source.SYSTEM) -> TrustStore:
        """Every certificate in the files of a folder (what SSL_CERT_DIR names); other files are skipped."""
        try:
            files = sorted(path for path in folder.iterdir() if path.is_file())
            return cls(root for path in files for root in _readable_roots(path.read_bytes(), source))
        except OSError as error:
            raise UsageError(
                "{path}: {reason}; expected a folder of PEM certificates", path=error.filename, reason=reason_of(error)
            ) from error

    @classmethod
    def from_pem(cls, pem: bytes, source: Source) -> TrustStore:
        """The certificates of a PEM text. Raises UsageError unless it holds some and all can be read."""
        try:
            roots = [Root(read_certificate(der), source) for der in certificates_in(pem)]
        except PARSE_ERRORS as error:
            raise UsageError("a certificate in it cannot be read: {reason}", reason=why_unreadable(error)) from error
        if not roots:
            raise UsageError("no PEM certificate in it; expected -----BEGIN CERTIFICATE-----")
        return cls(roots)

    @classmethod
    def joined(cls, *stores: TrustStore) -> TrustStore:
        """All roots of these stores. Of two equal certificates the earlier store's tells where it came from."""
        roots: dict[bytes, Root] = {}
        for root in (root for store in stores for root in store.roots):
            roots.setdefault(root.certificate.der, root)
        return cls(roots.values())

    def find(self, certificate: x509.Certificate) -> Root | None:
        """The root that is byte for byte this certificate."""
        return self._by_certificate.get(certificate)

    def named(self, subject: x509.Name) -> tuple[Root, ...]:
        """The roots with this subject: those that may have issued what names it as issuer."""
        return tuple(self._by_subject.get(subject, ()))

    @cached_property
    def verifier_store(self) -> Store | None:
        """The roots as the verifier takes them; None when there are none, which it does not take."""
        return Store([root.certificate.parsed for root in self.roots]) if self.roots else None

    @cached_property
    def _by_certificate(self) -> dict[x509.Certificate, Root]:
        return {root.certificate.parsed: root for root in self.roots}

    @cached_property
    def _by_subject(self) -> dict[x509.Name, list[Root]]:
        index: dict[x509.Name, list[Root]] = defaultdict(list)
        for root in self.roots:
            index[root.certificate.subject_name].append(root)
        return dict(index)


def _readable_roots(pem: bytes, source: Source) -> list[Root]:
    roots: list[Root] = []
    for der in certificates_in(pem):
        try:
            roots.append(Root(read_certificate(der), source))
        except PARSE_ERRORS:
            continue
    return roots
