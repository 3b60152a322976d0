"""The contract of a channel whose peer, or whose line, does not keep to TLS: the same with either engine."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from tests.channel.pairs import TLS, V12, V13, Maker, Pair, openssl_client, openssl_server, own_client, own_server
from tests.tls.shuttle import client_config, local_ca
from transom.channel.interface import Channel, Data
from transom.channel.keylog_tail import KeyLogTail
from transom.channel.openssl import OpenSslChannel, OpenSslContext
from transom.errors import PeerAlerted, PeerError, PeerMisbehaved, PeerUntrusted
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.groups import NamedGroup
from transom.wire.kept import room_of

RECORD = 2**14

VERSIONS = pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
PAIRS = pytest.mark.parametrize(("client", "server"), TLS)


def text(channel: Channel, wire: bytes) -> bytes:
    """What these bytes become."""
    return b"".join(bytes(event.data) for event in channel.receive(wire) if isinstance(event, Data))


def spoilt(sealed: bytes) -> bytes:
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


def broken(client: Maker, server: Maker, versions: object) -> Pair:
    """The client has been sent a good record and a spoilt one in one piece, and has given what is good."""
    pair = Pair(client(versions=versions), server()).start()
    pair.server.send(b"good")
    good = bytes(pair.server.take_outgoing())
    pair.server.send(b"bad")
    assert text(pair.client, good + spoilt(bytes(pair.server.take_outgoing()))) == b"good"
    return pair


@PAIRS
@VERSIONS
def test_what_came_whole_before_what_is_wrong_is_given_and_then_the_error_each_time(
    client: Maker, server: Maker, versions: object
) -> None:
    pair = broken(client, server, versions)
    assert isinstance(pair.client.failure, PeerMisbehaved)
    pair.server.send(b"more")
    for wire in (bytes(pair.server.take_outgoing()), b"", b"x"):
        with pytest.raises(PeerMisbehaved) as caught:
            pair.client.receive(wire)
        assert caught.value is pair.client.failure


@PAIRS
@VERSIONS
def test_the_alert_for_what_is_wrong_is_in_the_outgoing_bytes_and_the_other_side_names_it(
    client: Maker, server: Maker, versions: object
) -> None:
    pair = broken(client, server, versions)
    size = pair.client.outgoing_size
    alert = bytes(pair.client.take_outgoing())
    assert 0 < len(alert) == size
    with pytest.raises(PeerAlerted, match="bad_record_mac"):
        pair.server.receive(alert)


def test_the_alert_of_one_connection_is_never_in_what_another_of_the_same_settings_sends() -> None:
    """They share one buffer: what OpenSSL says while it reads has to be out of it before anybody else speaks."""
    config = client_config()
    context = OpenSslContext.client(config, None)
    one, two = (Pair(OpenSslChannel(context, config, "localhost"), own_server()).start() for _ in range(2))
    one.server.send(b"bad")
    with pytest.raises(PeerMisbehaved):
        one.client.receive(spoilt(bytes(one.server.take_outgoing())))
    two.client.send(b"ours alone")
    two.run()
    assert two.received("server") == b"ours alone"


@PAIRS
@VERSIONS
def test_a_full_record_that_lacks_its_last_byte_comes_with_that(client: Maker, server: Maker, versions: object) -> None:
    """All that it becomes is more than came."""
    pair = Pair(client(versions=versions), server()).start()
    pair.server.send(b"a" * RECORD)
    pair.server.send(b"b")
    wire = bytes(pair.server.take_outgoing())
    end = 5 + int.from_bytes(wire[3:5])
    assert wire[0] == ContentType.application_data
    assert text(pair.client, wire[: end - 1]) == b""
    assert text(pair.client, wire[end - 1 : end]) == b"a" * RECORD
    assert text(pair.client, wire[end:]) == b"b"


@PAIRS
def test_what_a_bulk_transfer_lay_in_is_not_held_for_the_little_that_comes_after_it(
    client: Maker, server: Maker
) -> None:
    pair = Pair(client(), server()).start()
    pair.server.send(bytes(1_000_000))
    (event,) = pair.client.receive(bytes(pair.server.take_outgoing()))
    assert isinstance(event, Data)
    room = room_of(memoryview(event.data))
    del event
    pair.server.send(b"little")
    assert text(pair.client, bytes(pair.server.take_outgoing())) == b"little"
    assert sys.getrefcount(room) == 2  # ours, and the one that it is asked with


@PAIRS
@pytest.mark.parametrize(("offered", "spoken"), [(V12, V13), (V13, V12)], ids=["1.2 to 1.3", "1.3 to 1.2"])
def test_where_no_version_is_common_the_client_is_told_so_by_name(
    client: Maker, server: Maker, offered: object, spoken: object
) -> None:
    pair = Pair(client(versions=offered), server(versions=spoken))
    pair.client.start()
    pair.server.start()
    with pytest.raises(PeerError):
        pair.server.receive(bytes(pair.client.take_outgoing()))
    with pytest.raises(PeerAlerted, match="protocol_version"):
        pair.client.receive(bytes(pair.server.take_outgoing()))


@PAIRS
@pytest.mark.parametrize(
    "suite",
    [
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ],
    ids=lambda suite: suite.name,
)
@pytest.mark.parametrize("chooser", ["client", "server"])
def test_a_suite_that_one_side_asks_for_by_name_is_the_one(
    client: Maker, server: Maker, suite: CipherSuite, chooser: str
) -> None:
    chosen = {"cipher_suites": (suite,)}
    sides = {"client": client, "server": server}
    made = {who: side(versions=V12, **(chosen if who == chooser else {})) for who, side in sides.items()}
    assert Pair(made["client"], made["server"]).start().established("client").cipher_suite == suite.name


@PAIRS
@VERSIONS
@pytest.mark.parametrize("chooser", ["client", "server"])
def test_a_group_that_one_side_asks_for_by_name_is_the_one(
    client: Maker, server: Maker, versions: object, chooser: str
) -> None:
    chosen = {"groups": (NamedGroup.secp256r1,)}
    sides = {"client": client, "server": server}
    made = {who: side(versions=versions, **(chosen if who == chooser else {})) for who, side in sides.items()}
    pair = Pair(made["client"], made["server"]).start()
    assert [pair.established(who).group for who in sides] == ["secp256r1", "secp256r1"]


def client_that_judges_by_roots(versions: object) -> Channel:
    """OpenSSL without roots leaves the judgement to us, when its handshake is done: there is no alert to say then."""
    config = client_config(versions=versions)
    return OpenSslChannel(OpenSslContext.client(config, local_ca().trust_store), config, "files.example")


@pytest.mark.parametrize("server", [own_server, openssl_server])
@pytest.mark.parametrize("engine", ["own", "openssl"])
@VERSIONS
def test_a_client_that_refuses_a_chain_says_so_and_the_server_names_the_alert(
    engine: str, server: Maker, versions: object
) -> None:
    own = engine == "own"
    client = own_client(name="files.example", versions=versions) if own else client_that_judges_by_roots(versions)
    pair = Pair(client, server())
    with pytest.raises(PeerUntrusted):
        pair.start()
    with pytest.raises(PeerAlerted, match="bad_certificate"):
        pair.server.receive(bytes(pair.client.take_outgoing()))


@pytest.mark.parametrize("client", [own_client, openssl_client])
def test_who_answers_a_client_without_tls_is_called_what_it_is(client: Maker) -> None:
    """OpenSSL itself knows of a wrong version number."""
    side = client()
    side.start()
    with pytest.raises(PeerError, match="expected a TLS record, got plain HTTP"):
        side.receive(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize("server", [own_server, openssl_server])
def test_what_is_to_be_sent_is_counted_before_it_is_taken(server: Maker) -> None:
    side = server()
    side.start()
    with pytest.raises(PeerError):
        side.receive(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    size = side.outgoing_size
    assert 0 < len(side.take_outgoing()) == size


def test_no_secret_is_in_any_folder_once_a_channel_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Python's ssl takes keys, and gives them, by the name of a file alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    keys: list[str] = []
    Pair(openssl_client(keylog=keys.append), openssl_server()).start()
    assert keys
    assert list(tmp_path.iterdir()) == []


def test_the_key_log_of_a_server_that_runs_for_long_does_not_grow() -> None:
    written: list[int] = []

    def open_by_name(name: str) -> None:
        written.append(os.open(name, os.O_WRONLY | os.O_APPEND))

    tail = KeyLogTail(open_by_name)
    for number in range(3):
        os.write(written[0], b"line %d\n" % number)
        assert tail.read() == f"line {number}\n"
        assert os.fstat(written[0]).st_size == 0
    assert tail.read() == ""
    tail.close()
    os.close(written[0])
