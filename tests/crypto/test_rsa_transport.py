from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from transom.crypto.rsa_transport import open_premaster, seal_premaster
from transom.errors import UsageError

VERSION = bytes([3, 3])
RANDOM = bytes(range(46))


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def test_the_server_opens_what_the_client_sealed(key: RSAPrivateKey) -> None:
    premaster, ciphertext = seal_premaster(key.public_key(), VERSION, RANDOM)
    assert premaster == VERSION + RANDOM
    assert open_premaster(key, ciphertext, VERSION) == premaster


@pytest.mark.parametrize(
    "content",
    [b"", b"\3\3", VERSION + RANDOM[:-1], VERSION + RANDOM + b"\0", bytes([3, 1]) + RANDOM, bytes(200)],
    ids=["empty", "two bytes", "short", "long", "another version", "zeros"],
)
def test_a_wrong_premaster_becomes_a_random_one(key: RSAPrivateKey, content: bytes) -> None:
    ciphertext = key.public_key().encrypt(content, PKCS1v15())
    assert_random(key, ciphertext)


@pytest.mark.parametrize(
    "ciphertext",
    [b"", b"\0" * 256, b"\1" * 256, b"\xff" * 256, b"\1" * 255, b"\1" * 257],
    ids=["empty", "zero", "no padding", "beyond the modulus", "short", "long"],
)
def test_a_ciphertext_that_does_not_decrypt_becomes_a_random_one(key: RSAPrivateKey, ciphertext: bytes) -> None:
    assert_random(key, ciphertext)


def assert_random(key: RSAPrivateKey, ciphertext: bytes) -> None:
    one, other = (open_premaster(key, ciphertext, VERSION) for _ in range(2))
    assert len(one) == len(other) == 48
    assert one != other


def test_a_premaster_of_another_length_is_not_sealed(key: RSAPrivateKey) -> None:
    with pytest.raises(UsageError, match="48"):
        seal_premaster(key.public_key(), VERSION, RANDOM[1:])
