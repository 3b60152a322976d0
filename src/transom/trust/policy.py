"""The verifier with our rules for extensions: the web PKI's, less what RFC 5280 asks of nobody who checks a chain.

The library's defaults are those of public CAs (the CA/Browser Forum's profile). A CA made at home by
`openssl req -x509` has no keyUsage, older tools leave the key identifiers out, and many a recipe forgets to mark
basicConstraints as critical. Path validation (RFC 5280 §6.1) needs none of these: keyUsage is asked where it is present
(§6.1.4 n), key identifiers only help to find the path (§4.2.1.1). All else stays as strict as the library has it.
"""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store


def verifier_policy(store: Store, time: datetime) -> PolicyBuilder:
    """What a server's chain is verified by at `time`, an aware datetime."""
    return PolicyBuilder().store(store).time(time).extension_policies(ca_policy=_FOR_CAS, ee_policy=_FOR_SERVERS)


def _may_sign(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("keyUsage without keyCertSign")


def _is_ca(_policy: Policy, _certificate: x509.Certificate, basic: x509.BasicConstraints) -> None:
    """The depth below is the verifier's own to count, whoever judges the extension."""
    if not basic.ca:
        raise ValueError("basicConstraints without cA")


_FOR_CAS = (
    ExtensionPolicy.webpki_defaults_ca()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_ca)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
    .may_be_present(x509.SubjectKeyIdentifier, Criticality.AGNOSTIC, None)
    .may_be_present(x509.AuthorityKeyIdentifier, Criticality.AGNOSTIC, None)
)
_FOR_SERVERS = ExtensionPolicy.webpki_defaults_ee().may_be_present(
    x509.AuthorityKeyIdentifier, Criticality.AGNOSTIC, None
)
