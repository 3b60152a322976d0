"""An `ssl.SSLObject` with a tap in, as on a uvloop, is what it is without one: every test here runs both ways."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator

import pytest

from tests.real.certificates import Authority
from transom.taps import installed, tls_io
from transom.taps.events import OPENED, RECEIVED, SENT
from transom.taps.memory import HELLOS
from transom.taps.tls_io import TappedTls

ENDS = b"192.0.2.1 40000 192.0.2.2 443"


class End:
    """One side: what it is to read goes into `incoming`, what it has to say is in `outgoing`."""

    def __init__(self, context: ssl.SSLContext, **wrap: object) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, **wrap)  # type: ignore[arg-type]

    def tries(self, call: Callable[[], object]) -> object:
        """What it gives; None where more has to be read."""
        try:
            return call()
        except ssl.SSLWantReadError:
            return None


Pair = tuple[End, End]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=["plain", "tapped"])
def events(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Generator[list[tuple[int, bytes]]]:
    """What was told, where the taps are in."""
    told: list[tuple[int, bytes]] = []

    def sink(kind: int, number: int, time: int, payload: bytes) -> None:
        told.append((kind, payload))

    if request.param == "tapped":
        monkeypatch.setattr(tls_io, "is_running", lambda: True)
        installed.add(sink)
    yield told
    if request.param == "tapped":
        installed.remove(sink)


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLSv1.2", "TLSv1.3"])
def pair(events: list[tuple[int, bytes]], authority: Authority, request: pytest.FixtureRequest) -> Pair:
    """A client and a server."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = authority.leaf()
    serving.load_cert_chain(leaf.chain, leaf.key)
    serving.minimum_version = serving.maximum_version = request.param
    client = End(ssl.create_default_context(cafile=str(authority.root)), server_hostname="localhost")
    return client, End(serving, server_side=True)


@pytest.fixture
def shaken(pair: Pair) -> Pair:
    """The same when the handshake is over, and all that belongs to it has been read."""
    for _ in range(3):
        for end in pair:
            end.tries(end.tls.do_handshake)
            carry(pair)
    client, server = pair
    assert client.tries(lambda: client.tls.read(1)) is None  # the tickets
    assert (client.tls.version(), client.outgoing.pending) == (server.tls.version(), 0)
    return pair


def carry(pair: Pair) -> None:
    """To each what the other has said."""
    for end, other in (pair, pair[::-1]):
        other.incoming.write(end.outgoing.read())


def test_is_tapped_where_it_is_to_be(pair: Pair, events: list[object], request: pytest.FixtureRequest) -> None:
    is_tapped = isinstance(pair[0].tls._sslobj, TappedTls)  # type: ignore[attr-defined]
    assert is_tapped == ("tapped" in request.node.callspec.id)


def test_what_is_written_is_read_record_by_record(shaken: Pair) -> None:
    client, server = shaken
    message = bytes(range(256)) * 1000
    assert client.tls.write(message) == len(message)
    carry(shaken)
    received = b""
    while server.incoming.pending or server.tls.pending():
        piece = server.tls.read(10_000)
        assert len(piece) <= 10_000
        received += piece
    assert received == message
    assert server.tries(lambda: server.tls.read(1)) is None


def test_no_more_is_taken_than_openssl_takes(shaken: Pair) -> None:
    client, server = shaken
    client.tls.write(b"first")
    client.tls.write(b"second")
    carry(shaken)
    assert (server.tls.read(1), server.tls.pending()) == (b"f", 4)
    assert server.incoming.pending == 5 + len(b"second") + overhead(server.tls)
    assert (server.tls.read(100), server.tls.read(100)) == (b"irst", b"second")
    assert server.incoming.pending == 0


def overhead(tls: ssl.SSLObject) -> int:
    """Of a record's payload over its plaintext, with an AEAD of 16 bytes."""
    cipher = tls.cipher()
    assert cipher is not None
    explicit_nonce = 8 if tls.version() == "TLSv1.2" and "GCM" in cipher[0] else 0
    return explicit_nonce + 16 + (tls.version() == "TLSv1.3")


def test_bytes_that_come_one_by_one(shaken: Pair) -> None:
    client, server = shaken
    client.tls.write(b"slow")
    wire = client.outgoing.read()
    for byte in wire[:-1]:
        server.incoming.write(bytes([byte]))
        assert server.tries(lambda: server.tls.read(100)) is None
    server.incoming.write(wire[-1:])
    assert server.tls.read(100) == b"slow"


