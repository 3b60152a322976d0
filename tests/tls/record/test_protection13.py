"""What only TLS 1.3 has: the hidden content type, padding, records in the clear among protected ones."""

from __future__ import annotations

import pytest

from transom.crypto.aead import AES_128_GCM, CHACHA20_POLY1305
from transom.errors import PeerMisbehaved
from transom.tls.iana.content_types import ContentType
from transom.tls.record.deframer import Deframer
from transom.tls.record.header import MAX_PLAINTEXT, write_header
from transom.tls.record.protection import Opened
from transom.tls.record.protection13 import Opener13, Sealer13
from transom.tls.record.run import Run
from transom.tls.record.traffic_keys import TrafficKeys

KEYS = TrafficKeys(AES_128_GCM, bytes(range(16)), bytes(range(12)))
DATA, HANDSHAKE = ContentType.application_data, ContentType.handshake


def seal_inner(inner: bytes, sequence: int = 0) -> bytes:
    """A record with any inner plaintext at all: what a misbehaving peer sends."""
    header = write_header(DATA, len(inner) + 16)
    sealed = bytearray(len(inner) + 16)
    nonce = (int.from_bytes(KEYS.iv, "big") ^ sequence).to_bytes(12, "big")
    KEYS.aead.cipher(KEYS.key).encrypt_into(nonce, inner, header, sealed)
    return header + bytes(sealed)


def as_run(wire: bytes) -> Run:
    [run] = Deframer().receive(wire)
    return run


def open_first(wire: bytes, opener: Opener13 | None = None) -> Opened:
    return (opener or Opener13(KEYS)).open(as_run(wire), 0, memoryview(bytearray(len(wire))))


def test_padding_is_taken_off() -> None:
    opener = Opener13(KEYS)
    assert open_first(seal_inner(b"hello\x17" + bytes(100)), opener) == Opened(
        DATA, memoryview(b"hello"), 1, protected=True
    )
    assert open_first(seal_inner(b"done\x16\0", sequence=1), opener) == Opened(
        HANDSHAKE, memoryview(b"done"), 1, protected=True
    )
    assert open_first(seal_inner(b"\x17" + bytes(9), sequence=2), opener) == Opened(
        DATA, memoryview(b""), 1, protected=True
    )


def test_content_that_ends_in_zeros_keeps_them() -> None:
    assert bytes(open_first(seal_inner(b"a\0\0\0\x17")).data) == b"a\0\0\0"


def test_padded_records_among_others_keep_their_order() -> None:
    wire = seal_inner(b"one\x17") + seal_inner(b"two\x17\0\0", 1) + seal_inner(b"three\x17", 2)
    opener, run, index, contents = Opener13(KEYS), as_run(wire), 0, b""
    while index < len(run):
        piece = opener.open(run, index, memoryview(bytearray(len(wire))))
        contents += bytes(piece.data)
        index += piece.records
    assert contents == b"onetwothree"


@pytest.mark.parametrize(
    ("inner", "alert"),
    [
        (b"\0", "unexpected_message"),
        (bytes(1000), "unexpected_message"),
        (bytes(MAX_PLAINTEXT) + b"\0\x17", "record_overflow"),
        (b"\x17" + bytes(MAX_PLAINTEXT + 1), "record_overflow"),
        (b"\x16", "unexpected_message"),
        (b"\x15\0\0", "unexpected_message"),
    ],
    ids=["one zero", "padding alone", "too long", "too long by padding", "empty handshake", "empty alert"],
)
def test_an_inner_plaintext_that_may_not_be_is_refused(inner: bytes, alert: str) -> None:
    opener = Opener13(KEYS)
    with pytest.raises(PeerMisbehaved) as refusal:
        open_first(seal_inner(inner), opener)
    assert refusal.value.alert == alert
    assert opener.sequence == 0


def test_the_longest_content_passes_with_no_room_for_padding() -> None:
    assert open_first(seal_inner(bytes(MAX_PLAINTEXT) + b"\x17")).data == bytes(MAX_PLAINTEXT)


def test_a_record_in_the_clear_is_given_as_such_and_takes_no_number() -> None:
    opener = Opener13(KEYS)
    wire = bytes.fromhex("140303000101") + seal_inner(b"hello\x17")
    run = as_run(wire)
    out = memoryview(bytearray(len(wire)))
    assert opener.open(run, 0, out) == Opened(ContentType.change_cipher_spec, memoryview(b"\1"), 1, protected=False)
    assert opener.open(run, 1, out) == Opened(DATA, memoryview(b"hello"), 1, protected=True)


def test_a_record_in_the_clear_ends_a_run_of_protected_ones() -> None:
    piece = open_first(seal_inner(b"hello\x17") + bytes.fromhex("150303000201") + b"\x28")
    assert piece == Opened(DATA, memoryview(b"hello"), 1, protected=True)


def test_half_of_what_a_key_may_protect_asks_for_a_key_update() -> None:
    sealer = Sealer13(KEYS)
    assert not sealer.needs_key_update
    sealer.sequence = 23_726_566 // 2
    assert sealer.needs_key_update


def test_chacha20_lasts_as_long_as_the_sequence_number() -> None:
    sealer = Sealer13(TrafficKeys(CHACHA20_POLY1305, bytes(32), bytes(12)))
    sealer.sequence = 2**62
    assert not sealer.needs_key_update
