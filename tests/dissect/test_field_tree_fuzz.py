"""Whatever bytes a peer sends, a field tree is lines: no error, no control character, no offset beyond the message."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dissect import note_messages
from tests.dissect.items import handshake
from transom.dissect.field_tree import field_tree
from transom.dissect.lines import Space
from transom.dissect.timeline import Message
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.certificate import Certificate12
from transom.tls.messages.frame import Frame
from transom.tls.messages.grammar import Grammar
from transom.tls.suites import KeyExchange

CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), *range(0x2028, 0x202F)])
CHAIN = note_messages.chain()
CHANGES = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4)
GRAMMARS = [Grammar(ProtocolVersion.TLSv1_3)] + [
    Grammar(ProtocolVersion.TLSv1_2, exchange) for exchange in (KeyExchange.ECDHE, KeyExchange.RSA, KeyExchange.DHE)
]


def changed(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    out = bytearray(data)
    for place, octet in changes:
        out[place % len(out)] = octet
    return bytes(out)


def assert_fit_to_show(message: Message) -> None:
    assert message.frame is not None
    for line in field_tree(message):
        assert line.text == line.text.translate(CONTROLS)
        if line.space is Space.MESSAGE:
            assert 0 <= line.offset <= line.offset + line.length <= len(message.frame.raw)


@settings(max_examples=80, deadline=None)
@given(number=st.integers(0, 2), changes=CHANGES)
def test_a_certificate_with_changed_bytes(number: int, changes: list[tuple[int, int]]) -> None:
    value = Certificate12(certificate_list=(changed(CHAIN[number], changes),))
    assert_fit_to_show(handshake(HandshakeType.certificate, value))


@settings(max_examples=80, deadline=None)
@given(kind=st.sampled_from(list(HandshakeType)), grammar=st.sampled_from(GRAMMARS), body=st.binary(max_size=300))
def test_any_message_with_any_body(kind: HandshakeType, grammar: Grammar, body: bytes) -> None:
    base = note_messages.note_server_hello()
    structure = grammar.structure(kind)
    assert_fit_to_show(replace(base, type=kind, frame=Frame.of(kind, body), value=None, structure=structure))


@settings(max_examples=40, deadline=None)
@given(changes=CHANGES)
def test_a_client_hello_with_changed_bytes(changes: list[tuple[int, int]]) -> None:
    base = note_messages.note_client_hello()
    body = changed(note_messages.client_hello().encode(), changes)
    assert_fit_to_show(replace(base, frame=Frame.of(HandshakeType.client_hello, body), value=None))
