"""What a server's certificate says of its key binds what the key may do in the handshake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.tls.shuttle import Shuttle, client_config
from transom.crypto.rsa_transport import seal_premaster
from transom.errors import PeerMisbehaved
from transom.tls.config import ServerConfig
from transom.tls.handshake import checks
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.versions import ProtocolVersion
from transom.trust.identity import Identity
from transom.trust.verify import accept_unverified

NOW = datetime(2026, 6, 1, tzinfo=UTC)
V12, V13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)
STATIC_RSA = (CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256,)


def self_signed(key: Any, *, signs: bool, encrypts: bool) -> Identity:
    """A leaf whose keyUsage allows just that."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    no = dict.fromkeys(("content_commitment", "data_encipherment", "key_agreement", "crl_sign"), False)
    usage = x509.KeyUsage(
        digital_signature=signs,
        key_encipherment=encrypts,
        key_cert_sign=not (signs or encrypts),
        encipher_only=False,
        decipher_only=False,
        **no,
    )
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity((built.public_bytes(Encoding.DER),), key)


RSA, P256 = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("key", [RSA, P256], ids=["RSA", "P-256"])
@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
def test_a_key_that_may_not_sign_is_refused(key: Any, versions: tuple[ProtocolVersion, ...]) -> None:
    refused = "does not allow digitalSignature"
    shuttle = between(self_signed(key, signs=False, encrypts=True), versions=versions)
    with pytest.raises(PeerMisbehaved, match=refused) as caught:
        shuttle.handshake()
    assert caught.value.alert == "unsupported_certificate"


def test_a_key_that_may_not_encrypt_is_refused_with_static_rsa_and_taken_with_ecdhe() -> None:
    only_signs = self_signed(RSA, signs=True, encrypts=False)
    between(only_signs, versions=V12).handshake()
    with pytest.raises(PeerMisbehaved, match="does not allow keyEncipherment"):
        between(only_signs, versions=V12, cipher_suites=STATIC_RSA).handshake()


def between(identity: Identity, **client: Any) -> Shuttle:
    config = client_config(verify=lambda chain, _name: accept_unverified(chain, "test"), **client)
    return Shuttle.between(config, ServerConfig(identities=(identity,), cipher_suites=config.cipher_suites))


@pytest.mark.parametrize(
    ("oid", "scheme", "allowed"),
    [
        ("1.2.840.113549.1.1.1", SignatureScheme.rsa_pss_rsae_sha256, True),
        ("1.2.840.113549.1.1.1", SignatureScheme.rsa_pss_pss_sha256, False),
        ("1.2.840.113549.1.1.10", SignatureScheme.rsa_pss_rsae_sha256, False),
        ("1.2.840.113549.1.1.10", SignatureScheme.rsa_pss_pss_sha256, True),
        ("1.2.840.113549.1.1.10", SignatureScheme.rsa_pkcs1_sha256, False),
    ],
)
def test_the_padding_must_be_the_one_that_the_certificates_key_is_for(
    oid: str, scheme: SignatureScheme, allowed: bool
) -> None:
    parsed = SimpleNamespace(public_key_algorithm_oid=x509.ObjectIdentifier(oid))
    peer: Any = SimpleNamespace(leaf=SimpleNamespace(parsed=parsed))
    assert checks._padding_allowed(peer, scheme) is allowed


def test_a_key_that_carries_no_premaster_is_the_peers_fault_and_no_traceback() -> None:
    tiny: Any = SimpleNamespace(key_size=256, encrypt=_refuse)
    with pytest.raises(PeerMisbehaved, match="RSA key of 256 bits") as caught:
        seal_premaster(tiny, b"\3\3", bytes(46))
    assert caught.value.alert == "illegal_parameter"


def _refuse(*_: object) -> bytes:
    raise ValueError("Encryption failed")
