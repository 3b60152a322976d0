"""What every opener and sealer promises, whatever the version and the cipher."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead
from transom.errors import PeerMisbehaved, UsageError
from transom.tls.iana.content_types import ContentType
from transom.tls.record.deframer import Deframer
from transom.tls.record.header import MAX_PLAINTEXT, read_header, write_header
from transom.tls.record.plain import PlainOpener, PlainSealer
from transom.tls.record.protection import MAX_SEQUENCE, Opened, Opener, ProtectedSealer, Sealer
from transom.tls.record.protection12 import Opener12, Sealer12
from transom.tls.record.protection13 import Opener13, Sealer13
from transom.tls.record.run import Run
from transom.tls.record.sealing_room import CONTENTS, RECORDS, SealingRooms
from transom.tls.record.traffic_keys import TrafficKeys

DATA, HANDSHAKE, ALERT = ContentType.application_data, ContentType.handshake, ContentType.alert
Pair = tuple[Sealer, Opener]
ProtectedPair = tuple[ProtectedSealer, Opener]


def keys(aead: Aead, iv_length: int) -> TrafficKeys:
    return TrafficKeys(aead, bytes(range(aead.key_length)), bytes(range(iv_length)))


def of_13(aead: Aead) -> ProtectedPair:
    return Sealer13(keys(aead, 12)), Opener13(keys(aead, 12))


def of_12(aead: Aead, iv_length: int) -> ProtectedPair:
    return Sealer12(keys(aead, iv_length)), Opener12(keys(aead, iv_length))


PROTECTED: dict[str, Callable[[], ProtectedPair]] = {
    "1.3 AES-128-GCM": lambda: of_13(AES_128_GCM),
    "1.3 AES-256-GCM": lambda: of_13(AES_256_GCM),
    "1.3 ChaCha20": lambda: of_13(CHACHA20_POLY1305),
    "1.2 AES-128-GCM": lambda: of_12(AES_128_GCM, 4),
    "1.2 AES-256-GCM": lambda: of_12(AES_256_GCM, 4),
    "1.2 ChaCha20": lambda: of_12(CHACHA20_POLY1305, 12),
}
ALL: dict[str, Callable[[], Pair]] = {"plain": lambda: (PlainSealer(), PlainOpener()), **PROTECTED}
every_pair = pytest.mark.parametrize("pair", ALL.values(), ids=ALL)
every_protected_pair = pytest.mark.parametrize("pair", PROTECTED.values(), ids=PROTECTED)


def as_run(wire: bytes | bytearray) -> Run:
    [run] = Deframer().receive(wire)
    return run


def open_all(opener: Opener, wire: bytes | bytearray) -> list[Opened]:
    pieces: list[Opened] = []
    for run in Deframer().receive(wire):
        index = 0
        while index < len(run):
            pieces.append(opener.open(run, index, memoryview(bytearray(len(run.view)))))
            index += pieces[-1].records
    return pieces


def refuse(opener: Opener, wire: bytes | bytearray) -> PeerMisbehaved:
    with pytest.raises(PeerMisbehaved) as refusal:
        open_all(opener, wire)
    return refusal.value


@every_pair
@pytest.mark.parametrize("length", [1, MAX_PLAINTEXT - 1, MAX_PLAINTEXT, MAX_PLAINTEXT + 1, 3 * MAX_PLAINTEXT])
def test_what_is_sealed_opens_again_whatever_its_length(pair: Callable[[], Pair], length: int) -> None:
    sealer, opener = pair()
    content = bytes(range(251)) * (length // 251 + 1)
    for _ in range(2):  # the second time with numbers that are not zero
        wire = sealer.seal(DATA, content[:length])
        assert len(wire) == sealer.sealed_size(length)
        assert b"".join(bytes(piece.data) for piece in open_all(opener, wire)) == content[:length]


@every_pair
def test_nothing_is_sealed_as_no_record(pair: Callable[[], Pair]) -> None:
    sealer, _ = pair()
    assert sealer.seal(DATA, b"") == b""
    assert sealer.sequence == 0


@every_protected_pair
def test_application_data_of_a_run_comes_in_one_piece(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    wire = sealer.seal(DATA, bytes(40_000)) + sealer.seal(DATA, b"and more")
    [piece] = open_all(opener, wire)
    assert (piece.content_type, piece.records, piece.protected) == (DATA, 4, True)
    assert bytes(piece.data) == bytes(40_000) + b"and more"


@every_protected_pair
def test_a_record_of_another_type_comes_alone_and_stops_the_run(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    wire = sealer.seal(DATA, b"one") + sealer.seal(HANDSHAKE, b"two") + sealer.seal(HANDSHAKE, b"three")
    wire += sealer.seal(DATA, b"four") + sealer.seal(ALERT, b"\1\0")
    pieces = [(piece.content_type, bytes(piece.data), piece.records) for piece in open_all(opener, wire)]
    assert pieces == [
        (DATA, b"one", 1),
        (HANDSHAKE, b"two", 1),
        (HANDSHAKE, b"three", 1),
        (DATA, b"four", 1),
        (ALERT, b"\1\0", 1),
    ]


@every_protected_pair
def test_what_follows_a_key_change_is_left_for_the_next_opener(pair: Callable[[], Pair]) -> None:
    (sealer, opener), (next_sealer, _) = pair(), pair()
    next_sealer.sequence = 1000  # stands for other keys
    run = as_run(sealer.seal(HANDSHAKE, b"key update") + next_sealer.seal(DATA, b"later"))
    out = memoryview(bytearray(len(run.view)))
    assert opener.open(run, 0, out).records == 1
    with pytest.raises(PeerMisbehaved):
        opener.open(run, 1, out)
    opener.sequence = 1000
    assert bytes(opener.open(run, 1, out).data) == b"later"


@every_protected_pair
@pytest.mark.parametrize("place", [2, 5, 12, -1])
def test_any_altered_byte_is_a_bad_record_mac_and_the_number_stays(pair: Callable[[], Pair], place: int) -> None:
    sealer, opener = pair()
    wire = sealer.seal(DATA, b"content of a record")
    wire[place] ^= 1
    refusal = refuse(opener, wire)
    assert refusal.alert == "bad_record_mac"
    assert refusal.where == "protected record 0 at byte 0"
    assert opener.sequence == 0


@every_protected_pair
def test_good_records_before_a_bad_one_are_given_out_first(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    wire = sealer.seal(DATA, b"good") + sealer.seal(DATA, b"bad")
    wire[-1] ^= 1
    run = as_run(wire)
    out = memoryview(bytearray(len(wire)))
    first = opener.open(run, 0, out)
    assert (bytes(first.data), first.records) == (b"good", 1)
    with pytest.raises(PeerMisbehaved, match="protected record 1"):
        opener.open(run, 1, out)


@every_protected_pair
@pytest.mark.parametrize("length", [0, 1, 15, 16, 23])
def test_a_fragment_too_short_for_its_tag_is_a_bad_record_mac(pair: Callable[[], Pair], length: int) -> None:
    _, opener = pair()
    assert refuse(opener, write_header(DATA, length) + bytes(length)).alert == "bad_record_mac"


@every_protected_pair
def test_a_record_out_of_order_does_not_open_and_is_found_by_its_number(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    sealer.sequence = 7
    wire = sealer.seal(DATA, b"seventh")
    assert refuse(opener, wire).alert == "bad_record_mac"
    [record] = as_run(wire)
    found = [number for number in range(10) if opener.try_open(number, record)]
    assert found == [7]
    assert opener.sequence == 0
    opener.sequence = 7
    assert bytes(open_all(opener, wire)[0].data) == b"seventh"


@every_protected_pair
def test_sequence_numbers_never_wrap(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    sealer.sequence = opener.sequence = MAX_SEQUENCE - 1
    wire = sealer.seal(ContentType.alert, b"\1\0")
    with pytest.raises(UsageError, match="all the records"):
        sealer.seal(ContentType.alert, b"\1\0")
    open_all(opener, wire)
    opener.sequence = MAX_SEQUENCE + 1
    assert refuse(opener, wire).rfc == "8446 §5.3"


@every_protected_pair
def test_keys_protect_no_more_data_than_their_cipher_bears_and_then_an_alert(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    sealer.sequence = opener.sequence = sealer.most_data_records - 1
    wire = sealer.seal(DATA, b"last")
    with pytest.raises(UsageError, match="all the records"):
        sealer.seal(DATA, b"one too many")
    if sealer.sequence < MAX_SEQUENCE:
        wire += sealer.seal(ContentType.alert, b"\1\0")
    open_all(opener, wire)


@every_pair
def test_a_buffer_too_small_to_seal_into_is_a_usage_error(pair: Callable[[], Pair]) -> None:
    sealer, _ = pair()
    with pytest.raises(UsageError, match="takes a buffer of"):
        sealer.seal_into(DATA, b"hello", memoryview(bytearray(9)))
    assert sealer.sequence == 0


@every_protected_pair
def test_a_buffer_too_small_to_open_into_is_a_usage_error(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    run = as_run(sealer.seal(DATA, b"hello"))
    with pytest.raises(UsageError, match="takes a buffer as large"):
        opener.open(run, 0, memoryview(bytearray(len(run.view) - 1)))


@every_pair
def test_handshake_records_with_nothing_in_them_are_refused(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    wire = seal_empty(sealer, HANDSHAKE)
    assert refuse(opener, wire).alert == "unexpected_message"


@every_pair
def test_application_data_with_nothing_in_it_is_a_record_like_any_other(pair: Callable[[], Pair]) -> None:
    sealer, opener = pair()
    wire = seal_empty(sealer, DATA) + sealer.seal(DATA, b"then some")
    assert b"".join(bytes(piece.data) for piece in open_all(opener, wire)) == b"then some"


def seal_empty(sealer: Sealer, content_type: ContentType) -> bytearray:
    """An empty record, which our sealers never make of themselves."""
    out = bytearray(sealer.overhead)
    sealer._seal_one(content_type, memoryview(b""), memoryview(out))
    return out


@settings(max_examples=40, deadline=None)
@given(contents=st.lists(st.tuples(st.sampled_from([DATA, HANDSHAKE]), st.binary(min_size=1, max_size=50))))
def test_any_mixture_of_records_comes_back_in_order(contents: list[tuple[ContentType, bytes]]) -> None:
    for pair in PROTECTED.values():
        sealer, opener = pair()
        wire = b"".join(bytes(sealer.seal(kind, content)) for kind, content in contents)
        pieces = open_all(opener, wire) if wire else []
        for kind in (DATA, HANDSHAKE):
            opened = b"".join(bytes(piece.data) for piece in pieces if piece.content_type is kind)
            assert opened == b"".join(content for each, content in contents if each is kind)


@every_protected_pair
def test_every_record_says_version_1_2_and_hides_what_it_can(pair: Callable[[], Pair]) -> None:
    sealer, _ = pair()
    header = read_header(sealer.seal(HANDSHAKE, b"finished"))
    assert header.version == 0x0303
    assert header.content_type == (DATA if isinstance(sealer, Sealer13) else HANDSHAKE)


def test_a_first_hello_may_say_version_1_0() -> None:
    assert PlainSealer(0x0301).seal(HANDSHAKE, b"hello") == bytes.fromhex("1603010005") + b"hello"


def test_a_plain_record_longer_than_a_record_may_be_is_an_overflow() -> None:
    wire = write_header(HANDSHAKE, MAX_PLAINTEXT + 1) + bytes(MAX_PLAINTEXT + 1)
    assert refuse(PlainOpener(), wire).alert == "record_overflow"


@every_protected_pair
@pytest.mark.parametrize("records", [1, CONTENTS, CONTENTS + 1, RECORDS])
def test_what_is_sealed_in_a_room_is_what_is_sealed_from_a_buffer(
    pair: Callable[[], ProtectedPair], records: int
) -> None:
    sealer, opener = pair()
    content = bytes(number * 31 % 253 for number in range(records * MAX_PLAINTEXT))
    room, left = sealer.room_for_data(SealingRooms()), memoryview(content)

    def fill(slots: Sequence[memoryview]) -> None:
        nonlocal left
        for slot in slots:
            slot[:], left = left[: len(slot)], left[len(slot) :]

    wire = bytes(sealer.seal_room(room, room.take_wire(), records, fill))
    assert wire == pair()[0].seal(DATA, content)
    assert sealer.sequence == records
    assert b"".join(bytes(piece.data) for piece in open_all(opener, wire)) == content


@every_protected_pair
def test_a_room_is_sealed_no_more_often_than_the_keys_allow(pair: Callable[[], ProtectedPair]) -> None:
    sealer, _ = pair()
    sealer.sequence = sealer.most_data_records - 1
    room = sealer.room_for_data(SealingRooms())
    with pytest.raises(UsageError, match="all the records they may"):
        sealer.seal_room(room, room.take_wire(), 2, lambda slots: pytest.fail("nothing is to be read"))


@every_protected_pair
@pytest.mark.parametrize("bad", range(6))
def test_of_records_that_are_alike_those_before_a_broken_one_are_opened(
    pair: Callable[[], ProtectedPair], bad: int
) -> None:
    sealer, opener = pair()
    records = [bytearray(sealer.seal(DATA, bytes([number]) * 50)) for number in range(6)]
    records[bad][-1] ^= 1
    [run] = Deframer().receive(b"".join(records))
    assert run.header is not None
    room = memoryview(bytearray(len(run.view)))
    if bad:
        opened = opener.open(run, 0, room)
        assert opened.records == bad
        assert bytes(opened.data) == b"".join(bytes([number]) * 50 for number in range(bad))
    with pytest.raises(PeerMisbehaved) as refusal:
        opener.open(run, bad, room)
    assert refusal.value.alert == "bad_record_mac"


def test_of_records_that_are_alike_one_of_another_kind_comes_alone() -> None:
    """In TLS 1.3 a handshake message looks like data from outside."""
    sealer, opener = of_13(AES_128_GCM)
    kinds = [DATA, DATA, HANDSHAKE, DATA, ALERT]
    wire = b"".join(sealer.seal(kind, bytes([number]) * 50) for number, kind in enumerate(kinds))
    [run] = Deframer().receive(wire)
    assert run.header is not None
    opened = [(piece.content_type, piece.records) for piece in open_all(opener, wire)]
    assert opened == [(DATA, 2), (HANDSHAKE, 1), (DATA, 1), (ALERT, 1)]


@every_protected_pair
@pytest.mark.parametrize("bad", [None, 0, 2, 4])
def test_empty_records_that_are_alike_are_opened_each(pair: Callable[[], ProtectedPair], bad: int | None) -> None:
    sealer, opener = pair()
    records = [seal_empty(sealer, DATA) for _ in range(5)]
    if bad is None:
        pieces = open_all(opener, b"".join(records))
        assert sum(piece.records for piece in pieces) == opener.sequence == 5
        return
    records[bad][-1] ^= 1
    assert refuse(opener, b"".join(records)).alert == "bad_record_mac"
    assert opener.sequence == bad


@every_protected_pair
def test_records_in_memory_that_is_used_again_are_the_new_ones(pair: Callable[[], ProtectedPair]) -> None:
    """Received into one buffer and opened into one, as a connection does it: what was cut for the last serves again."""
    sealer, opener = pair()
    deframer, room = Deframer(), memoryview(bytearray(100_000))
    received = memoryview(bytearray(4 * (1000 + sealer.overhead)))
    for turn, length in enumerate([1000, 1000, 1000, 300, 1000]):
        records = [sealer.seal(DATA, bytes([turn, number]) * (length // 2)) for number in range(4)]
        wire = b"".join(records)
        received[: len(wire)] = wire
        [run] = deframer.receive(received if len(wire) == len(received) else received[: len(wire)])
        opened = opener.open(run, 0, room)
        assert opened.records == 4
        assert bytes(opened.data) == b"".join(bytes([turn, number]) * (length // 2) for number in range(4))
