"""The packet details of a message, against goldens and against tshark's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dissect import note_messages
from tests.dissect.items import alert, change_cipher_spec, handshake, shut
from transom.dissect.field_tree import field_tree
from transom.dissect.lines import Line, Space
from transom.dissect.timeline import Message
from transom.tls.extensions.base import Extensions
from transom.tls.extensions.server_name import ServerName, ServerNameList
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.groups import ECCurveType, NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.small import NameType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.certificate import Certificate12
from transom.tls.messages.ending import Finished, NewSessionTicket13
from transom.tls.messages.frame import Frame
from transom.tls.messages.hello import ClientHello
from transom.tls.messages.key_exchange import (
    ClientKeyExchangeRSA,
    DigitallySigned,
    ServerECDHParams,
    ServerKeyExchangeECDHE,
)
from transom.wire.tap import Side

GOLDEN = Path(__file__).parent / "golden"
NOTE = {
    "client_hello": note_messages.note_client_hello,
    "server_hello": note_messages.note_server_hello,
    "certificate": note_messages.note_certificate,
}


def shown(lines: list[Line]) -> str:
    return "".join(f"{'    ' * line.depth}{line.text}\n" for line in lines)


def texts(message: Message, version: ProtocolVersion | None = None) -> list[str]:
    return [line.text for line in field_tree(message, version)]


@pytest.mark.parametrize("name", NOTE)
def test_the_three_trees_of_the_note_are_shown_as_wireshark_shows_them(name: str) -> None:
    tree = shown(field_tree(NOTE[name](), ProtocolVersion.TLSv1_2))
    assert tree == (GOLDEN / f"{name}.txt").read_text()


def test_the_sizes_of_the_three_messages_are_those_of_the_note() -> None:
    sizes = {name: (make().records[0].length, make().length) for name, make in NOTE.items()}
    assert sizes == {"client_hello": (512, 508), "server_hello": (108, 104), "certificate": (3727, 3723)}


@pytest.mark.parametrize("name", NOTE)
def test_every_line_lies_in_the_message_and_within_the_line_above_it(name: str) -> None:
    message = NOTE[name]()
    assert message.frame is not None
    around: list[Line] = []
    for line in (line for line in field_tree(message) if line.space is Space.MESSAGE):
        while around and around[-1].depth >= line.depth:
            around.pop()
        parent_offset, parent_end = (
            (around[-1].offset, around[-1].offset + around[-1].length) if around else (0, len(message.frame.raw))
        )
        assert parent_offset <= line.offset
        assert line.offset + line.length <= parent_end
        assert line.rfc
        around.append(line)


def test_the_bytes_at_a_lines_offset_are_the_bytes_it_shows() -> None:
    message = note_messages.note_certificate()
    assert message.frame is not None
    raw = message.frame.raw
    found = {line.text: raw[line.offset : line.offset + line.length] for line in field_tree(message)}
    assert found["version: v3 (2)"] == bytes.fromhex("a003020102")
    assert found["publicExponent: 65537"] == bytes.fromhex("0203010001")
    assert found["Certificate Length: 914"] == (914).to_bytes(3, "big")


def test_no_signature_is_called_encrypted() -> None:
    tree = shown(field_tree(note_messages.note_certificate()))
    assert tree.count("signature: ") == 3
    assert "encrypted" not in tree


def test_a_message_across_three_records_stands_under_the_last_of_them() -> None:
    message = note_messages.note_certificate()
    record = message.records[0]
    split = Message(**{**vars(message), "records": (record, record, record)})
    headings = [text for text in texts(split) if "Record Layer" in text]
    assert headings == [
        "TLSv1.2 Record Layer: Handshake Protocol: Certificate (fragment)",
        "TLSv1.2 Record Layer: Handshake Protocol: Certificate (fragment)",
        "TLSv1.2 Record Layer: Handshake Protocol: Certificate (last fragment)",
    ]


def test_of_a_message_in_very_many_records_the_first_are_shown_and_the_others_counted() -> None:
    message = note_messages.note_certificate()
    record = message.records[0]
    split = Message(**{**vars(message), "records": (record,) * 1000})
    lines = field_tree(split)
    assert sum("Record Layer" in line.text for line in lines) == 100
    (more,) = [line for line in lines if "more" in line.text]
    assert (more.text, more.space) == ("[900 records more]", Space.STREAM)


def test_a_message_longer_than_anybody_takes_is_not_taken_apart() -> None:
    entries = (b"\x30\0",) * (2**17 // 5)
    message = handshake(HandshakeType.certificate, Certificate12(certificate_list=entries))
    assert texts(message)[-1] == "Data (131073 bytes) [longer than 131072 bytes: not taken apart]"
    fewer = handshake(HandshakeType.certificate, Certificate12(certificate_list=entries[:-1]))
    assert len(texts(fewer)) > len(entries)


def test_a_sealed_message_shows_its_disguise_and_that_the_key_log_opened_it() -> None:
    finished = handshake(HandshakeType.finished, Finished(verify_data=bytes(48)), sealed=True)
    assert texts(finished, ProtocolVersion.TLSv1_3) == [
        "TLSv1.3 Record Layer: Handshake Protocol: Finished [opened with the key log]",
        "Opaque Type: Application Data (23)",
        "Version: TLS 1.2 (0x0303)",
        "Length: 69",
        "[Content Type: Handshake (22)]",
        "Handshake Protocol: Finished",
        "Handshake Type: Finished (20)",
        "Length: 48",
        f"Verify Data: {'00' * 36}…",
    ]


def test_a_message_that_stays_shut_is_an_encrypted_handshake_message() -> None:
    assert texts(shut(Side.CLIENT, 40), ProtocolVersion.TLSv1_2) == [
        "TLSv1.2 Record Layer: Handshake Protocol: Encrypted Handshake Message",
        "Content Type: Handshake (22)",
        "Version: TLS 1.2 (0x0303)",
        "Length: 40",
        "Handshake Protocol: Encrypted Handshake Message",
    ]


def test_alerts_and_change_cipher_spec_are_shown_though_they_are_no_handshake_messages() -> None:
    refusal = alert(Side.SERVER, AlertLevel.fatal, AlertDescription.handshake_failure)
    assert texts(refusal)[0] == "TLSv1.2 Record Layer: Alert (Level: Fatal, Description: Handshake Failure)"
    assert texts(refusal)[-3:] == ["Alert Message", "Level: Fatal (2)", "Description: Handshake Failure (40)"]
    change = texts(change_cipher_spec(Side.CLIENT))
    assert change[0] == "TLSv1.2 Record Layer: Change Cipher Spec Protocol: Change Cipher Spec"
    assert change[-1] == "Change Cipher Spec Message"


def test_key_exchanges_stand_under_the_headings_of_their_kind() -> None:
    ephemeral = ServerKeyExchangeECDHE(
        params=ServerECDHParams(
            curve_type=ECCurveType.named_curve, named_curve=NamedGroup.secp256r1, public=b"\x04" + bytes(64)
        ),
        signed_params=DigitallySigned(algorithm=SignatureScheme.rsa_pkcs1_sha256, signature=bytes(256)),
    )
    lines = texts(handshake(HandshakeType.server_key_exchange, ephemeral))
    assert [text.partition(":")[0] for text in lines[7:]] == [
        "EC Diffie-Hellman Server Params",
        "Curve Type",
        "Named Curve",
        "Pubkey Length",
        "Pubkey",
        "Signature Algorithm",
        "Signature Length",
        "Signature",
    ]
    static = texts(
        handshake(HandshakeType.client_key_exchange, ClientKeyExchangeRSA(encrypted_pre_master_secret=bytes(256)))
    )
    assert static[7:9] == ["RSA Encrypted PreMaster Secret", "Encrypted PreMaster length: 256"]


def test_a_structure_without_rows_is_shown_under_its_own_names() -> None:
    ticket = NewSessionTicket13(
        ticket_lifetime=300,
        ticket_age_add=7,
        ticket_nonce=b"\0",
        ticket=b"t",
        extensions=Extensions(),
    )
    lines = texts(handshake(HandshakeType.new_session_ticket, ticket))
    assert "Session Ticket Lifetime: 300" in lines
    assert "Session Ticket Nonce Length: 1" in lines


@pytest.mark.parametrize("cut", [3, 33, 40, 80, 120, 200])
def test_a_hello_cut_short_is_shown_as_far_as_it_made_sense(cut: int) -> None:
    whole = note_messages.client_hello().encode()
    message = note_messages.note_client_hello()
    frame = Frame.of(HandshakeType.client_hello, whole[:cut])
    broken = Message(**{**vars(message), "frame": frame, "value": None, "length": cut})
    lines = texts(broken)
    assert "Version: TLS 1.2 (0x0303)" in lines
    assert any(text.startswith("[Malformed: ") for text in lines)


@pytest.mark.parametrize("end", range(0, 914, 13))
def test_a_certificate_cut_short_is_called_malformed_and_the_rest_of_the_chain_is_shown(end: int) -> None:
    leaf, _, root = note_messages.chain()
    cut = Certificate12(certificate_list=(root[:end] or b"\0", leaf))
    lines = texts(handshake(HandshakeType.certificate, cut))
    assert sum(text.startswith("[Malformed certificate at byte ") for text in lines) == 1
    assert any("*.files.example" in text for text in lines)


def test_a_server_name_with_escape_sequences_cannot_reach_the_terminal() -> None:
    hello = ServerNameList(
        server_name_list=(ServerName(name_type=NameType.host_name, host_name=b"a\x1b[31m\xe2\x80\xae"),)
    )
    value = note_messages.client_hello()
    broken = ClientHello(**{**vars(value), "extensions": Extensions.of(hello)})
    lines = texts(handshake(HandshakeType.client_hello, broken, side=Side.CLIENT))
    assert "Server Name: a\\x1b[31m\\u202e" in lines
