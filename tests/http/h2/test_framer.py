"""Frames cut out of a stream, however it comes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.condensed import splits
from tests.http.h2.made import DATA, END_STREAM, HEADERS, PADDED, PING, SETTINGS, data, frame
from transom.http.h2 import frames
from transom.http.h2.framer import MOST_PAYLOAD, DataStretch, Frame, FrameReader
from transom.http.h2.frames import FrameHeader, FrameType
from transom.wire.struct import Struct


@settings(deadline=None)
@given(st.integers(0, 2**24 - 1), st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_the_header_read_by_hand_is_the_declared_one(length: int, kind: int, flags: int, stream: int) -> None:
    header = FrameHeader(length=length, type=FrameType(kind), flags=flags, stream_identifier=stream).encode()
    reader = FrameReader()
    found = list(reader.receive(memoryview(header + bytes(min(length, 1)))))
    assert FrameHeader.decode(header).length == length
    assert reader.stream == stream & frames.STREAM_BITS
    if not length:
        piece, *_ = found  # that padding is not there is said before it
        assert isinstance(piece, DataStretch if kind == DATA else Frame)
        assert piece.stream == stream & frames.STREAM_BITS


@pytest.mark.parametrize(
    ("structure", "payload"),
    [
        (frames.Settings, "000100001000 000300000064"),
        (frames.PriorityFields, "80000003 10"),
        (frames.RstStream, "00000008"),
        (frames.Ping, "0123456789abcdef"),
        (frames.GoAway, "00000005 00000002 6f6f7073"),
        (frames.WindowUpdate, "0000ffff"),
    ],
)
def test_a_payload_is_built_as_it_was_read(structure: type[Struct], payload: str) -> None:
    as_bytes = bytes.fromhex(payload)
    assert structure.decode(as_bytes).encode() == as_bytes
    assert structure.look(as_bytes + b"\0").value is None or structure is frames.GoAway


STREAM = b"".join((
    frame(SETTINGS, 0, 0, bytes(6)),
    data(1, b"hello", padding=3),
    data(3, b"", ends=True),
    data(1, b"", ends=True, padding=0),
    frame(HEADERS, 4, 5, b"\x82"),
    frame(0xBE, 0xFF, 7, b"what is this"),
    data(5, b"12345678901234567890", ends=True),
    frame(PING, 0, 0, bytes(8)),
))  # fmt: skip


@pytest.mark.parametrize("cut", splits(STREAM))
def test_frames_do_not_depend_on_how_they_come(cut: tuple[bytes, ...]) -> None:
    assert _read(*cut) == [
        ("SETTINGS", 0, bytes(6)),
        (1, b"hello", False),
        (3, b"", True),
        (1, b"", True),
        ("HEADERS", 5, b"\x82"),
        ("unknown(0xbe)", 7, b"what is this"),
        (5, b"12345678901234567890", True),
        ("PING", 0, bytes(8)),
    ]


def test_padding_that_is_longer_than_the_frame_is_said_and_the_next_frame_is_read() -> None:
    wrong = frame(DATA, PADDED | END_STREAM, 1, b"\x09hello")
    first, last, behind = FrameReader().receive(memoryview(wrong + frame(PING, 0, 0, bytes(8))))
    assert isinstance(first, DataStretch)
    assert first.malformed == "6 bytes, and 10 in padding and what precedes it"
    assert isinstance(last, DataStretch)
    assert (bytes(last.data), last.ends_stream) == (b"", True)
    assert isinstance(behind, Frame)
    assert behind.type is FrameType.PING


def test_a_frame_that_is_too_large_is_passed_over_without_being_held() -> None:
    reader = FrameReader()
    length = 2**24 - 1
    assert list(reader.receive(memoryview(length.to_bytes(3, "big") + bytes((0x20, 0, 0, 0, 0, 0))))) == []
    for _ in range(15):
        assert list(reader.receive(memoryview(bytes(2**20)))) == []
    found = list(reader.receive(memoryview(bytes(2**20 - 1) + frame(PING, 0, 0, bytes(8)))))
    assert [(piece.end - piece.start, isinstance(piece, Frame) and piece.payload) for piece in found] == [
        (length + 9, None),
        (17, bytes(8)),
    ]
    assert length > MOST_PAYLOAD


def test_content_that_is_known_to_have_gone_by_needs_not_be_seen() -> None:
    reader = FrameReader()
    whole = data(1, b"0123456789", ends=True, padding=2)
    assert not [piece for piece in reader.receive(memoryview(whole[:12])) if not isinstance(piece, DataStretch)]
    left = reader.content_left
    assert left == 8
    reader.passed(left)
    (last,) = reader.receive(memoryview(whole[-2:]))
    assert isinstance(last, DataStretch)
    assert (bytes(last.data), last.ends_frame, last.ends_stream, reader.position) == (b"", True, True, len(whole))


def _read(*pieces: bytes) -> list[tuple[object, ...]]:
    reader = FrameReader()
    found: list[tuple[object, ...]] = []
    content = b""
    for piece in pieces:
        for part in reader.receive(memoryview(piece)):
            if isinstance(part, Frame):
                found.append((part.type.name, part.stream, part.payload))
                continue
            content += bytes(part.data)
            if part.ends_frame:
                found.append((part.stream, content, part.ends_stream))
                content = b""
    return found
