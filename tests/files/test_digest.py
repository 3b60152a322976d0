from __future__ import annotations

import base64
import hashlib

import pytest

from transom.errors import TransferError, UsageError
from transom.files.digest import EXIT_DIGEST_DIFFERS, Digest, parse_checksum

SHA256 = hashlib.sha256(b"hello").digest()
SHA512 = hashlib.sha512(b"hello").digest()


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("sha-256=" + SHA256.hex(), Digest("sha-256", SHA256)),
        ("SHA-256=" + SHA256.hex().upper(), Digest("sha-256", SHA256)),
        ("sha-256=" + base64.b64encode(SHA256).decode(), Digest("sha-256", SHA256)),
        ("sha-512=" + SHA512.hex(), Digest("sha-512", SHA512)),
        (" sha-512 = " + base64.b64encode(SHA512).decode(), Digest("sha-512", SHA512)),
    ],
)
def test_a_checksum_is_read_in_hexadecimal_and_base64(text: str, digest: Digest) -> None:
    assert parse_checksum(text) == digest


@pytest.mark.parametrize(
    "text",
    [
        "",
        SHA256.hex(),
        "md5=" + "0" * 32,
        "sha256=" + SHA256.hex(),
        "sha-256=",
        "sha-256=" + SHA256.hex()[:-2],
        "sha-256=" + "g" * 64,
        "sha-256=" + SHA512.hex(),
        "sha-512=" + SHA256.hex(),
        "sha-256=" + base64.b64encode(SHA256).decode()[:-1],
        "sha-256=" + "é" * 44,
    ],
)
def test_a_checksum_that_is_none_is_the_callers_error(text: str) -> None:
    with pytest.raises(UsageError, match=r"sha-(256|512)"):
        parse_checksum(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"{SHA256.hex()}  f.bin", "sha-256"),
        (f"sha-256={SHA256.hex()}  -", "sha-256"),
        (f"{SHA256.hex().upper()} *f.bin", "sha-256"),
        (f"sha256={SHA256.hex()}", "sha-256"),
        (f"sha256:{SHA256.hex()}", "sha-256"),
        (f"SHA256 (f.bin) = {SHA256.hex()}", "sha-256"),
        (SHA512.hex(), "sha-512"),
    ],
)
def test_a_line_as_sha256sum_prints_it_is_answered_with_what_to_type(text: str, name: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_checksum(text)
    typed = str(refused.value).rpartition(": expected --checksum ")[2]
    assert typed.startswith(f"{name}=")
    assert parse_checksum(typed).value in (SHA256, SHA512)


def test_digits_under_another_name_are_no_sha_256() -> None:
    with pytest.raises(UsageError, match=r"expected sha-256=VALUE or sha-512=VALUE"):
        parse_checksum(f"sha3-256={SHA256.hex()}")


def test_a_digest_that_differs_is_an_error_with_an_exit_code_of_its_own() -> None:
    digest = Digest("sha-256", SHA256)
    digest.check(SHA256, "file")
    with pytest.raises(TransferError, match=SHA256.hex()) as failure:
        digest.check(bytes(32), "file")
    assert failure.value.exit_code == EXIT_DIGEST_DIFFERS
    with pytest.raises(TransferError, match="unknown"):
        digest.check(None, "file")


def test_a_digest_is_written_as_it_is_read() -> None:
    assert parse_checksum(str(Digest("sha-512", SHA512))) == Digest("sha-512", SHA512)
