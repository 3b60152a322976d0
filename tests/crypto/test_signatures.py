from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from transom.crypto.signatures import SCHEMES, PrivateKey, Version, can_verify, schemes_for, sign, verify
from transom.errors import PeerMisbehaved, UsageError

VERSIONS: tuple[Version, Version] = ("TLSv1.2", "TLSv1.3")
CONTENT = b"what is signed"
KEYS: dict[str, PrivateKey] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "rsa1024": rsa.generate_private_key(65537, 1024),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": Ed25519PrivateKey.generate(),
    "ed448": Ed448PrivateKey.generate(),
}
PSS = ("rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512")
PKCS1 = ("rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", KEYS)
def test_what_a_key_signs_with_any_of_its_schemes_verifies(name: str, version: Version) -> None:
    key = KEYS[name]
    schemes = schemes_for(key, version)
    assert schemes
    assert schemes == schemes_for(key.public_key(), version)
    for scheme in schemes:
        signature = sign(key, scheme, CONTENT)
        verify(key.public_key(), scheme, signature, CONTENT)
        with pytest.raises(PeerMisbehaved) as refusal:
            verify(key.public_key(), scheme, signature, CONTENT + b"!")
        assert refusal.value.alert == "decrypt_error"


def test_tls13_ties_the_curve_to_the_hash_and_tls12_does_not() -> None:
    assert schemes_for(KEYS["p384"], "TLSv1.3") == ("ecdsa_secp384r1_sha384",)
    assert schemes_for(KEYS["p384"], "TLSv1.2") == (
        "ecdsa_secp384r1_sha384",
        "ecdsa_secp256r1_sha256",
        "ecdsa_secp521r1_sha512",
    )


def test_pkcs1_signs_in_tls12_only() -> None:
    assert schemes_for(KEYS["rsa"], "TLSv1.3") == PSS
    assert schemes_for(KEYS["rsa"], "TLSv1.2") == PSS + PKCS1


def test_a_small_rsa_key_has_no_room_for_the_longest_hash() -> None:
    assert schemes_for(KEYS["rsa1024"], "TLSv1.3") == PSS[:2]
    with pytest.raises(UsageError, match="1024 bits"):
        sign(KEYS["rsa1024"], "rsa_pss_rsae_sha512", CONTENT)


@pytest.mark.parametrize("scheme", ["rsa_pkcs1_sha1", "ecdsa_sha1", "unknown(0x0999)"])
@pytest.mark.parametrize("name", KEYS)
def test_sha1_and_unknown_schemes_are_neither_made_nor_accepted(name: str, scheme: str) -> None:
    key = KEYS[name]
    assert not any(can_verify(key.public_key(), scheme, version) for version in VERSIONS)
    with pytest.raises(UsageError, match="cannot sign"):
        sign(key, scheme, CONTENT)
    with pytest.raises(PeerMisbehaved, match="cannot make"):
        verify(key.public_key(), scheme, b"", CONTENT)


@pytest.mark.parametrize("name", KEYS)
def test_a_scheme_of_another_kind_of_key_is_refused_with_illegal_parameter(name: str) -> None:
    key = KEYS[name]
    foreign = [s for s in SCHEMES if not can_verify(key.public_key(), s, "TLSv1.2") and not s.startswith("rsa")]
    for scheme in foreign:
        with pytest.raises(UsageError):
            sign(key, scheme, CONTENT)
        with pytest.raises(PeerMisbehaved) as refusal:
            verify(key.public_key(), scheme, bytes(64), CONTENT)
        assert refusal.value.alert == "illegal_parameter"


@pytest.mark.parametrize("signature", [b"", b"\0", bytes(256), b"\x30\x06\x02\x01\x01\x02\x01\x01", bytes(10_000)])
@pytest.mark.parametrize("name", KEYS)
def test_a_signature_of_any_wrong_form_is_a_decrypt_error(name: str, signature: bytes) -> None:
    public = KEYS[name].public_key()
    for scheme in SCHEMES:
        if can_verify(public, scheme, "TLSv1.2"):
            with pytest.raises(PeerMisbehaved) as refusal:
                verify(public, scheme, signature, CONTENT)
            assert refusal.value.alert == "decrypt_error"


def test_a_signature_of_an_rsa_key_too_small_for_it_is_one_that_the_key_cannot_make() -> None:
    public = rsa.RSAPublicNumbers(3, 15).public_key()
    for scheme in (name for name in SCHEMES if name.startswith("rsa")):
        with pytest.raises(PeerMisbehaved, match="cannot make"):
            verify(public, scheme, b"\1", CONTENT)
