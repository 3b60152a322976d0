from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from transom.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead

AEADS = [AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305]


def test_chacha20_poly1305_gives_the_vector_of_rfc_8439() -> None:
    plaintext = (
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
        b"sunscreen would be it."
    )
    cipher = CHACHA20_POLY1305.cipher(bytes(range(0x80, 0xA0)))
    sealed = bytearray(len(plaintext) + 16)
    nonce = bytes.fromhex("070000004041424344454647")
    cipher.encrypt_into(nonce, plaintext, bytes.fromhex("50515253c0c1c2c3c4c5c6c7"), sealed)
    assert sealed[:16].hex() == "d31a8d34648e60db7b86afbc53ef7ec2"
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"


@pytest.mark.parametrize("aead", AEADS, ids=lambda aead: str(aead.name))
def test_an_altered_byte_does_not_open(aead: Aead) -> None:
    cipher = aead.cipher(bytes(aead.key_length))
    sealed, opened = bytearray(5 + aead.tag_length), bytearray(5)
    nonce = bytes(aead.iv_length)
    cipher.encrypt_into(nonce, b"hello", b"data", sealed)
    cipher.decrypt_into(nonce, sealed, b"data", opened)
    assert opened == b"hello"
    sealed[0] ^= 1
    with pytest.raises(InvalidTag):
        cipher.decrypt_into(nonce, sealed, b"data", opened)
