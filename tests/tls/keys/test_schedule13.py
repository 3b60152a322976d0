"""The key schedule against the traces of RFC 8448: every secret of the first, and of each trace what opens with it."""

from __future__ import annotations

import pytest

from tests.tls.rfc8448 import TRACES, Trace
from transom.crypto.aead import AES_128_GCM
from transom.crypto.hashes import Hash
from transom.tls.keys.schedule13 import EarlySecrets, HandshakeSecrets, TrafficSecret
from transom.tls.record.deframer import Deframer
from transom.tls.record.protection import Opener
from transom.tls.record.protection13 import Opener13

FULL_HANDSHAKES = ["simple_1rtt", "hello_retry_request", "client_authentication", "compatibility_mode"]
FINISHED_LENGTH = 4 + 32
SIMPLE = TRACES["simple_1rtt"]


def sha256(*messages: bytes) -> bytes:
    return Hash.SHA256.digest(b"".join(messages))


def hellos(trace: Trace) -> bytes:
    if "hello_retry_request" not in trace.records:
        return trace.message("client_hello") + trace.message("server_hello")
    # The first hello is replaced by its hash (RFC 8446 §4.4.1).
    replaced = bytes.fromhex("fe000020") + sha256(trace.message("client_hello"))
    rest = ("hello_retry_request", "second_client_hello", "server_hello")
    return replaced + b"".join(trace.message(name) for name in rest)


def opener(secret: TrafficSecret) -> Opener13:
    return Opener13(secret.keys(AES_128_GCM))


def open_protected(by: Opener, records: bytes) -> list[tuple[str, bytes]]:
    """Name and content of each record; the compatibility ChangeCipherSpec is passed over."""
    opened = []
    for run in Deframer().receive(records):
        index = 0
        while index < len(run):
            piece = by.open(run, index, memoryview(bytearray(len(run.view))))
            index += piece.records
            if piece.protected:
                opened.append((piece.content_type.name, bytes(piece.data)))
    return opened


def handshake_of(trace: Trace, psk: bytes | None = None) -> HandshakeSecrets:
    early = EarlySecrets.start(Hash.SHA256, psk)
    return early.handshake(trace.shared_secret, sha256(hellos(trace)))


def test_the_first_trace_gives_every_secret_of_the_rfc() -> None:
    expected = SIMPLE.expected
    early = EarlySecrets.start(Hash.SHA256)
    assert early.secret == expected["early"]
    assert SIMPLE.shared_secret == expected["shared"]
    handshake = handshake_of(SIMPLE)
    assert handshake.secret == expected["handshake"]
    assert handshake.client.secret == expected["client_handshake"]
    assert handshake.server.secret == expected["server_handshake"]
    keys = handshake.server.keys(AES_128_GCM)
    assert (keys.key, keys.iv) == (expected["server_handshake_key"], expected["server_handshake_iv"])

    [(_, server_flight)] = open_protected(opener(handshake.server), SIMPLE.records["server_flight"])
    upto_certificate_verify = hellos(SIMPLE) + server_flight[:-FINISHED_LENGTH]
    assert handshake.server.verify_data(sha256(upto_certificate_verify)) == expected["server_verify_data"]
    upto_finished = hellos(SIMPLE) + server_flight
    assert handshake.client.verify_data(sha256(upto_finished)) == expected["client_verify_data"]

    application = handshake.application(sha256(upto_finished))
    assert application.secret == expected["master"]
    assert application.client.secret == expected["client_application"]
    assert application.server.secret == expected["server_application"]
    keys = application.server.keys(AES_128_GCM)
    assert (keys.key, keys.iv) == (expected["server_application_key"], expected["server_application_iv"])
    assert application.exporter.secret == expected["exporter"]

    client_finished = bytes.fromhex("14000020") + expected["client_verify_data"]
    resumption = application.resumption(sha256(upto_finished, client_finished))
    assert resumption.secret == expected["resumption"]
    assert resumption.psk(b"\0\0") == expected["resumption_psk"]


@pytest.mark.parametrize("name", FULL_HANDSHAKES)
def test_every_record_of_a_full_handshake_opens_and_both_finished_hold(name: str) -> None:
    trace = TRACES[name]
    handshake = handshake_of(trace)
    [(kind, server_flight)] = open_protected(opener(handshake.server), trace.records["server_flight"])
    assert kind == "handshake"
    check_finished(handshake.server, hellos(trace), server_flight)

    before_client = hellos(trace) + server_flight
    [(_, client_flight)] = open_protected(opener(handshake.client), trace.records["client_flight"])
    check_finished(handshake.client, before_client, client_flight)

    application = handshake.application(sha256(before_client))
    assert_ends_with_close_notify(opener(application.client), trace, "client")
    assert_ends_with_close_notify(opener(application.server), trace, "server")


def check_finished(secret: TrafficSecret, before: bytes, flight: bytes) -> None:
    rest, finished = flight[:-FINISHED_LENGTH], flight[-FINISHED_LENGTH:]
    assert finished == bytes.fromhex("14000020") + secret.verify_data(sha256(before, rest))


def assert_ends_with_close_notify(by: Opener, trace: Trace, side: str) -> None:
    names = (["new_session_ticket"] if side == "server" else []) + [f"{side}_data", f"{side}_close"]
    records = b"".join(trace.records.get(name, b"") for name in names)
    *before, last = open_protected(by, records)
    assert last == ("alert", bytes([1, 0]))
    assert all(content == bytes(range(50)) for kind, content in before if kind == "application_data")


def test_a_resumed_handshake_binds_its_psk_and_opens_its_early_data() -> None:
    trace = TRACES["resumed_0rtt"]
    psk = SIMPLE.expected["resumption_psk"]
    early = EarlySecrets.start(Hash.SHA256, psk)
    hello = trace.message("client_hello")
    binders_length = 2 + 1 + 32
    binder = early.resumption_binder().verify_data(sha256(hello[:-binders_length]))
    assert binder == hello[-32:]

    early_data = open_protected(opener(early.client_traffic(sha256(hello))), trace.records["client_early_data"])
    assert early_data == [("application_data", b"ABCDEF")]

    handshake = handshake_of(trace, psk)
    [(_, server_flight)] = open_protected(opener(handshake.server), trace.records["server_flight"])
    check_finished(handshake.server, hellos(trace), server_flight)
    application = handshake.application(sha256(hellos(trace), server_flight))
    assert application.client.secret == trace.expected["client_application"]
    assert application.server.secret == trace.expected["server_application"]
    assert_ends_with_close_notify(opener(application.client), trace, "client")
    assert_ends_with_close_notify(opener(application.server), trace, "server")


def test_a_key_update_replaces_the_secret_for_good() -> None:
    first = TrafficSecret(bytes(32), Hash.SHA256)
    second = first.next_generation()
    assert len({first.secret, second.secret, second.next_generation().secret}) == 3
    assert second == first.next_generation()
