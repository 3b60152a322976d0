"""The observer sees a live connection as its two ends know it, with the keys; and only what the path sees, without."""

from __future__ import annotations

import pytest

from tests.tls.shuttle import Shuttle, client_config, identity, server_config
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.tls.observed.held import HeldBytes
from transom.tls.observer import Observer
from transom.tls.sightings import ApplicationDataSeen, HandshakeSeen, SealedHandshakeSeen, Sighting, TroubleSeen
from transom.wire.tap import Side

V12, V13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)
STATIC_RSA = (CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384,)
FILE = bytes(range(256)) * 150


def transfer(**client: object) -> tuple[Shuttle, KeyLog]:
    """A handshake, a request, a file of several records, and both goodbyes."""
    keys = KeyLog()
    config = client_config(keylog=keys.receive, **client)
    shuttle = Shuttle.between(config, server_config("rsa", cipher_suites=config.cipher_suites)).handshake()
    shuttle.send(Side.CLIENT, b"GET / HTTP/1.1\r\n\r\n")
    shuttle.send(Side.SERVER, FILE)
    shuttle.client.close()
    shuttle.server.close()
    shuttle.run()
    return shuttle, keys


def observe(shuttle: Shuttle, observer: Observer, chunk: int = 2**20) -> list[Sighting]:
    sightings: list[Sighting] = []
    for side, data in shuttle.wire:
        for at in range(0, len(data), chunk):
            for sighting in observer.receive(side, data[at : at + chunk]):
                if isinstance(sighting, ApplicationDataSeen) and sighting.plaintext is not None:
                    plaintext = bytes(sighting.plaintext)
                    sighting = ApplicationDataSeen(
                        sighting.side, sighting.first, sighting.records, sighting.wire_bytes, plaintext
                    )
                sightings.append(sighting)
    for side in Side:
        sightings += observer.end(side)
    return sightings


def messages(sightings: list[Sighting]) -> list[tuple[str, HandshakeType, bool | None]]:
    return [(s.side.value, s.frame.type, s.proof) for s in sightings if isinstance(s, HandshakeSeen)]


def plaintext(sightings: list[Sighting], side: Side) -> bytes:
    seen = [s.plaintext for s in sightings if isinstance(s, ApplicationDataSeen) and s.side is side]
    return b"".join(bytes(part) for part in seen if part is not None)


H = HandshakeType
TLS13 = [
    ("client", H.client_hello, None),
    ("server", H.server_hello, None),
    ("server", H.encrypted_extensions, None),
    ("server", H.certificate, None),
    ("server", H.certificate_verify, True),
    ("server", H.finished, True),
    ("client", H.finished, True),
]
ECDHE = [
    ("client", H.client_hello, None),
    ("server", H.server_hello, None),
    ("server", H.certificate, None),
    ("server", H.server_key_exchange, True),
    ("server", H.server_hello_done, None),
    ("client", H.client_key_exchange, None),
    ("client", H.finished, True),
    ("server", H.finished, True),
]
STATIC = [line for line in ECDHE if line[1] is not H.server_key_exchange]


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ({"versions": V13}, TLS13),
        ({"versions": V12}, ECDHE),
        ({"versions": V12, "cipher_suites": STATIC_RSA}, STATIC),
    ],
    ids=["TLS 1.3", "TLS 1.2 ECDHE", "TLS 1.2 static RSA"],
)
@pytest.mark.parametrize("chunk", [1, 1000, 2**20])
def test_with_the_key_log_every_message_its_proof_and_every_byte_of_the_file_are_seen(
    client: dict[str, object], expected: list[tuple[str, HandshakeType, bool | None]], chunk: int
) -> None:
    shuttle, keys = transfer(**client)
    observer = Observer(keys)
    sightings = observe(shuttle, observer, chunk)
    assert messages(sightings) == expected
    assert plaintext(sightings, Side.CLIENT) == b"GET / HTTP/1.1\r\n\r\n"
    assert plaintext(sightings, Side.SERVER) == FILE
    assert not [s for s in sightings if isinstance(s, TroubleSeen)]
    assert observer.shut_records == 0
    assert observer.why_not is None
    assert shuttle.client.session is not None
    assert observer.cipher_suite is shuttle.client.session.cipher_suite
    assert observer.group is shuttle.client.session.group
    assert observer.certificates == identity("rsa").chain
    assert observer.resumed is False


def test_without_keys_tls13_shows_the_two_hellos_and_sealed_records() -> None:
    shuttle, _ = transfer(versions=V13)
    observer = Observer(KeyLog())
    sightings = observe(shuttle, observer)
    assert [line[1] for line in messages(sightings)] == [H.client_hello, H.server_hello]
    sealed = [s for s in sightings if isinstance(s, ApplicationDataSeen)]
    assert all(s.plaintext is None for s in sealed)
    assert sum(s.wire_bytes for s in sealed if s.side is Side.SERVER) > len(FILE)
    assert observer.why_not == "no-keys"
    assert observer.opened_records == 0


