"""The same captures through tshark and through our field tree: the labels of the fields must agree."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.dissect.items import at
from transom.dissect.field_tree import field_tree
from transom.dissect.timeline import Message
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import Frame
from transom.tls.messages.grammar import Grammar
from transom.tls.sightings import Record
from transom.tls.suites import KeyExchange
from transom.wire.tap import Side

CAPTURES = Path(__file__).parent.parent / "captures" / "zeek"
INDENT = 4
LONGEST_LABEL = 240
"""tshark cuts a line there (ITEM_LABEL_LENGTH)."""
LEFT_OUT = ("[JA3", "GMT Unix Time", "Random Bytes")
"""What tshark adds and is no field of the message."""


@cache
def tshark(*arguments: str) -> str:
    done = subprocess.run(["tshark", *arguments], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def tshark_message(capture: Path, title: str) -> list[tuple[int, str]]:
    """Depth and text of the lines of the first message of that title, its own line at depth 0."""
    lines = tshark("-r", str(capture), "-V", "-O", "tls").splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip() == f"Handshake Protocol: {title}")
    top = indent(lines[start])
    message = [(0, lines[start].strip())]
    for line in lines[start + 1 :]:
        if indent(line) <= top:
            break
        if not line.strip().startswith(LEFT_OUT):
            message.append(((indent(line) - top) // INDENT, line.strip()))
    return message


def indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def our_message(capture: Path, kind: HandshakeType) -> list[tuple[int, str]]:
    side, frame = next(found for found in handshakes(capture) if found[1].type is kind)
    structure = Grammar(ProtocolVersion.TLSv1_2, KeyExchange.ECDHE).structure(kind)
    assert structure is not None
    record = Record(0, ContentType.handshake, ProtocolVersion.TLSv1_2, len(frame.raw), sealed=False)
    lines = field_tree(
        Message(
            moment=at(0),
            side=side,
            step=None,
            name=kind.message,
            length=len(frame.body),
            sealed=False,
            opened=True,
            records=(record,),
            type=kind,
            frame=frame,
            value=structure.decode(frame.body),
            structure=structure,
        )
    )
    start = next(number for number, line in enumerate(lines) if line.text.startswith("Handshake Protocol: "))
    return [(line.depth - lines[start].depth, line.text) for line in lines[start:]]


def handshakes(capture: Path) -> Iterator[tuple[Side, Frame]]:
    """The plaintext handshake messages of a capture of one conversation without loss."""
    rows = tshark("-r", str(capture), "-T", "fields", "-e", "tcp.dstport", "-e", "tcp.payload", "-Y", "tcp.len > 0")
    streams = {Side.CLIENT: bytearray(), Side.SERVER: bytearray()}
    for row in rows.splitlines():
        port, payload = row.split("\t")
        streams[Side.CLIENT if port == "443" else Side.SERVER] += bytes.fromhex(payload)
    for side, stream in streams.items():
        while stream and stream[0] == ContentType.handshake:
            length = int.from_bytes(stream[3:5], "big")
            yield side, Frame(bytes(stream[5 : 5 + length]))
            del stream[: 5 + length]


def at_depth(message: list[tuple[int, str]], depth: int) -> list[str]:
    return [text for at_depth, text in message if at_depth == depth]


@pytest.mark.parametrize("name", ["ecdhe.pcap", "chrome-1250-tls-x25519-kyber.pcap"])
@pytest.mark.parametrize("kind", [HandshakeType.client_hello, HandshakeType.server_hello])
def test_the_fields_of_a_hello_are_labelled_as_in_tshark(name: str, kind: HandshakeType) -> None:
    theirs = tshark_message(CAPTURES / name, kind.title)
    ours = our_message(CAPTURES / name, kind)
    # tshark 4.0 is older than the registry's newest rows: it does not know ECH, nor ALPS's second code point.
    known = [text for text in at_depth(theirs, 1) if "Unknown" not in text]
    assert [
        text.replace("application_settings_old", "application_settings")
        for text in at_depth(ours, 1)
        if "encrypted_client_hello" not in text
    ] == known


def test_the_suites_of_a_hello_are_named_as_in_tshark() -> None:
    capture = CAPTURES / "chrome-1250-tls-x25519-kyber.pcap"

    def suites(message: list[tuple[int, str]]) -> list[str]:
        return [text for _, text in message if text.startswith("Cipher Suite: ")]

    theirs = suites(tshark_message(capture, "Client Hello"))
    assert len(theirs) == 16
    assert suites(our_message(capture, HandshakeType.client_hello)) == theirs


def test_the_fields_of_a_certificate_are_labelled_as_in_tshark_but_the_signature_is_a_signature() -> None:
    theirs = tshark_message(CAPTURES / "ecdhe.pcap", "Certificate")
    ours = our_message(CAPTURES / "ecdhe.pcap", HandshakeType.certificate)
    for depth in (1, 2, 3, 4):
        expected = [text.replace("encrypted: ", "signature: ") for text in at_depth(theirs, depth)]
        assert [text.encode()[: LONGEST_LABEL - 1].decode() for text in at_depth(ours, depth)] == expected


def test_the_fields_of_a_key_exchange_are_labelled_as_in_tshark() -> None:
    theirs = tshark_message(CAPTURES / "ecdhe.pcap", "Server Key Exchange")
    ours = our_message(CAPTURES / "ecdhe.pcap", HandshakeType.server_key_exchange)
    hex_shown = "Curve Type: named_curve (0x03)"
    assert [text for depth, text in ours if depth <= 2] == [
        "Curve Type: named_curve (3)" if text == hex_shown else text for depth, text in theirs if depth <= 2
    ]
