"""A connection beyond its handshake scripts: records, alerts, floods, ends, and what comes after the handshake."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.tls.shuttle import NAME, Shuttle, client_config, identity, server_config
from transom.errors import DecodeError, PeerAlerted, PeerError, PeerMisbehaved, Truncated, UsageError
from transom.tls.connection import Connection, PeerFinished, PlaintextReceived, client_connection, server_connection
from transom.tls.extensions.base import ExtensionBody, Extensions
from transom.tls.extensions.pre_shared_key import EarlyDataIndication
from transom.tls.handshake import client as client_script
from transom.tls.handshake.client_hello import Offered, first_hello, second_hello
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.small import KeyUpdateRequest
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import LONGEST, Frame
from transom.tls.messages.not_handshake import Alert
from transom.wire.tap import Side

V12, V13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)
both_versions = pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
both_sides = pytest.mark.parametrize("victim", Side, ids=lambda side: side.value)

HELLO_REQUEST = Frame.of(HandshakeType.hello_request, b"").raw
TICKET = Frame.of(HandshakeType.new_session_ticket, bytes(8) + b"\0" + b"\0\1t" + bytes(2)).raw
UPDATE, UPDATE_YOU_TOO = (Frame.of(HandshakeType.key_update, bytes([request])).raw for request in KeyUpdateRequest)


def established(versions: Any = V13) -> Shuttle:
    return Shuttle.between(client_config(versions=versions), server_config()).handshake()


def end(shuttle: Shuttle, side: Side) -> Connection[Any]:
    return shuttle.client if side is Side.CLIENT else shuttle.server


def seal(shuttle: Shuttle, sender: Side, kind: ContentType, content: bytes) -> bytes:
    """Records from `sender` under its present keys, whatever it would say itself."""
    end(shuttle, sender)._records.send(kind, content)
    return bytes(end(shuttle, sender).take_outgoing())


def ask_for_update(shuttle: Shuttle, sender: Side) -> bytes:
    """A KeyUpdate from `sender` that wants one in return."""
    traffic = end(shuttle, sender)._traffic
    assert traffic is not None
    traffic.update_our_keys(KeyUpdateRequest.update_requested)
    return bytes(end(shuttle, sender).take_outgoing())


def sealed_empty(shuttle: Shuttle, sender: Side) -> bytes:
    """A TLS 1.3 record of no application data, which our own sealer never makes."""
    sealer: Any = end(shuttle, sender)._records._sealer
    out = bytearray(sealer.overhead)
    sealer._seal_one(ContentType.application_data, memoryview(b""), memoryview(out))
    return bytes(out)


def receive_all(connection: Connection[Any], wire: bytes) -> None:
    """And what was good before an error is of no interest."""
    connection.receive(wire)
    if connection.failure is not None:
        connection.receive(b"")


def refused(shuttle: Shuttle, victim: Side, wire: bytes) -> PeerError:
    """The victim refuses those bytes, and its alert reaches the other side."""
    with pytest.raises(PeerError) as caught:
        receive_all(end(shuttle, victim), wire)
    with pytest.raises(PeerAlerted) as alerted:
        end(shuttle, victim.peer).receive(bytes(end(shuttle, victim).take_outgoing()))
    assert alerted.value.description == caught.value.alert
    return caught.value


def plain(kind: int, content: bytes, version: int = 0x0303) -> bytes:
    return bytes([kind]) + version.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content


# --- the first bytes

STRANGERS: dict[str, tuple[bytes, str, str]] = {
    "plain HTTP": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "protocol_version", "plain HTTP"),
    "SSLv2": (bytes.fromhex("802e0100020015"), "protocol_version", "SSLv2"),
    "zeros": (bytes(64), "unexpected_message", "unknown content type 0"),
    "noise": (bytes(range(200, 255)), "unexpected_message", "unknown content type 200"),
    "SSH": (b"SSH-2.0-OpenSSH_9.2p1\r\n", "unexpected_message", "unknown content type 83"),
    "a record of version 2": (plain(22, b"\1\0\0\0", 0x0200), "protocol_version", "record version 0x0200"),
    "application data": (plain(23, b"data"), "unexpected_message", "got application data"),
    "an empty handshake record": (plain(22, b""), "unexpected_message", "with nothing in it"),
    "a heartbeat": (plain(24, b"\1\0\0"), "unexpected_message", "Heartbeat"),
    "a ChangeCipherSpec": (plain(20, b"\1"), "unexpected_message", "got ChangeCipherSpec"),
    "a record beyond 2^14": (plain(22, bytes(2**14 + 1)), "record_overflow", "16384 are the most"),
    "a record beyond any": (plain(22, bytes(2**14 + 2049)), "record_overflow", "18432 are the most"),
    "a message beyond what we hold": (
        plain(22, b"\1" + (LONGEST + 1).to_bytes(3, "big")),
        "decode_error",
        "ClientHello of 131,073 bytes",
    ),
    "half an alert": (plain(21, b"\2"), "decode_error", "Alert.description"),
}


@pytest.mark.parametrize(("wire", "alert", "said"), STRANGERS.values(), ids=STRANGERS.keys())
def test_first_bytes_that_are_no_hello(wire: bytes, alert: str, said: str) -> None:
    server = server_connection(server_config())
    server.start()
    with pytest.raises(PeerError) as caught:
        server.receive(wire)
    assert caught.value.alert == alert
    assert said in str(caught.value)
    sent = bytes(server.take_outgoing())
    assert sent == plain(21, bytes([AlertLevel.fatal, AlertDescription[alert]]))


def test_plain_http_as_an_answer_is_named() -> None:
    client = client_connection(client_config(), "localhost")
    client.start()
    client.take_outgoing()
    with pytest.raises(DecodeError, match="expected a TLS record, got plain HTTP"):
        client.receive(b"HTTP/1.1 400 Bad Request\r\n\r\n")


# --- protected records


@both_versions
@both_sides
def test_a_record_with_one_bit_turned_is_a_bad_record_mac(versions: Any, victim: Side) -> None:
    shuttle = established(versions)
    wire = bytearray(seal(shuttle, victim.peer, ContentType.application_data, b"data"))
    wire[-1] ^= 1
    assert refused(shuttle, victim, bytes(wire)).alert == "bad_record_mac"


@both_versions
def test_a_record_that_comes_twice_or_not_at_all_is_a_bad_record_mac(versions: Any) -> None:
    shuttle = established(versions)
    record = seal(shuttle, Side.SERVER, ContentType.application_data, b"data")
    assert refused(shuttle, Side.CLIENT, record + record).alert == "bad_record_mac"
    shuttle = established(versions)
    seal(shuttle, Side.SERVER, ContentType.application_data, b"lost")
    second = seal(shuttle, Side.SERVER, ContentType.application_data, b"data")
    assert refused(shuttle, Side.CLIENT, second).alert == "bad_record_mac"


UNPROTECTED = {
    "close_notify": plain(21, b"\1\0"),
    "a fatal alert": plain(21, b"\2\x28"),
    "data": plain(23, b"data" * 10),
    "KeyUpdate": plain(22, UPDATE),
    "HelloRequest": plain(22, HELLO_REQUEST),
    "a ticket": plain(22, TICKET),
    "a heartbeat": plain(24, b"\1\0\0"),
}


@pytest.mark.parametrize("wire", UNPROTECTED.values(), ids=UNPROTECTED.keys())
@both_versions
@both_sides
def test_nobody_on_the_path_can_speak_or_close_for_the_peer(wire: bytes, versions: Any, victim: Side) -> None:
    shuttle = established(versions)
    error = refused(shuttle, victim, wire)
    assert error.alert in ("unexpected_message", "bad_record_mac")


def test_a_handshake_message_in_the_clear_is_not_taken_for_a_sealed_one() -> None:
    shuttle = Shuttle.between(client_config(versions=V13), server_config())
    shuttle.client.start()
    shuttle.server.start()
    shuttle.server.receive(bytes(shuttle.client.take_outgoing()))
    flight = bytes(shuttle.server.take_outgoing())
    hello = flight[: 5 + int.from_bytes(flight[3:5], "big")]
    in_the_clear = plain(22, Frame.of(HandshakeType.encrypted_extensions, bytes(2)).raw)
    with pytest.raises(PeerMisbehaved, match="an unprotected Handshake record"):
        shuttle.client.receive(hello + in_the_clear)


def test_a_client_that_refuses_the_server_hello_can_say_so_in_the_clear() -> None:
    shuttle = Shuttle.between(client_config(versions=V13), server_config())
    shuttle.client.start()
    shuttle.server.start()
    shuttle.server.receive(bytes(shuttle.client.take_outgoing()))
    with pytest.raises(PeerAlerted, match="illegal_parameter"):
        shuttle.server.receive(plain(21, bytes([2, AlertDescription.illegal_parameter])))


# --- alerts

FATAL = [description for description in AlertDescription if description.name not in ("close_notify", "user_canceled")]


@both_versions
@both_sides
@pytest.mark.parametrize(
    "description",
    [d for d in AlertDescription if d.name not in ("close_notify", "user_canceled")],
    ids=lambda d: d.name,
)
def test_a_fatal_alert_ends_the_connection_with_its_name(
    versions: Any, victim: Side, description: AlertDescription
) -> None:
    shuttle = established(versions)
    alert = Alert(level=AlertLevel.fatal, description=description).encode()
    with pytest.raises(PeerAlerted) as caught:
        end(shuttle, victim).receive(seal(shuttle, victim.peer, ContentType.alert, alert))
    assert caught.value.description == description.name
    assert not end(shuttle, victim).take_outgoing(), "an alert is not answered"
    with pytest.raises(UsageError):
        end(shuttle, victim).send(b"data")


def test_the_level_of_an_alert_counts_in_tls12_only() -> None:
    warning = Alert(level=AlertLevel.warning, description=AlertDescription.unrecognized_name).encode()
    shuttle = established(V12)
    assert shuttle.client.receive(seal(shuttle, Side.SERVER, ContentType.alert, warning)) == []
    shuttle = established(V13)
    with pytest.raises(PeerAlerted, match="unrecognized_name"):
        shuttle.client.receive(seal(shuttle, Side.SERVER, ContentType.alert, warning))


@pytest.mark.parametrize(("versions", "level"), [(V13, 1), (V13, 2), (V12, 1)])
def test_user_canceled_waits_for_the_close_behind_it(versions: Any, level: int) -> None:
    shuttle = established(versions)
    canceled = seal(shuttle, Side.SERVER, ContentType.alert, bytes([level, AlertDescription.user_canceled]))
    assert shuttle.client.receive(canceled) == []
    closed = seal(shuttle, Side.SERVER, ContentType.alert, b"\1\0")
    assert shuttle.client.receive(closed) == [PeerFinished(clean=True)]


@both_versions
@pytest.mark.parametrize("content", [b"\2", b"\2\x28\2", b"\2\x28\2\x28"], ids=["half", "one and a half", "two"])
def test_an_alert_that_is_not_two_bytes_is_malformed(versions: Any, content: bytes) -> None:
    shuttle = established(versions)
    assert refused(shuttle, Side.CLIENT, seal(shuttle, Side.SERVER, ContentType.alert, content)).alert == "decode_error"


# --- ends


@both_versions
def test_close_notify_is_a_clean_end_of_one_direction(versions: Any) -> None:
    shuttle = established(versions)
    shuttle.server.close()
    shuttle.run()
    assert shuttle.closed == {Side.SERVER: True}
    shuttle.send(Side.CLIENT, b"still talking")
    assert shuttle.plaintext[Side.SERVER] == b"still talking"


@both_versions
@both_sides
def test_an_end_without_close_notify_is_not_clean(versions: Any, victim: Side) -> None:
    shuttle = established(versions)
    assert end(shuttle, victim).receive(b"") == [PeerFinished(clean=False)]
    assert end(shuttle, victim).receive(b"") == []


@both_versions
def test_an_end_in_the_middle_of_a_record_is_not_clean(versions: Any) -> None:
    shuttle = established(versions)
    record = seal(shuttle, Side.SERVER, ContentType.application_data, b"data")
    assert shuttle.client.receive(record[:-1]) == []
    assert shuttle.client.receive(b"") == [PeerFinished(clean=False)]


@both_versions
def test_what_comes_behind_close_notify_is_ignored(versions: Any) -> None:
    shuttle = established(versions)
    closed = seal(shuttle, Side.SERVER, ContentType.alert, b"\1\0")
    more = seal(shuttle, Side.SERVER, ContentType.application_data, b"more")
    assert shuttle.client.receive(closed + more) == [PeerFinished(clean=True)]
    assert shuttle.client.receive(more) == []
    assert shuttle.client.receive(b"no record at all") == []
    assert shuttle.client.receive(b"") == []


@both_versions
def test_nothing_is_sent_behind_close_notify(versions: Any) -> None:
    shuttle = established(versions)
    shuttle.client.close()
    shuttle.client.close()
    shuttle.client.take_outgoing()
    with pytest.raises(UsageError):
        shuttle.client.send(b"data")
    wish = UPDATE_YOU_TOO if versions is V13 else HELLO_REQUEST
    shuttle.client.receive(seal(shuttle, Side.SERVER, ContentType.handshake, wish))
    assert not shuttle.client.take_outgoing()


@both_versions
def test_an_end_in_the_handshake_is_truncation(versions: Any) -> None:
    for ending in (b"", plain(21, b"\1\0")):
        client = client_connection(client_config(versions=versions), "localhost")
        client.start()
        client.take_outgoing()
        with pytest.raises(Truncated, match="the peer closed the connection in the handshake, in WAIT_SH"):
            client.receive(ending)
        assert not client.take_outgoing()


def test_a_handshake_that_we_broke_off_goes_nowhere() -> None:
    shuttle = Shuttle.between(client_config(), server_config())
    shuttle.client.start()
    shuttle.server.start()
    hello = bytes(shuttle.client.take_outgoing())
    shuttle.client.close()
    shuttle.client.take_outgoing()
    shuttle.server.receive(hello)
    assert shuttle.client.receive(bytes(shuttle.server.take_outgoing())) == []
    assert not shuttle.client.take_outgoing()
    assert shuttle.client.session is None


def test_data_cannot_be_sent_before_the_handshake_is_done() -> None:
    client = client_connection(client_config(), "localhost")
    client.start()
    with pytest.raises(UsageError):
        client.send(b"data")


# --- after the handshake


def test_keys_are_updated_when_the_peer_asks() -> None:
    shuttle = established()
    for _ in range(3):
        shuttle.client._traffic.update_our_keys(KeyUpdateRequest.update_requested)  # type: ignore[union-attr]
        shuttle.send(Side.CLIENT, b"ping")
        shuttle.send(Side.SERVER, b"pong")
    assert shuttle.plaintext == {Side.SERVER: b"ping" * 3, Side.CLIENT: b"pong" * 3}


def test_a_peer_that_asks_again_and_again_is_answered_once_and_when_there_is_data() -> None:
    shuttle = established()
    for _ in range(100):
        asked = ask_for_update(shuttle, Side.SERVER)
        shuttle.client.receive(asked + seal(shuttle, Side.SERVER, ContentType.application_data, b"x"))
    assert shuttle.client.outgoing_size == 0
    shuttle.client.send(b"at last")
    answer = bytes(shuttle.client.take_outgoing())
    assert len(answer) == len(UPDATE) + len(b"at last") + 2 * 22, "two records: one KeyUpdate and the data"
    (event,) = shuttle.server.receive(answer)
    assert isinstance(event, PlaintextReceived)
    assert bytes(event.data) == b"at last"


def test_keys_are_updated_before_they_are_worn_out() -> None:
    shuttle = established()
    sealer: Any = shuttle.client._records._sealer
    sealer.sequence = sealer._update_at
    opener: Any = shuttle.server._records._opener
    opener.sequence = sealer.sequence
    shuttle.send(Side.CLIENT, b"ping")
    assert shuttle.plaintext[Side.SERVER] == b"ping"
    assert shuttle.client._records._sealer is not sealer
    assert shuttle.server._records._opener.sequence == 1


AFTER_13: dict[str, tuple[bytes, str]] = {
    "an unknown KeyUpdate": (Frame.of(HandshakeType.key_update, b"\2").raw, "illegal_parameter"),
    "an empty KeyUpdate": (Frame.of(HandshakeType.key_update, b"").raw, "decode_error"),
    "a KeyUpdate with more behind it": (UPDATE + UPDATE, "unexpected_message"),
    "a KeyUpdate with the start of more": (UPDATE + b"\x18", "unexpected_message"),
    "HelloRequest": (HELLO_REQUEST, "unexpected_message"),
    "Finished": (Frame.of(HandshakeType.finished, bytes(32)).raw, "unexpected_message"),
    "a late CertificateRequest": (Frame.of(HandshakeType.certificate_request, bytes(3)).raw, "unexpected_message"),
}


@pytest.mark.parametrize(("content", "alert"), AFTER_13.values(), ids=AFTER_13.keys())
@both_sides
def test_messages_after_a_tls13_handshake(content: bytes, alert: str, victim: Side) -> None:
    shuttle = established()
    error = refused(shuttle, victim, seal(shuttle, victim.peer, ContentType.handshake, content))
    assert error.alert == alert


def test_a_ticket_is_for_clients() -> None:
    shuttle = established()
    assert shuttle.client.receive(seal(shuttle, Side.SERVER, ContentType.handshake, TICKET * 2)) == []
    assert refused(shuttle, Side.SERVER, seal(shuttle, Side.CLIENT, ContentType.handshake, TICKET)).alert == (
        "unexpected_message"
    )


def test_no_ticket_is_for_longer_than_seven_days() -> None:
    for seconds, refusal in ((604_800, None), (604_801, "illegal_parameter")):
        ticket = Frame.of(
            HandshakeType.new_session_ticket, seconds.to_bytes(4) + bytes(4) + b"\0" + b"\0\1t" + bytes(2)
        ).raw
        shuttle = established()
        wire = seal(shuttle, Side.SERVER, ContentType.handshake, ticket)
        if refusal is None:
            assert shuttle.client.receive(wire) == []
        else:
            error = refused(shuttle, Side.CLIENT, wire)
            assert (error.alert, error.rfc) == (refusal, "8446 §4.6.1")


def test_a_malformed_ticket_is_refused() -> None:
    shuttle = established()
    error = refused(shuttle, Side.CLIENT, seal(shuttle, Side.SERVER, ContentType.handshake, b"\4\0\0\1\0"))
    assert error.alert == "decode_error"


def test_renegotiation_is_refused_with_a_warning_and_the_connection_goes_on() -> None:
    shuttle = established(V12)
    again = client_connection(client_config(versions=V12), "localhost")
    again.start()
    hello = bytes(again.take_outgoing())[5:]
    for victim, wish in ((Side.CLIENT, HELLO_REQUEST), (Side.SERVER, hello)):
        assert end(shuttle, victim).receive(seal(shuttle, victim.peer, ContentType.handshake, wish)) == []
        answer = bytes(end(shuttle, victim).take_outgoing())
        (opened,) = end(shuttle, victim.peer)._records.receive(answer)
        assert bytes(opened.data) == bytes([AlertLevel.warning, AlertDescription.no_renegotiation])
    shuttle.send(Side.CLIENT, b"ping")
    shuttle.send(Side.SERVER, b"pong")
    assert shuttle.plaintext == {Side.SERVER: b"ping", Side.CLIENT: b"pong"}


def test_wishes_to_renegotiate_are_refused_once_between_two_pieces_of_data() -> None:
    shuttle = established(V12)

    def wish(times: int) -> int:
        for _ in range(times):
            wire = seal(shuttle, Side.SERVER, ContentType.handshake, HELLO_REQUEST)
            shuttle.client.receive(wire + seal(shuttle, Side.SERVER, ContentType.application_data, b"x"))
        return len(shuttle.client.take_outgoing())

    once = wish(1)
    assert once > 0
    assert wish(100) == 0
    shuttle.client.send(b"data")
    shuttle.client.take_outgoing()
    assert wish(100) == once


@pytest.mark.parametrize("kind", [k for k in HandshakeType if k not in (0, 1)], ids=lambda kind: kind.name)
@both_sides
def test_any_other_message_after_a_tls12_handshake(kind: HandshakeType, victim: Side) -> None:
    shuttle = established(V12)
    wire = seal(shuttle, victim.peer, ContentType.handshake, Frame.of(kind, b"").raw)
    assert refused(shuttle, victim, wire).alert == "unexpected_message"


@both_sides
def test_data_in_the_middle_of_a_handshake_message_is_refused(victim: Side) -> None:
    shuttle = established()
    half = seal(shuttle, victim.peer, ContentType.handshake, UPDATE[:3])
    data = seal(shuttle, victim.peer, ContentType.application_data, b"data")
    error = refused(shuttle, victim, half + data)
    assert error.alert == "unexpected_message"
    assert "in the middle of a handshake message" in str(error)


@both_sides
@pytest.mark.parametrize("alert", [b"\1\0", b"\1\x5a"], ids=["close_notify", "user_canceled"])
def test_an_alert_in_the_middle_of_a_handshake_message_is_refused(victim: Side, alert: bytes) -> None:
    shuttle = established()
    half = seal(shuttle, victim.peer, ContentType.handshake, UPDATE[:3])
    error = refused(shuttle, victim, half + seal(shuttle, victim.peer, ContentType.alert, alert))
    assert error.alert == "unexpected_message"
    assert "in the middle of a handshake message" in str(error)


@both_versions
@pytest.mark.parametrize("alert", [b"\1\0", b"\1\x5a"], ids=["close_notify", "user_canceled"])
def test_an_alert_in_the_middle_of_the_hello_is_refused(versions: Any, alert: bytes) -> None:
    server = server_connection(server_config(versions=versions))
    server.start()
    with pytest.raises(PeerMisbehaved, match="in the middle of a handshake message") as caught:
        server.receive(plain(22, b"\1\0\1\0\3\3") + plain(21, alert))
    assert caught.value.alert == "unexpected_message"


def test_an_alert_that_would_end_the_connection_is_refused_there_too_and_the_error_names_it() -> None:
    shuttle = established()
    half = seal(shuttle, Side.SERVER, ContentType.handshake, UPDATE[:3])
    error = refused(shuttle, Side.CLIENT, half + seal(shuttle, Side.SERVER, ContentType.alert, b"\2\x50"))
    assert error.alert == "unexpected_message"
    assert "got the alert internal_error in the middle of a handshake message" in str(error)


# --- data before what is wrong


@both_versions
@both_sides
def test_what_came_whole_before_a_bad_record_is_given_and_then_the_error(versions: Any, victim: Side) -> None:
    shuttle = established(versions)
    good = seal(shuttle, victim.peer, ContentType.application_data, b"the end of the file")
    bad = bytearray(seal(shuttle, victim.peer, ContentType.application_data, b"forged"))
    bad[-1] ^= 1
    (event,) = end(shuttle, victim).receive(good + bad)
    assert isinstance(event, PlaintextReceived)
    assert bytes(event.data) == b"the end of the file"
    for more in (b"", bytes(bad)):
        with pytest.raises(PeerMisbehaved) as caught:
            end(shuttle, victim).receive(more)
        assert caught.value is end(shuttle, victim).failure
        assert caught.value.alert == "bad_record_mac"
    with pytest.raises(PeerAlerted, match="bad_record_mac"):
        end(shuttle, victim.peer).receive(bytes(end(shuttle, victim).take_outgoing()))


# --- ChangeCipherSpec


def test_tls13_drops_the_change_cipher_spec_of_middleboxes_in_the_handshake_only() -> None:
    shuttle = Shuttle.between(client_config(versions=V13), server_config())
    shuttle.client.start()
    shuttle.server.start()
    assert shuttle.client.receive(plain(20, b"\1")) == []
    shuttle.handshake_from_here()
    assert refused(shuttle, Side.CLIENT, plain(20, b"\1")).alert == "unexpected_message"


@pytest.mark.parametrize("content", [b"\0", b"\2", b"\1\1"], ids=["0", "2", "two of them"])
@both_versions
def test_a_change_cipher_spec_of_other_content_is_refused(content: bytes, versions: Any) -> None:
    client = client_connection(client_config(versions=versions), "localhost")
    client.start()
    with pytest.raises(PeerMisbehaved, match="a ChangeCipherSpec of") as caught:
        client.receive(plain(20, content))
    assert caught.value.alert == "unexpected_message"


def test_a_sealed_change_cipher_spec_is_refused_in_tls13() -> None:
    shuttle = established()
    wire = seal(shuttle, Side.SERVER, ContentType.change_cipher_spec, b"\1")
    assert refused(shuttle, Side.CLIENT, wire).alert == "unexpected_message"


# --- floods


def flood(make: Callable[[Shuttle], bytes], versions: Any = V13) -> PeerError:
    shuttle = established(versions)
    for _ in range(33):
        wire = make(shuttle)
        try:
            shuttle.client.receive(wire)
        except PeerError as error:
            return error
    raise AssertionError("33 of them are put up with")


FLOODS: dict[str, tuple[Callable[[Shuttle], bytes], Any]] = {
    "empty records": (lambda shuttle: sealed_empty(shuttle, Side.SERVER), V13),
    "warnings": (lambda shuttle: seal(shuttle, Side.SERVER, ContentType.alert, b"\1\x5a"), V12),
    "user_canceled": (lambda shuttle: seal(shuttle, Side.SERVER, ContentType.alert, b"\1\x5a"), V13),
    "tickets": (lambda shuttle: seal(shuttle, Side.SERVER, ContentType.handshake, TICKET), V13),
    "wishes to renegotiate": (lambda shuttle: seal(shuttle, Side.SERVER, ContentType.handshake, HELLO_REQUEST), V12),
}


@pytest.mark.parametrize(("make", "versions"), FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_ends_the_connection(make: Callable[[Shuttle], bytes], versions: Any) -> None:
    assert flood(make, versions).alert == "unexpected_message"


def test_a_flood_of_empty_records_in_one_call_ends_the_connection_too() -> None:
    shuttle = established()
    wire = b"".join(sealed_empty(shuttle, Side.SERVER) for _ in range(33))
    assert refused(shuttle, Side.CLIENT, wire).alert == "unexpected_message"


def test_a_flood_of_key_updates_ends_the_connection() -> None:
    def update(shuttle: Shuttle) -> bytes:
        traffic = shuttle.server._traffic
        assert traffic is not None
        traffic.update_our_keys(KeyUpdateRequest.update_not_requested)
        return bytes(shuttle.server.take_outgoing())

    assert flood(update).alert == "unexpected_message"


def test_a_flood_of_change_cipher_spec_ends_the_handshake() -> None:
    client = client_connection(client_config(), "localhost")
    client.start()
    with pytest.raises(PeerMisbehaved, match="more than 32 ChangeCipherSpec records in a row"):
        client.receive(plain(20, b"\1") * 33)


def test_data_in_between_is_no_flood() -> None:
    shuttle = established()
    for _ in range(40):
        shuttle.client.receive(seal(shuttle, Side.SERVER, ContentType.handshake, TICKET))
        shuttle.client.receive(sealed_empty(shuttle, Side.SERVER))
        shuttle.client.receive(seal(shuttle, Side.SERVER, ContentType.application_data, b"data"))


# --- early data that nobody asked for


def hello_with_early_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on clients announce early data, until they are asked for another hello."""

    def announcing(config: Any, name: str) -> Offered:
        return _with(first_hello(config, name), EarlyDataIndication())

    def no_more(config: Any, first: Offered, retry: Any) -> Offered:
        return _with(second_hello(config, first, retry))

    monkeypatch.setattr(client_script, "first_hello", announcing)
    monkeypatch.setattr(client_script, "second_hello", no_more)