def test_without_keys_tls12_shows_the_certificate_and_hides_finished() -> None:
    shuttle, _ = transfer(versions=V12)
    observer = Observer(KeyLog())
    sightings = observe(shuttle, observer)
    assert messages(sightings) == [line for line in ECDHE if line[1] is not H.finished]
    assert [s.side for s in sightings if isinstance(s, SealedHandshakeSeen)] == [Side.CLIENT, Side.SERVER]
    assert observer.certificates == identity("rsa").chain


def test_the_servers_private_key_opens_static_rsa_later() -> None:
    shuttle, _ = transfer(versions=V12, cipher_suites=STATIC_RSA)
    observer = Observer(KeyLog(), private_keys=[identity("rsa").private_key])  # type: ignore[list-item]
    sightings = observe(shuttle, observer)
    assert plaintext(sightings, Side.SERVER) == FILE
    assert messages(sightings) == STATIC


def test_the_servers_private_key_does_not_open_ecdhe() -> None:
    shuttle, _ = transfer(versions=V12)
    observer = Observer(KeyLog(), private_keys=[identity("rsa").private_key])  # type: ignore[list-item]
    assert plaintext(observe(shuttle, observer), Side.SERVER) == b""
    assert observer.why_not == "no-keys"


def test_a_hello_retry_request_is_followed() -> None:
    keys = KeyLog()
    server = server_config(groups=(NamedGroup.secp384r1,))
    shuttle = Shuttle.between(client_config(keylog=keys.receive), server).handshake()
    observer = Observer(keys)
    seen = messages(observe(shuttle, observer))
    assert [line[1] for line in seen[:4]] == [H.client_hello, H.server_hello, H.client_hello, H.server_hello]
    assert ("client", H.finished, True) in seen
    assert observer.group is NamedGroup.secp384r1


def test_key_updates_are_followed_in_both_directions() -> None:
    keys = KeyLog()
    shuttle = Shuttle.between(client_config(keylog=keys.receive), server_config()).handshake()
    for _ in range(2):
        assert shuttle.client._traffic is not None
        from transom.tls.iana.small import KeyUpdateRequest

        shuttle.client._traffic.update_our_keys(KeyUpdateRequest.update_requested)
        shuttle.send(Side.CLIENT, b"after my update")
        shuttle.send(Side.SERVER, b"after yours")
    observer = Observer(keys)
    sightings = observe(shuttle, observer)
    assert plaintext(sightings, Side.CLIENT) == b"after my update" * 2
    assert plaintext(sightings, Side.SERVER) == b"after yours" * 2


def test_only_the_data_secrets_in_the_log_open_only_the_data() -> None:
    shuttle, keys = transfer(versions=V13)
    partial = KeyLog("".join(line for line in keys.lines() if "TRAFFIC_SECRET_0" in line))
    observer = Observer(partial)
    sightings = observe(shuttle, observer)
    assert [line[1] for line in messages(sightings)] == [H.client_hello, H.server_hello]
    assert plaintext(sightings, Side.SERVER) == FILE
    assert observer.shut_records > 0


def test_a_wrong_secret_is_said_once_and_the_rest_stays_shut() -> None:
    shuttle, keys = transfer(versions=V12)
    random = shuttle.wire[0][1][11:43]
    wrong = KeyLog()
    wrong.add("CLIENT_RANDOM", random, bytes(48))
    assert keys.lookup("CLIENT_RANDOM", random) is not None
    observer = Observer(wrong)
    sightings = observe(shuttle, observer)
    troubles = [(s.side, s.code) for s in sightings if isinstance(s, TroubleSeen)]
    assert troubles == [(Side.CLIENT, "does-not-decrypt"), (Side.SERVER, "does-not-decrypt")]
    assert plaintext(sightings, Side.SERVER) == b""
    assert observer.why_not == "does-not-decrypt"


def test_a_stream_that_is_cut_says_how_much_of_a_record_is_there() -> None:
    shuttle, keys = transfer(versions=V13)
    side, first = shuttle.wire[0]
    observer = Observer(keys)
    observer.receive(side, first[:-3])
    (trouble,) = observer.end(side)
    assert isinstance(trouble, TroubleSeen)
    assert trouble.code == "truncated"


