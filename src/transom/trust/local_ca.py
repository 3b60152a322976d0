"""The user's own CA: made on first use, for this machine and its neighbours, and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding

from transom.errors import UsageError
from transom.trust.describe import short_name
from transom.trust.identity import Identity, load_identity, private_key_pem
from transom.trust.issue import CLOCK_SKEW, KeyType, make_ca, make_leaf, make_private_key
from transom.trust.local_root import CERTIFICATE_FILE, exists
from transom.trust.names import outside_constraints, reference_name
from transom.trust.private_folder import create_private_folder, require_private
from transom.trust.store import Source, TrustStore

KEY_FILE = "ca-key.pem"

LEAF_LIFETIME = timedelta(days=90)
LONGEST_LEAF_LIFETIME = timedelta(days=825)
"""Apple's systems refuse a leaf of a private CA that lives longer."""


class Owner(NamedTuple):
    """Whose CA it is, on which machine: its name and the one host name it may issue for."""

    user: str
    host: str


class LocalCA:
    """A CA certificate and its private key."""

    def __init__(self, certificate: x509.Certificate, private_key: EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._private_key = private_key

    @classmethod
    def open_or_create(cls, folder: Path, owner: Owner, now: datetime) -> LocalCA:
        """The CA in this folder, which is made (mode 0700) if it does not exist or is empty.

        Of two processes that do this at once one makes the CA, and both return with it.

        Raises UsageError when the folder holds something else, a broken CA, or a key that others can read.
        """
        if not exists(folder / CERTIFICATE_FILE):
            cls.in_memory(owner, now).save(folder)
        identity = load_identity(folder / CERTIFICATE_FILE, folder / KEY_FILE)
        require_private(folder / KEY_FILE)
        certificate, key = identity.leaf, identity.private_key
        limited = certificate.extension(x509.NameConstraints) and certificate.extension(x509.SubjectKeyIdentifier)
        if not limited or not isinstance(key, EllipticCurvePrivateKey):
            raise UsageError(
                "{path}: {subject} ({key}) is no CA that Transom made; "
                "expected one with an ECDSA key and name constraints",
                path=folder / CERTIFICATE_FILE,
                subject=certificate.subject,
                key=certificate.key,
            )
        return cls(certificate.parsed, key)

    @classmethod
    def in_memory(cls, owner: Owner, now: datetime) -> LocalCA:
        """A CA that leaves nothing behind."""
        key = generate_private_key(SECP256R1())
        return cls(make_ca(f"Transom CA {owner.user}@{owner.host}", owner.host, key, now - CLOCK_SKEW), key)

    def save(self, folder: Path) -> None:
        """Put this CA into a new folder; a folder that is already filled, perhaps just now, is left as it is."""
        key_pem = private_key_pem(self._private_key)
        create_private_folder(folder, {CERTIFICATE_FILE: self.certificate_pem, KEY_FILE: key_pem})

    @property
    def certificate_pem(self) -> bytes:
        """What the other side is given as `--cacert`."""
        return self._certificate.public_bytes(Encoding.PEM)

    @property
    def trust_store(self) -> TrustStore:
        """This CA as the one root."""
        return TrustStore.from_pem(self.certificate_pem, Source.LOCAL_CA)

    def issue(
        self,
        names: Sequence[str],
        now: datetime,
        key_type: KeyType = "ecdsa",
        lifetime: timedelta = LEAF_LIFETIME,
    ) -> Identity:
        """A server's identity for these DNS names and IP addresses, at least one.

        Raises UsageError for a name that this CA may not issue for, for a lifetime over 825 days, and when the CA has
        expired itself.
        """
        names = [reference_name(name) for name in names]
        self._require_permitted(names)
        not_before, not_after = self._validity(now, lifetime)
        key = make_private_key(key_type)
        leaf = make_leaf(self._certificate, self._private_key, names, key, not_before, not_after)
        # The CA is sent along: who looks at a capture can then check the leaf's signature too.
        return Identity(tuple(made.public_bytes(Encoding.DER) for made in (leaf, self._certificate)), key)

    def _require_permitted(self, names: Sequence[str]) -> None:
        if not names:
            raise UsageError("a certificate needs at least one name or address")
        constraints = self._certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        for name in names:
            if outside_constraints(name, constraints):
                permitted = ", ".join(str(subtree.value) for subtree in constraints.permitted_subtrees or ())
                raise UsageError(
                    "{ca} may not issue for {name}; only for {permitted}",
                    ca=short_name(self._certificate.subject),
                    name=name,
                    permitted=permitted,
                )

    def _validity(self, now: datetime, lifetime: timedelta) -> tuple[datetime, datetime]:
        if not timedelta(0) < lifetime <= LONGEST_LEAF_LIFETIME:
            raise UsageError(
                "a lifetime of {days} days; expected 1 to {most}", days=lifetime.days, most=LONGEST_LEAF_LIFETIME.days
            )
        ca_start, ca_end = self._certificate.not_valid_before_utc, self._certificate.not_valid_after_utc
        if not ca_start <= now <= ca_end:
            raise UsageError(
                "{ca} is valid from {ca_start:%Y-%m-%d} to {ca_end:%Y-%m-%d}, not now ({now:%Y-%m-%d}); "
                "`transom ca init` makes a new one once its folder is removed",
                ca=short_name(self._certificate.subject),
                ca_start=ca_start,
                ca_end=ca_end,
                now=now,
            )
        return max(now - CLOCK_SKEW, ca_start), min(now + lifetime, ca_end)
