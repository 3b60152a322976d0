from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from transom.errors import UsageError
from transom.trust.identity import load_identity
from transom.trust.pins import parse_pins
from transom.trust.verify import accept_pinned

from .pki import Made, make, root

ROOT = root()
LEAF = make("files.example", ROOT, names=("files.example",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "chain.pem").write_bytes(LEAF.pem + ROOT.pem)
    (tmp_path / "key.pem").write_bytes(LEAF.key_pem)
    return tmp_path


def encrypted(made: Made, password: bytes, form: PrivateFormat) -> bytes:
    pem: bytes = made.key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(password))
    return pem


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "ed25519"])
def test_chain_and_key_of_each_kind_are_loaded(folder: Path, kind: str) -> None:
    made = make("files.example", ROOT, kind=kind)
    (folder / "chain.pem").write_bytes(b"a line before\n" + made.pem + ROOT.pem)
    (folder / "key.pem").write_bytes(made.key_pem)
    identity = load_identity(folder / "chain.pem", folder / "key.pem")
    assert identity.chain == (made.der, ROOT.der)
    assert identity.private_key.public_key() == made.key.public_key()


def test_what_was_saved_loads_again(folder: Path) -> None:
    identity = load_identity(folder / "chain.pem", folder / "key.pem")
    (folder / "both.pem").write_bytes(identity.chain_pem + identity.private_key_pem)
    again = load_identity(folder / "both.pem", folder / "both.pem")
    assert again.chain == identity.chain
    assert again.private_key_pem == identity.private_key_pem


def test_pin_that_a_server_prints_is_accepted_by_its_client(folder: Path) -> None:
    identity = load_identity(folder / "chain.pem", folder / "key.pem")
    assert accept_pinned(identity.chain, parse_pins(identity.pin)).leaf.subject == "files.example"


def test_private_key_is_not_in_the_text_form(folder: Path) -> None:
    assert "key" not in repr(load_identity(folder / "chain.pem", folder / "key.pem"))


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_encrypted_key_opens_with_its_password_only(folder: Path, form: PrivateFormat) -> None:
    (folder / "key.pem").write_bytes(encrypted(LEAF, b"secret", form))
    assert load_identity(folder / "chain.pem", folder / "key.pem", b"secret").private_key
    for nothing in (None, b""):
        with pytest.raises(UsageError, match=r"key\.pem: the private key is encrypted; its password is needed"):
            load_identity(folder / "chain.pem", folder / "key.pem", nothing)
    with pytest.raises(UsageError, match="the password does not open this key"):
        load_identity(folder / "chain.pem", folder / "key.pem", b"Secret")


def test_password_is_asked_for_by_the_file_and_only_when_there_is_need(folder: Path) -> None:
    asked: list[Path] = []

    def ask(key: Path) -> bytes:
        asked.append(key)
        return b"secret"

    assert load_identity(folder / "chain.pem", folder / "key.pem", ask).private_key
    assert asked == []
    (folder / "key.pem").write_bytes(encrypted(LEAF, b"secret", PrivateFormat.PKCS8))
    assert load_identity(folder / "chain.pem", folder / "key.pem", ask).private_key
    assert asked == [folder / "key.pem"]


def test_password_that_is_not_needed_does_no_harm(folder: Path) -> None:
    assert load_identity(folder / "chain.pem", folder / "key.pem", b"secret").private_key


def test_key_of_another_certificate_is_told_by_name(folder: Path) -> None:
    (folder / "key.pem").write_bytes(ROOT.key_pem)
    with pytest.raises(UsageError, match=r"key\.pem: not the key of files\.example \(ECDSA P-256\)"):
        load_identity(folder / "chain.pem", folder / "key.pem")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no PEM certificate in it"),
        (LEAF.key_pem, "no PEM certificate in it"),
        (LEAF.der, "no PEM certificate in it"),
        (LEAF.pem.replace(b"MII", b"MIJ", 1), "a certificate in it cannot be read"),
        (LEAF.pem + ROOT.pem.replace(b"\nMII", b"\nM", 1), "a certificate in it cannot be read"),
    ],
)
def test_file_without_a_readable_certificate(folder: Path, content: bytes, message: str) -> None:
    (folder / "chain.pem").write_bytes(content)
    with pytest.raises(UsageError, match=rf"chain\.pem: {message}"):
        load_identity(folder / "chain.pem", folder / "key.pem")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no PEM private key in it"),
        (LEAF.pem, "no PEM private key in it"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "the private key cannot be read"),
        (b"-----BEGIN PRIVATE KEY-----\n\xff!\n-----END PRIVATE KEY-----\n", "the private key cannot be read"),
    ],
)
def test_file_without_a_readable_key(folder: Path, content: bytes, message: str) -> None:
    (folder / "key.pem").write_bytes(content)
    with pytest.raises(UsageError, match=rf"key\.pem: {message}"):
        load_identity(folder / "chain.pem", folder / "key.pem")


def test_kind_of_key_that_tls_has_no_signature_for(folder: Path) -> None:
    key = dsa.generate_private_key(1024)
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(UsageError, match="a DSA key cannot sign for TLS"):
        load_identity(folder / "chain.pem", folder / "key.pem")


def test_missing_file_and_a_folder_in_its_place(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.pem: No such file"):
        load_identity(folder / "absent.pem", folder / "key.pem")
    with pytest.raises(UsageError, match="Is a directory"):
        load_identity(folder / "chain.pem", folder)