def test_a_buffer_is_read_into(shaken: Pair) -> None:
    client, server = shaken
    client.tls.write(b"abc")
    carry(shaken)
    buffer = bytearray(10)
    count: object = server.tls.read(10, buffer)
    assert count == 3
    assert buffer[:3] == b"abc"


def test_what_is_known_of_the_session(shaken: Pair) -> None:
    client, _ = shaken
    certificate = client.tls.getpeercert()
    assert certificate is not None
    assert ("DNS", "localhost") in certificate["subjectAltName"]
    assert client.tls.server_hostname == "localhost"
    assert not client.tls.session_reused
    assert client.tls.get_channel_binding("tls-unique")


def test_what_follows_the_end_is_left_where_it_is(shaken: Pair) -> None:
    client, server = shaken
    assert client.tries(client.tls.unwrap) is None
    carry(shaken)
    server.incoming.write(b"plain again")
    assert server.tls.read(1) == b""
    server.tls.unwrap()
    assert server.incoming.read() == b"plain again"
    carry(shaken)
    client.tls.unwrap()


def test_an_end_without_a_word(shaken: Pair) -> None:
    client, server = shaken
    client.tls.write(b"last")
    carry(shaken)
    server.incoming.write_eof()
    assert server.tls.read(10) == b"last"
    with pytest.raises(ssl.SSLEOFError):
        server.tls.read(10)


def test_who_is_not_trusted_is_told_so(events: list[object], authority: Authority) -> None:
    leaf = authority.leaf()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(leaf.chain, leaf.key)
    pair = End(ssl.create_default_context(), server_hostname="localhost"), End(serving, server_side=True)
    client, server = pair
    for end in pair:
        end.tries(end.tls.do_handshake)
        carry(pair)
    with pytest.raises(ssl.SSLCertVerificationError):
        client.tls.do_handshake()
    carry(pair)
    with pytest.raises(ssl.SSLError, match="unknown ca"):
        server.tls.do_handshake()


def told_by_clients(events: list[tuple[int, bytes]]) -> dict[int, bytes]:
    """The bytes of either direction, if it is one connection from us."""
    assert [payload for kind, payload in events if kind == OPENED] == [b"client " + ENDS]
    return {way: b"".join(payload for kind, payload in events if kind == way) for way in (SENT, RECEIVED)}


@pytest.mark.parametrize("events", ["tapped"], indirect=True)
def test_what_crossed_is_told_once_it_is_known_where(shaken: Pair, events: list[tuple[int, bytes]]) -> None:
    client, _ = shaken
    assert [kind for kind, _ in events if kind in (OPENED, SENT, RECEIVED)] == []
    client.tls._sslobj.way.place(ENDS)  # type: ignore[attr-defined]
    client.tls.write(b"ask")
    asked = client.outgoing.read()
    installed.settle()
    told = told_by_clients(events)
    assert told[SENT][:3] == b"\x16\x03\x01"
    assert told[SENT].endswith(asked)
    assert told[RECEIVED][:3] == b"\x16\x03\x03"


@pytest.mark.parametrize("events", ["tapped"], indirect=True)
def test_the_hello_that_came_says_where_it_is(pair: Pair, events: list[tuple[int, bytes]]) -> None:
    client, server = pair
    client.tries(client.tls.do_handshake)
    carry(pair)
    server.tries(server.tls.do_handshake)
    answer = server.outgoing.read()
    HELLOS.note(answer[:96], ENDS)
    client.incoming.write(answer)
    client.tries(client.tls.do_handshake)
    installed.settle()
    told = told_by_clients(events)
    assert answer.startswith(told[RECEIVED])
    assert len(told[RECEIVED]) > 96
    assert HELLOS.ends(answer) is None  # asked for once


@pytest.mark.parametrize(
    "data", [b"", b"\x16", b"\x16\x03\x03", b"\x17\x03\x03\0\x05\x02aaaaaaaaaaa", b"GET / HTTP/1.1\r\n"]
)
def test_what_is_no_hello_is_not_remembered(data: bytes) -> None:
    HELLOS.note(data, ENDS)
    assert HELLOS.ends(data) is None
