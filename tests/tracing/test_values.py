"""What there is to know of a traced conversation, value by value, where it is not as in the simplest of them."""

from __future__ import annotations

import os
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import transom
from tests.real.certificates import Leaf
from tests.real.raw_server import Script, raw_server
from tests.tracing.web import server_context
from transom.errors import UsageError
from transom.tracing.conversation import Conversation

ASKED = b"POST /form HTTP/1.1\r\nHost: other.example\r\nContent-Length: 7\r\nConnection: close\r\n\r\nx=1&y=2"
BODY = os.urandom(100_000)
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY) + BODY
MOMENT = timedelta(milliseconds=1)


def over_tls(leaf: Leaf) -> Script:
    serving = server_context(leaf.chain, leaf.key, ssl.TLSVersion.TLSv1_3)
    serving.set_alpn_protocols(["http/1.1"])

    def script(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as tls:
            came = b""
            while not came.endswith(b"y=2"):
                came += tls.recv(65536)
            tls.sendall(ANSWERED)

    return script


def ask(port: int, trusting: ssl.SSLContext, session: ssl.SSLSession | None = None) -> ssl.SSLSession | None:
    """One exchange, on a connection of its own; its session."""
    with (
        socket.create_connection(("127.0.0.1", port), 20) as raw,
        trusting.wrap_socket(raw, server_hostname="localhost", session=session) as tls,
    ):
        tls.sendall(ASKED)
        while tls.recv(65536):
            pass
        return tls.session


def test_every_value_of_a_conversation_over_tls(leaf: Leaf, trusting: ssl.SSLContext) -> None:
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    trusting.set_ecdh_curve("secp384r1")
    before = datetime.now(UTC)
    with raw_server(over_tls(leaf)) as port, transom.trace() as seen:
        ask(port, trusting)
    (conversation,) = seen.conversations
    assert conversation.server == f"127.0.0.1:{port}"
    assert (conversation.protocol, conversation.version) == ("tls", "TLSv1.3")
    assert conversation.cipher_suite == "TLS_AES_256_GCM_SHA384"
    assert (conversation.group, conversation.alpn, conversation.resumed) == ("secp384r1", "http/1.1", False)
    assert conversation.host == "localhost"  # by SNI, though the request is for another
    assert (conversation.decrypted, conversation.why_not) == ("full", None)
    assert len(ASKED) < conversation.client_bytes < 3000
    assert len(ANSWERED) < conversation.server_bytes < len(ANSWERED) + 9000
    assert conversation.start is not None
    assert conversation.end is not None
    assert before - MOMENT <= conversation.start <= conversation.end <= datetime.now(UTC) + MOMENT
    (request,) = conversation.requests
    assert (request.method, request.url, request.status) == ("POST", "https://other.example/form", 200)
    assert (request.sent, request.received, request.sha256, request.complete) == (7, len(BODY), None, True)


def test_a_session_that_is_resumed_is_said_to_be(leaf: Leaf, trusting: ssl.SSLContext) -> None:
    with raw_server(over_tls(leaf)) as port, transom.trace() as seen:
        ask(port, trusting, ask(port, trusting))
    assert [conversation.resumed for conversation in seen.conversations] == [False, True]


def test_of_a_context_that_logs_into_a_pipe_it_is_said_that_no_keys_came(
    https: int, trusting: ssl.SSLContext, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "keys")
    reading = os.open(tmp_path / "keys", os.O_RDONLY | os.O_NONBLOCK)
    try:
        trusting.keylog_filename = str(tmp_path / "keys")
        with transom.trace() as seen:
            ask(https, trusting)  # in another process: nobody has the server's keys here
        assert os.read(reading, 65536).startswith((b"#", b"SERVER_", b"CLIENT_", b"EXPORTER_"))
    finally:
        os.close(reading)
    (conversation,) = seen.conversations
    assert (conversation.decrypted, conversation.why_not, conversation.requests) == ("no", "no-keys", ())


@pytest.mark.parametrize(
    ("field", "host"), [("[::1]:8080", "::1"), ("shop.example:8080", "shop.example"), ("shop.example", "shop.example")]
)
def test_in_the_clear_the_host_is_that_of_the_request(field: str, host: str) -> None:
    conversation = in_the_clear(f"GET / HTTP/1.1\r\nHost: {field}\r\n\r\n".encode())
    assert (conversation.host, conversation.requests[0].url) == (host, f"http://{field}/")


def test_in_the_clear_without_a_host_it_is_the_address() -> None:
    conversation = in_the_clear(b"GET / HTTP/1.0\r\n\r\n")
    assert (conversation.host, conversation.version, conversation.decrypted) == ("127.0.0.1", None, None)


def in_the_clear(said: bytes) -> Conversation:
    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    with (
        raw_server(script) as port,
        transom.trace() as seen,
        socket.create_connection(("127.0.0.1", port), 20) as client,
    ):
        client.sendall(said)
        while client.recv(65536):
            pass
    (conversation,) = seen.conversations
    return conversation


def test_a_trace_is_for_one_block() -> None:
    trace = transom.trace()
    with trace:
        pass
    with pytest.raises(UsageError, match="used already"), trace:
        pass