def test_bytes_that_are_no_tls_end_the_view_of_that_side_with_a_reason() -> None:
    observer = Observer(KeyLog())
    (trouble,) = observer.receive(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert isinstance(trouble, TroubleSeen)
    assert "plain HTTP" in trouble.what
    assert observer.receive(Side.CLIENT, b"more") == []


@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
def test_a_key_that_is_logged_late_opens_what_comes_after_it(versions: tuple[ProtocolVersion]) -> None:
    """As when another program writes the log: what crossed before stays shut, and is counted."""
    log: list[str] = []
    shuttle = Shuttle.between(client_config(versions=versions, keylog=log.append), server_config()).handshake()
    shuttle.send(Side.SERVER, b"too early")
    before = len(shuttle.wire)
    shuttle.send(Side.SERVER, b"in time")
    keys = KeyLog("".join(line for line in log if "HANDSHAKE" in line))
    observer = Observer(keys)
    seen: list[bytes] = []
    for number, (side, data) in enumerate(shuttle.wire):
        if number == before:
            keys.receive("".join(log))
        for sighting in observer.receive(side, data):
            if isinstance(sighting, ApplicationDataSeen) and sighting.plaintext is not None:
                seen.append(bytes(sighting.plaintext))
            assert not isinstance(sighting, TroubleSeen)
            assert not isinstance(sighting, HandshakeSeen) or sighting.proof is not False
    assert seen == [b"in time"]
    assert observer.shut_records == (3 if versions == V12 else 1)


def test_a_message_of_many_records_is_told_with_each_of_them() -> None:
    body = bytes(3) + bytes(40_000)
    frame = b"\x0b" + len(body).to_bytes(3, "big") + body
    observer = Observer(KeyLog())
    wire = b"".join(b"\x16\x03\x03\x00\x01" + frame[at : at + 1] for at in range(len(frame)))
    seen = [one for one in observer.receive(Side.SERVER, wire + b"\x16\x03\x03\x00\x06\x0e\0\0\0\x0e\0") if one]
    first, second = [one for one in seen if isinstance(one, HandshakeSeen)]
    assert [record.offset for record in first.records] == [6 * at for at in range(len(frame))]
    assert [record.offset for record in second.records] == [6 * len(frame)]
    assert first.frame.raw == frame
    (third,) = observer.receive(Side.SERVER, b"\x16\x03\x03\x00\x02\0\0")
    assert isinstance(third, HandshakeSeen)
    assert [record.offset for record in third.records] == [6 * len(frame), 6 * len(frame) + 11]


def test_records_are_held_too_when_a_message_comes_in_very_many() -> None:
    observer = Observer(KeyLog(), held=HeldBytes(limit=100_000))
    begun = b"\x16\x03\x03\x00\x04\x0b\xff\xff\xff" + b"\x16\x03\x03\x00\x01\x00" * 1000
    assert observer.receive(Side.SERVER, begun) == []
    (trouble,) = observer.receive(Side.SERVER, b"")
    assert isinstance(trouble, TroubleSeen)
    assert trouble.code == "held-too-long"


def test_a_message_longer_than_a_mebibyte_is_told_and_not_taken_apart() -> None:
    hellos = Shuttle.between(client_config(versions=V12), server_config(versions=V12)).handshake().wire[:2]

    def seen(length: int) -> HandshakeSeen:
        observer = Observer(KeyLog())
        for side, data in hellos:
            observer.receive(side, data)
        body = length.to_bytes(3, "big") + b"\0\0\2\x30\0" * (length // 5)
        frame = b"\x0b" + len(body).to_bytes(3, "big") + body
        cut = [frame[at : at + 2**14] for at in range(0, len(frame), 2**14)]
        wire = b"".join(b"\x16\x03\x03" + len(one).to_bytes(2, "big") + one for one in cut)
        (found,) = observer.receive(Side.SERVER, wire)
        assert isinstance(found, HandshakeSeen)
        return found

    longest = seen(2**20 // 5 * 5 - 5)
    assert longest.structure is not None
    assert longest.error is None
    longer = seen(2**20 // 5 * 5)
    assert longer.value is None
    assert longer.structure is None
    assert str(longer.error) == "1,048,578 bytes; 1,048,576 are the most that are taken apart"


def test_what_all_observers_hold_together_is_bounded_and_the_oldest_lets_go() -> None:
    begun = bytes.fromhex("1603034000") + b"\x0b\xff\xff\xff" + bytes(2**14 - 4)  # the head of a 16 MiB Certificate
    held = HeldBytes(limit=100_000)
    observers = [Observer(KeyLog(), held=held) for _ in range(10)]
    for observer in observers:
        assert observer.receive(Side.SERVER, begun) == []
    first, *_, last = observers
    (trouble,) = first.receive(Side.SERVER, begun)
    assert isinstance(trouble, TroubleSeen)
    assert trouble.code == "held-too-long"
    assert first.receive(Side.SERVER, begun) == []
    (trouble,) = last.end(Side.SERVER)
    assert isinstance(trouble, TroubleSeen)
    assert trouble.code == "truncated"