def _with(offered: Offered, *more: ExtensionBody) -> Offered:
    bodies = [item.body for item in offered.hello.extensions if item.body is not None]
    kept = [body for body in bodies if not isinstance(body, EarlyDataIndication)]
    hello = dataclasses.replace(offered.hello, extensions=Extensions.of(*kept, *more))
    return dataclasses.replace(offered, hello=hello)


def early(count: int, size: int = 1000) -> bytes:
    return b"".join(plain(23, os.urandom(size)) for _ in range(count))


@pytest.mark.parametrize("retry", [False, True], ids=["at once", "after a retry"])
def test_early_data_is_dropped_and_the_handshake_goes_on(monkeypatch: pytest.MonkeyPatch, retry: bool) -> None:
    hello_with_early_data(monkeypatch)
    groups = (NamedGroup.secp384r1,) if retry else client_config().groups
    shuttle = Shuttle.between(client_config(versions=V13), server_config(groups=groups))
    shuttle.client.start()
    shuttle.server.start()
    shuttle.server.receive(bytes(shuttle.client.take_outgoing()) + plain(20, b"\1") + early(30))
    shuttle.handshake_from_here()
    shuttle.send(Side.CLIENT, b"ping")
    assert shuttle.plaintext[Side.SERVER] == b"ping"


def test_early_data_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    hello_with_early_data(monkeypatch)
    shuttle = Shuttle.between(client_config(versions=V13), server_config())
    shuttle.client.start()
    shuttle.server.start()
    with pytest.raises(PeerMisbehaved) as caught:
        shuttle.server.receive(bytes(shuttle.client.take_outgoing()) + early(10, 10_000))
    assert caught.value.alert == "bad_record_mac"


def test_early_data_that_was_not_announced_is_refused() -> None:
    shuttle = Shuttle.between(client_config(versions=V13), server_config())
    shuttle.client.start()
    shuttle.server.start()
    with pytest.raises(PeerMisbehaved) as caught:
        shuttle.server.receive(bytes(shuttle.client.take_outgoing()) + early(1))
    assert caught.value.alert == "bad_record_mac"


def test_a_client_certificate_is_refused_rather_than_left_unshown() -> None:
    with pytest.raises(UsageError, match="--tls openssl"):
        client_connection(client_config(identity=identity()), NAME)
