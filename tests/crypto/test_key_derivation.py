"""HKDF and the TLS 1.2 PRF against published vectors."""

from __future__ import annotations

import pytest

from transom.crypto.hashes import Hash
from transom.crypto.hkdf import derive_secret, hkdf_expand, hkdf_expand_label, hkdf_extract
from transom.crypto.prf import prf
from transom.errors import UsageError

unhex = bytes.fromhex


def test_hkdf_gives_the_first_vector_of_rfc_5869() -> None:
    key = hkdf_extract(unhex("000102030405060708090a0b0c"), b"\x0b" * 22, Hash.SHA256)
    assert key == unhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    assert hkdf_expand(key, unhex("f0f1f2f3f4f5f6f7f8f9"), 42, Hash.SHA256) == unhex(
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_hkdf_gives_the_long_vector_of_rfc_5869() -> None:
    key = hkdf_extract(bytes(range(0x60, 0xB0)), bytes(range(0x50)), Hash.SHA256)
    assert key == unhex("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244")
    assert hkdf_expand(key, bytes(range(0xB0, 0x100)), 82, Hash.SHA256) == unhex(
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
        "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
        "cc30c58179ec3e87c14c01d5c1f3434f1d87"
    )


def test_hkdf_without_salt_and_info_gives_the_third_vector_of_rfc_5869() -> None:
    key = hkdf_extract(b"", b"\x0b" * 22, Hash.SHA256)
    assert key == unhex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04")
    assert hkdf_expand(key, b"", 42, Hash.SHA256) == unhex(
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_the_derived_secret_of_no_psk_is_the_one_in_rfc_8448() -> None:
    early = hkdf_extract(bytes(32), bytes(32), Hash.SHA256)
    assert derive_secret(early, b"derived", Hash.SHA256.digest(b""), Hash.SHA256) == unhex(
        "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"
    )


def test_hkdf_expand_label_writes_length_label_and_context_into_its_info() -> None:
    info = unhex("0010") + bytes([11]) + b"tls13 label" + bytes([3]) + b"abc"
    secret = bytes(range(48))
    expected = hkdf_expand(secret, info, 16, Hash.SHA384)
    assert hkdf_expand_label(secret, b"label", b"abc", 16, Hash.SHA384) == expected


@pytest.mark.parametrize("algorithm", [Hash.SHA256, Hash.SHA384, Hash.SHA512])
def test_hkdf_gives_255_hashes_and_no_more(algorithm: Hash) -> None:
    assert len(hkdf_expand(bytes(32), b"", 255 * algorithm.size, algorithm)) == 255 * algorithm.size
    with pytest.raises(UsageError, match="at most"):
        hkdf_expand(bytes(32), b"", 255 * algorithm.size + 1, algorithm)


def test_a_label_too_long_for_its_length_byte_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="249"):
        hkdf_expand_label(bytes(32), b"x" * 250, b"", 32, Hash.SHA256)


@pytest.mark.parametrize(
    ("algorithm", "secret", "seed", "output"),
    [
        # The vectors posted to the IETF TLS working group's list for TLS 1.2 implementers, in wide use since.
        (
            Hash.SHA256,
            "9bbe436ba940f017b17652849a71db35",
            "a0ba9f936cda311827a6f796ffd5198c",
            (
                "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
                "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
                "87347b66"
            ),
        ),
        (
            Hash.SHA384,
            "b80b733d6ceefcdc71566ea48e5567df",
            "cd665cf6a8447dd6ff8b27555edb7465",
            (
                "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0"
                "e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
                "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e099070"
                "3d73e56f"
            ),
        ),
    ],
    ids=["sha256", "sha384"],
)
def test_the_prf_gives_the_published_vector(algorithm: Hash, secret: str, seed: str, output: str) -> None:
    expected = unhex(output)
    assert prf(unhex(secret), b"test label", unhex(seed), len(expected), algorithm) == expected


def test_a_hash_copied_midway_goes_on_by_itself() -> None:
    running = Hash.SHA384.new(b"one")
    copy = running.copy()
    running.update(b"two")
    assert copy.digest() == Hash.SHA384.digest(b"one")
    assert running.digest() == Hash.SHA384.digest(b"onetwo")
    assert len(running.digest()) == Hash.SHA384.size
