"""The contract of a channel, held by each of them and across them in both directions."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from tests.channel.pairs import TLS, V12, V13, Maker, Pair, openssl_client, openssl_server, own_client, own_server
from tests.tls.shuttle import client_config, local_ca
from transom.channel.interface import Data, Established, PeerClosed
from transom.channel.openssl import OpenSslChannel, OpenSslContext
from transom.channel.plain import PlainChannel
from transom.errors import PeerError, PeerUntrusted, Truncated
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.wire.kept import room_of

FILE = bytes(range(256)) * 1000


@pytest.fixture(
    params=[(PlainChannel, PlainChannel), *[(p.values[0], p.values[1]) for p in TLS]],
    ids=lambda makers: " to ".join(maker.__name__ for maker in makers),
)
def pair(request: pytest.FixtureRequest) -> Pair:
    client, server = request.param
    return Pair(client(), server()).start()


def test_each_side_is_established_once_and_before_any_data(pair: Pair) -> None:
    for who in ("client", "server"):
        assert [type(event) for event in pair.events[who]] == [Established]


def test_no_certificate_is_missed_where_none_is_asked_for(pair: Pair) -> None:
    assert (pair.client.certificate_missed, pair.server.certificate_missed) == (False, False)


def test_what_one_side_sends_the_other_receives_whole_and_in_order(pair: Pair) -> None:
    pair.client.send(b"GET")
    pair.run()
    pair.server.send(memoryview(FILE))
    pair.client.send(b" more")
    pair.run()
    assert pair.received("server") == b"GET more"
    assert pair.received("client") == FILE


def test_a_buffer_may_be_reused_once_send_returns(pair: Pair) -> None:
    buffer = bytearray(FILE)
    pair.client.send(buffer)
    buffer[:] = bytes(len(buffer))
    pair.run()
    assert pair.received("server") == FILE


@pytest.mark.parametrize("lengths", [(1,), (16_384,), (16_385, 5), (300_000, 1, 40_000), (1_000_000,)])
def test_what_is_filled_in_arrives_in_order_with_what_is_sent(pair: Pair, lengths: tuple[int, ...]) -> None:
    numbers = iter(range(10_000_000))

    def fill(buffers: Sequence[memoryview]) -> None:
        for buffer in buffers:
            buffer[:] = bytes(next(numbers) * 7 % 251 for _ in range(len(buffer)))

    pair.server.send(b"head")
    for length in lengths:
        left = length
        while left:
            sent = pair.server.send_from(left, fill)
            assert 0 < sent <= left
            left -= sent
    pair.server.send(b"tail")
    pair.run()
    pair.server.outgoing_is_out()
    body = bytes(number * 7 % 251 for number in range(sum(lengths)))
    assert pair.received("client") == b"head" + body + b"tail"


def test_the_end_of_the_stream_without_a_goodbye_is_not_clean_and_nothing_is_said_to_it(pair: Pair) -> None:
    for side in (pair.client, pair.server):
        side.take_outgoing()
        assert side.receive(b"") == [PeerClosed(clean=False)]
        assert bytes(side.take_outgoing()) == b""


@pytest.mark.parametrize(("client", "server"), TLS)
@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("key", ["rsa", "ecdsa", "ed25519"])
def test_both_ends_report_the_same_connection(client: Maker, server: Maker, versions: object, key: str) -> None:
    pair = Pair(client(versions=versions, alpn=("http/1.1",)), server(key, alpn=("http/1.1",))).start()
    assert pair.established("client") == pair.established("server")
    seen = pair.established("client")
    assert seen.version == ("TLSv1.2" if versions == V12 else "TLSv1.3")
    assert seen.alpn == "http/1.1"
    assert seen.group == "x25519"
    assert seen.cipher_suite is not None


@pytest.mark.parametrize(("client", "server"), TLS)
def test_bytes_may_come_one_at_a_time(client: Maker, server: Maker) -> None:
    pair = Pair(client(), server(), chunk=1).start()
    pair.client.send(b"x" * 3000)
    pair.run()
    assert pair.received("server") == b"x" * 3000


@pytest.mark.parametrize(("client", "server"), TLS)
def test_what_is_kept_of_bulk_stays_as_it_came(client: Maker, server: Maker) -> None:
    pair = Pair(client(), server()).start()
    kept: list[memoryview] = []
    for number in range(6):
        pair.server.send(bytes([number]) * 200_000)
        for event in pair.client.receive(bytes(pair.server.take_outgoing())):
            assert isinstance(event, Data)
            view = memoryview(event.data)
            room = room_of(view)
            assert room is not None
            room.keep()
            kept.append(view)
    assert b"".join(kept) == b"".join(bytes([number]) * 200_000 for number in range(6))


@pytest.mark.parametrize(("client", "server"), TLS)
def test_close_is_a_clean_end_for_the_other_side(client: Maker, server: Maker) -> None:
    pair = Pair(client(), server()).start()
    pair.client.send(b"last words")
    pair.client.close()
    pair.run()
    assert pair.received("server") == b"last words"
    assert pair.events["server"][-1] == PeerClosed(clean=True)


@pytest.mark.parametrize(("client", "server"), TLS)
@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
def test_a_certificate_for_another_name_is_refused_with_the_same_words(
    client: Maker, server: Maker, versions: object
) -> None:
    pair = Pair(client(name="files.example", versions=versions), server())
    with pytest.raises(PeerUntrusted, match=r"is for localhost.*, not for files\.example"):
        pair.start()


def test_openssl_sends_the_alert_when_it_judges_by_roots_itself() -> None:
    config = client_config()
    client = OpenSslChannel(OpenSslContext.client(config, local_ca().trust_store), config, "files.example")
    pair = Pair(client, own_server())
    with pytest.raises(PeerUntrusted, match=r"not for files\.example"):
        pair.start()
    with pytest.raises(PeerError, match="bad_certificate"):
        pair.server.receive(client.take_outgoing())


@pytest.mark.parametrize(("client", "server"), TLS)
def test_a_peer_that_goes_away_in_the_handshake_is_truncation(client: Maker, server: Maker) -> None:
    side = client()
    side.start()
    side.take_outgoing()
    with pytest.raises(Truncated):
        side.receive(b"")
    assert bytes(side.take_outgoing()) == b""


@pytest.mark.parametrize("server", [own_server, openssl_server])
@pytest.mark.parametrize(("method", "has_text"), [(b"GET", True), (b"PATCH", True), (b"HEAD", False)])
def test_plain_http_has_an_answer_in_plain_http_and_no_alert(server: Maker, method: bytes, has_text: bool) -> None:
    side = server()
    side.start()
    with pytest.raises(PeerError):
        side.receive(method + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head, _, text = bytes(side.take_outgoing()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert (b"This port speaks HTTPS" in text) is has_text
    assert side.outgoing_size == 0


@pytest.mark.parametrize("server", [own_server, openssl_server])
@pytest.mark.parametrize("said", [b"\0\0\0\0\0\0\0", b"gET / HTTP/1.1\r\n\r\n", b"EHLO localhost\r\n"])
def test_what_is_neither_tls_nor_http_has_an_alert(server: Maker, said: bytes) -> None:
    side = server()
    side.start()
    with pytest.raises(PeerError):
        side.receive(said)
    assert bytes(side.take_outgoing())[:1] in (b"\x15", b"")  # OpenSSL has none for some


@pytest.mark.parametrize("client", [own_client, openssl_client])
def test_a_client_answers_no_requests(client: Maker) -> None:
    side = client()
    side.start()
    side.take_outgoing()
    with pytest.raises(PeerError):
        side.receive(b"GET / HTTP/1.1\r\n\r\n")
    assert bytes(side.take_outgoing())[:1] in (b"\x15", b"")


@pytest.mark.parametrize("client", [own_client, openssl_client])
@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
def test_the_key_log_holds_the_sessions_secrets(client: Maker, versions: tuple[ProtocolVersion, ...]) -> None:
    keys = KeyLog()
    Pair(client(versions=versions, keylog=keys.receive), own_server()).start()
    labels = {line.split()[0] for line in keys.lines()}
    assert labels >= ({"CLIENT_RANDOM"} if versions == V12 else {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"})


@pytest.mark.parametrize(("client", "server"), TLS)
def test_a_channel_that_ended_holds_no_memory_for_what_comes(client: Maker, server: Maker) -> None:
    pair = Pair(client(), server()).start()
    pair.server.send(FILE)
    (event,) = pair.client.receive(bytes(pair.server.take_outgoing()))
    assert isinstance(event, Data)
    view = memoryview(event.data)
    room = room_of(view)
    assert room is not None
    room.keep()
    del event
    pair.client.ended()
    assert bytes(view) == FILE  # who kept it has it
    del view
    assert sys.getrefcount(room) == 2  # ours, and the one that it is asked with
