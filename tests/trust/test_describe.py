from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, x25519
from cryptography.x509.oid import NameOID

from transom.trust.certificate import read_certificate
from transom.trust.describe import LONGEST_TEXT, key_description, name_list, short_name
from transom.trust.names import name_matches
from transom.trust.signature import signed_hash

from .pki import key_of, make, root, tampered


def test_a_name_is_its_common_name_else_its_organisation_else_nothing() -> None:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Ltd")
    common = x509.NameAttribute(NameOID.COMMON_NAME, "files.example")
    assert short_name(x509.Name([organisation, common])) == "files.example"
    assert short_name(x509.Name([organisation])) == "Example Ltd"
    assert short_name(x509.Name([])) == ""


def test_certificate_without_a_subject_goes_by_its_first_alternative_name() -> None:
    assert read_certificate(make("x", names=("files.example",)).der).subject == "x"
    assert read_certificate(make("", names=("192.0.2.1", "b.example")).der).subject == "192.0.2.1"
    assert read_certificate(make("").der).subject == "(no name)"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (key_of("rsa").public_key(), "RSA 2048"),
        (key_of("p256").public_key(), "ECDSA P-256"),
        (key_of("p384").public_key(), "ECDSA P-384"),
        (ec.generate_private_key(ec.SECP256K1()).public_key(), "ECDSA secp256k1"),
        (key_of("ed25519").public_key(), "Ed25519"),
        (ed448.Ed448PrivateKey.generate().public_key(), "Ed448"),
        (dsa.generate_private_key(1024).public_key(), "DSA 1024"),
        (x25519.X25519PrivateKey.generate().public_key(), "X25519"),
        (None, "unknown key"),
    ],
)
def test_kinds_of_keys(key: dsa.DSAPublicKey | None, words: str) -> None:
    assert key_description(key) == words


def test_lists_of_names_are_bounded_in_number_and_length() -> None:
    assert name_list(["a"]) == "a"
    assert name_list(["a", "b"]) == "a and b"
    assert name_list(["a", "b", "c", "d", "e"]) == "a, b, c, d and e"
    assert name_list([str(number) for number in range(1000)]) == "0, 1, 2, 3, 4 and 995 more"
    assert len(name_list(["x" * 10_000])) == LONGEST_TEXT


@pytest.mark.parametrize(
    ("name", "pattern", "matches"),
    [
        ("a.example", "A.EXAMPLE", True),
        ("a.example", "*.example", True),
        ("a.b.example", "*.example", False),
        ("example", "*.example", False),
        (".example", "*.example", False),
        ("a.example", "a*.example", False),
        ("a.example", "*", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "*.0.0.1", False),
        ("::1", "0:0:0:0:0:0:0:1", True),
    ],
)
def test_wildcard_stands_for_one_whole_leftmost_label(name: str, pattern: str, matches: bool) -> None:
    assert name_matches(name, [pattern]) is matches


def test_rsa_signature_gives_back_the_hash_that_was_signed() -> None:
    ca = root(kind="rsa")
    leaf = make("files.example", ca)
    hashes = signed_hash(leaf.der, ca.der)
    assert hashes is not None
    assert hashes.algorithm == "SHA-256"
    assert hashes.signed == hashes.computed


def test_changed_certificate_no_longer_has_the_hash_that_was_signed() -> None:
    ca = root(kind="rsa")
    changed = make("files.example", ca).der.replace(b"files.example", b"fi1es.example")
    hashes = signed_hash(changed, ca.der)
    assert hashes is not None
    assert hashes.signed is not None
    assert hashes.signed != hashes.computed


def test_signature_of_another_key_gives_no_hash() -> None:
    ca = root(kind="rsa")
    broken = signed_hash(tampered(make("files.example", ca)), ca.der)
    assert broken is not None
    assert broken.signed is None


def test_other_signatures_show_no_hash() -> None:
    ca = root()
    assert signed_hash(make("files.example", ca).der, ca.der) is None
    assert signed_hash(b"garbage", ca.der) is None
