"""An `ssl.SSLSocket` with the taps in is what it is without them: every test here runs both ways."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.real.certificates import Authority
from tests.real.raw_server import drain, raw_server
from transom.taps import installed

Serve = Callable[[ssl.SSLSocket], object]
T = TypeVar("T")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLSv1.2", "TLSv1.3"])
def serving(authority: Authority, request: pytest.FixtureRequest) -> ssl.SSLContext:
    """A server's context, of either version in turn."""
    leaf = authority.leaf()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain, leaf.key)
    context.minimum_version = context.maximum_version = request.param
    context.set_alpn_protocols(["http/1.1"])
    return context


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.root))
    context.set_alpn_protocols(["http/1.1"])
    return context


@pytest.fixture(params=["plain", "tapped"], autouse=True)
def events(request: pytest.FixtureRequest) -> Generator[list[tuple[int, int, int, bytes]]]:
    """With the taps in every other time. What they tell is tested elsewhere."""
    told: list[tuple[int, int, int, bytes]] = []

    def sink(kind: int, number: int, time: int, payload: bytes) -> None:
        told.append((kind, number, time, payload))

    if request.param == "tapped":
        installed.add(sink)
    yield told
    if request.param == "tapped":
        installed.remove(sink)


@contextmanager
def connected(
    serve: Serve, serving: ssl.SSLContext, trusting: ssl.SSLContext, *, timeout: float | None = 20, **wrap: object
) -> Generator[ssl.SSLSocket]:
    """A client's socket, connected to a server that does `serve` with its own."""

    def script(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as tls:
            serve(tls)

    with raw_server(script) as port:
        raw = socket.create_connection(("127.0.0.1", port), timeout)
        with trusting.wrap_socket(raw, server_hostname="localhost", **wrap) as client:  # type: ignore[arg-type]
            yield client


def echo(tls: ssl.SSLSocket) -> None:
    while piece := tls.recv(65536):
        tls.sendall(piece)


def test_what_is_sent_comes_back(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    message = bytes(range(256)) * 40
    received = b""
    with connected(echo, serving, trusting) as client:
        assert isinstance(client, ssl.SSLSocket)
        for _ in range(25):
            client.sendall(message)
            came = len(received) + len(message)
            while len(received) < came:
                received += client.recv(10_000)
    assert received == message * 25


@pytest.mark.parametrize("events", ["tapped"], indirect=True)
def test_one_thread_may_send_while_another_receives(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    """With the taps: ssl itself does not bear it (python/cpython#151508)."""
    message = bytes(range(256)) * 1000
    with connected(echo, serving, trusting) as client:
        sender = threading.Thread(target=client.sendall, args=(message,))
        sender.start()
        received = b""
        while len(received) < len(message):
            received += client.recv(10_000)
        sender.join()
    assert received == message


def test_what_is_known_of_the_session(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with connected(echo, serving, trusting) as client:
        assert client.version() == str(serving.minimum_version.name).replace("_", ".")
        assert client.selected_alpn_protocol() == "http/1.1"
        certificate = client.getpeercert()
        assert certificate is not None
        assert ("DNS", "localhost") in certificate["subjectAltName"]
        assert client.getpeercert(binary_form=True)
        assert client.cipher()
        assert client.shared_ciphers() is None
        assert client.compression() is None
        assert client.context is trusting
        assert client.server_hostname == "localhost"
        assert not client.session_reused


def test_a_session_is_resumed(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with connected(echo, serving, trusting) as client:
        client.sendall(b"x")
        client.recv(1)  # the ticket of TLS 1.3 has come by then
        session = client.session
    with connected(echo, serving, trusting, session=session) as client:
        assert client.session_reused


def test_a_read_that_times_out_can_be_tried_again(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    goes_on = threading.Event()

    def serve(tls: ssl.SSLSocket) -> None:
        goes_on.wait(20)
        tls.sendall(b"late")

    with connected(serve, serving, trusting) as client:
        client.settimeout(0.05)
        with pytest.raises(TimeoutError, match=r"^The read operation timed out$"):
            client.recv(10)
        goes_on.set()
        client.settimeout(20)
        assert client.recv(10) == b"late"


def test_a_handshake_times_out_with_a_server_that_is_silent(trusting: ssl.SSLContext) -> None:
    with raw_server(drain) as port:
        raw = socket.create_connection(("127.0.0.1", port), 0.05)
        with raw, pytest.raises(TimeoutError, match="The handshake operation timed out"):
            trusting.wrap_socket(raw, server_hostname="localhost")


def test_a_write_times_out_with_a_peer_that_does_not_read(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    over = threading.Event()
    with connected(lambda _: over.wait(20), serving, trusting) as client:
        client.settimeout(0.05)
        with pytest.raises(TimeoutError, match=r"^The write operation timed out$"):
            client.sendall(bytes(50_000_000))
        over.set()


def test_a_socket_that_does_not_block(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    message = bytes(range(256)) * 40_000
    received = bytearray()
    reads, over = threading.Event(), threading.Event()

    def serve(tls: ssl.SSLSocket) -> None:
        reads.wait(20)
        while len(received) < len(message):
            received.extend(tls.recv(65536))
        tls.sendall(b"thanks")
        over.wait(20)

    with connected(serve, serving, trusting, do_handshake_on_connect=False) as client:
        client.setblocking(False)
        _until_done(client, client.do_handshake)
        with pytest.raises(ssl.SSLWantReadError) as wanted:
            client.recv(1)
        assert wanted.value.errno == ssl.SSL_ERROR_WANT_READ
        with pytest.raises(ssl.SSLWantWriteError) as blocked:
            client.send(message)
        assert blocked.value.errno == ssl.SSL_ERROR_WANT_WRITE
        reads.set()
        assert _until_done(client, lambda: client.send(message)) == len(message)
        assert _until_done(client, lambda: client.recv(10)) == b"thanks"
        over.set()
    assert received == message


def test_what_is_there_is_read_though_a_write_waits(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    message = bytes(50_000_000)
    reads = threading.Event()
    counts: list[int] = []

    def serve(tls: ssl.SSLSocket) -> None:
        tls.sendall(b"before you have done")
        reads.wait(20)
        while piece := tls.recv(65536):
            counts.append(len(piece))

    with connected(serve, serving, trusting) as client:
        client.setblocking(False)
        with pytest.raises(ssl.SSLWantWriteError):
            client.send(message)
        assert select.select([client], [], [], 20)[0] == [client]
        came = b""
        while not came:
            with contextlib.suppress(ssl.SSLWantReadError):  # a ticket
                came = client.recv(100)
        assert came == b"before you have done"
        reads.set()
        assert _until_done(client, lambda: client.send(message)) == len(message)
    assert sum(counts) == len(message)


def test_a_write_that_was_begun_has_to_be_gone_on_with(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    over = threading.Event()
    with connected(lambda _: over.wait(20), serving, trusting) as client:
        client.setblocking(False)
        with pytest.raises(ssl.SSLWantWriteError):
            client.send(bytes(50_000_000))
        with pytest.raises(ssl.SSLError, match="bad length"):
            client.send(bytes(10))
        over.set()


def test_no_more_is_taken_from_the_socket_than_openssl_takes(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    over = threading.Event()

    def serve(tls: ssl.SSLSocket) -> None:
        tls.recv(1)
        tls.send(b"first")
        tls.send(b"second")
        over.wait(20)

    with connected(serve, serving, trusting) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"f"
        assert client.pending() == 4
        assert select.select([client], [], [], 20)[0] == [client]
        assert client.recv(100) == b"irst"
        assert client.pending() == 0
        assert client.recv(100) == b"second"
        assert select.select([client], [], [], 0)[0] == []
        over.set()


def test_a_read_of_nothing_waits_for_nothing(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with connected(echo, serving, trusting) as client:
        client.sendall(b"x")
        assert client.recv(10) == b"x"
        assert client.recv(0) == b""
        assert client.recv_into(bytearray()) == 0
        client.sendall(b"y")
        assert client.recv(10) == b"y"


def test_a_server_that_reads_asks_first_for_the_certificate_it_wants(authority: Authority) -> None:
    """After the handshake, which TLS 1.3 alone knows."""
    serving, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(authority.root))
    for context, leaf in ((serving, authority.leaf()), (trusting, authority.client())):
        context.load_cert_chain(leaf.chain, leaf.key)
        context.post_handshake_auth = True
    serving.load_verify_locations(str(authority.root))
    serving.verify_mode = ssl.CERT_OPTIONAL
    shown: list[bool] = []

    def serve(tls: ssl.SSLSocket) -> None:
        assert tls.recv(1) == b"1"
        shown.append(bool(tls.getpeercert()))
        tls.verify_client_post_handshake()
        tls.setblocking(False)
        with pytest.raises(ssl.SSLWantReadError):
            tls.recv(1)
        assert select.select([tls], [], [], 20)[0] == [tls]  # it was asked, and answers
        tls.settimeout(20)
        tls.sendall(b"2")
        assert tls.recv(1) == b"3"
        shown.append(bool(tls.getpeercert()))
        tls.sendall(b"4")

    with connected(serve, serving, trusting) as client:
        client.sendall(b"1")
        assert client.recv(1) == b"2"
        client.sendall(b"3")
        assert client.recv(1) == b"4"
    assert shown == [False, True]


def test_after_unwrap_the_connection_is_plain_tcp(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    def serve(tls: ssl.SSLSocket) -> None:
        tls.recv(10)
        plain = tls.unwrap()
        plain.sendall(b"plain again")
        drain(plain)

    with connected(serve, serving, trusting) as client:
        client.sendall(b"x")
        plain = client.unwrap()
        assert plain is client
        assert plain.recv(100) == b"plain again"


@pytest.mark.parametrize("suppressed", [True, False])
def test_a_server_that_ends_without_a_word(serving: ssl.SSLContext, trusting: ssl.SSLContext, suppressed: bool) -> None:
    after_the_end: list[bytes] = []

    def serve(tls: ssl.SSLSocket) -> None:
        tls.sendall(b"half of i")
        with socket.socket(fileno=tls.detach()) as raw:
            raw.settimeout(20)
            raw.shutdown(socket.SHUT_WR)
            after_the_end.append(drain(raw))

    with connected(serve, serving, trusting, suppress_ragged_eofs=suppressed) as client:
        assert client.recv(100) == b"half of i"
        if suppressed:
            assert client.recv(100) == b""
        else:
            with pytest.raises(ssl.SSLEOFError) as ended:
                client.recv(100)
            assert ended.value.reason == "UNEXPECTED_EOF_WHILE_READING"
    (alert,) = after_the_end
    assert alert[0] in (21, 23)  # OpenSSL says that it did not expect that


def test_a_server_that_says_goodbye(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    def serve(tls: ssl.SSLSocket) -> None:
        tls.sendall(b"all")
        with contextlib.suppress(OSError):
            tls.unwrap()

    with connected(serve, serving, trusting, suppress_ragged_eofs=False) as client:
        assert client.recv(100) == b"all"
        assert client.recv(100) == b""
        assert client.recv(100) == b""


def test_a_server_that_resets(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    def serve(tls: ssl.SSLSocket) -> None:
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tls.recv(1)

    with connected(serve, serving, trusting) as client:
        client.sendall(b"xy")
        # From Python 3.10 to 3.12.3 an end that `suppress_ragged_eofs` is about (python/cpython#115627).
        assert _what_comes(lambda: client.recv(100)) == _what_a_reset_is()
        assert _what_comes(lambda: client.sendall(b"z" * 100_000)) in (ssl.SSLEOFError, BrokenPipeError)


def test_a_server_that_does_not_speak_tls(trusting: ssl.SSLContext) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with raw_server(script) as port, socket.create_connection(("127.0.0.1", port), 20) as raw:
        with pytest.raises(ssl.SSLError) as refused:
            trusting.wrap_socket(raw, server_hostname="localhost")
        assert refused.value.reason == "WRONG_VERSION_NUMBER"


def test_a_server_that_is_not_trusted_is_told_so(serving: ssl.SSLContext) -> None:
    told: list[str] = []

    def script(connection: socket.socket) -> None:
        try:
            with serving.wrap_socket(connection, server_side=True) as tls:
                tls.recv(1)
        except ssl.SSLError as error:
            told.append(str(error.reason))

    with raw_server(script) as port, socket.create_connection(("127.0.0.1", port), 20) as raw:
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")
        assert refused.value.verify_code == 20
    assert told == ["TLSV1_ALERT_UNKNOWN_CA"]


def test_a_client_that_wraps_before_it_connects(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    def script(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as tls:
            echo(tls)

    with raw_server(script) as port, trusting.wrap_socket(socket.socket(), server_hostname="localhost") as client:
        client.connect(("127.0.0.1", port))
        client.sendall(b"hello")
        assert client.recv(100) == b"hello"


def test_a_socket_as_a_file_and_a_file_into_a_socket(
    serving: ssl.SSLContext, trusting: ssl.SSLContext, tmp_path: Path
) -> None:
    (tmp_path / "lines").write_bytes(b"one\ntwo\n" * 10_000)
    with connected(echo, serving, trusting) as client, (tmp_path / "lines").open("rb") as file:
        client.sendfile(file)
        with client.makefile("rb") as stream:
            came = [stream.readline() for _ in range(20_000)]
        assert came[:2] == [b"one\n", b"two\n"]
        assert came == came[:2] * 10_000


def test_the_server_may_change_its_context_for_a_name(
    serving: ssl.SSLContext, trusting: ssl.SSLContext, authority: Authority
) -> None:
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = authority.leaf(names=("other.example", "localhost"))
    other.load_cert_chain(leaf.chain, leaf.key)
    sockets: list[object] = []

    def change(tls: ssl.SSLObject, name: str, context: ssl.SSLContext) -> None:
        sockets.append(tls)
        tls.context = other

    serving.sni_callback = change
    try:
        with connected(echo, serving, trusting) as client:
            certificate = client.getpeercert()
            assert certificate is not None
            assert ("DNS", "other.example") in certificate["subjectAltName"]
    finally:
        serving.sni_callback = None
    assert [type(tls) for tls in sockets] == [ssl.SSLSocket]


def _what_comes(call: Callable[[], object]) -> object:
    try:
        return call()
    except OSError as error:
        return type(error)


def _what_a_reset_is() -> object:
    is_of_old = (3, 10) <= sys.version_info < (3, 12, 4)
    return b"" if is_of_old else ConnectionResetError


def _until_done(client: ssl.SSLSocket, call: Callable[[], T]) -> T:
    while True:
        try:
            return call()
        except ssl.SSLWantReadError:
            assert select.select([client], [], [], 20)[0]
        except ssl.SSLWantWriteError:
            assert select.select([], [client], [], 20)[1]
