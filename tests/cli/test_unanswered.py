"""A server, or something before it, that ends the connection in the place of an answer to the ClientHello."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cli.test_run_capture import may_capture
from tests.real.raw_server import Script, drain, raw_server
from tests.real.transom import User
from transom.cli.words import LANGS, Lang, words
from transom.dissect.handshake_end import ENDED_IN_HANDSHAKE, UNANSWERED_AS_A_RULE
from transom.errors import Sentence

CURL = ("curl", "-q", "-sS", "--max-time", "30", "--http1.1")
HANDSHAKE_FAILED = 35
"""Of curl, and ours."""

PYTHON = "import ssl,sys; ssl.get_server_certificate(('localhost', int(sys.argv[1])))"
"""Which takes no notice of a proxy."""


def resets(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closes(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.shutdown(socket.SHUT_WR)
    drain(connection)


RESET = (resets, "the server's side reset the connection (RST) instead of answering: ")
CLOSED = (closes, "the server's side closed the connection (FIN) instead of answering: ")
both = pytest.mark.parametrize(("script", "text"), [RESET, CLOSED], ids=["reset", "fin"])


@contextmanager
def server(script: Script) -> Generator[str]:
    with raw_server(script) as port:
        yield f"localhost:{port}"


def problems(text: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, text.splitlines()) if line["type"] == "problem"]


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@both
@pytest.mark.parametrize("way", ["tunnel", "capture", "taps"])
def test_run_and_read_tell_in_json_who_ended_it(user: User, script: Script, text: str, way: str) -> None:
    what = text + UNANSWERED_AS_A_RULE
    expected = {"type": "problem", "conversation": 0, "code": ENDED_IN_HANDSHAKE, "where": "ClientHello", "what": what}
    with server(script) as place:
        options = ("--json", "--summary", "lines", "--trace", "t.pcapng")
        match way:
            case "tunnel":
                ran = user.run("run", *options, "--", *CURL, f"https://{place}/")
            case "capture":
                ran = user.run("run", "--capture", *options, "--", *CURL, "--noproxy", "*", f"https://{place}/")
            case _:
                port = place.partition(":")[2]
                code = f"import contextlib\nwith contextlib.suppress(OSError):\n {PYTHON}"
                ran = user.run("run", "--python", *options, "--", "python3", "-c", code, port)
    if way == "capture" and not may_capture():
        assert ran.exit_code == 2
        return
    assert ran.exit_code == (0 if way == "taps" else HANDSHAKE_FAILED), ran.stderr
    assert problems((user.folder / "lines").read_text()) == [expected]
    assert problems(user.run("read", "--json", "t.pcapng").text) == [expected]


@both
@pytest.mark.parametrize("lang", LANGS)
def test_they_tell_it_in_words_with_what_it_is_as_a_rule(user: User, lang: Lang, script: Script, text: str) -> None:
    language = {"PYTHONUTF8": "1"}
    told = words(lang).tell(Sentence(text + "{rule}", rule=UNANSWERED_AS_A_RULE))
    with server(script) as place:
        options = ("--lang", lang, "--explain", "--trace", "t.pcapng", "--")
        ran = user.run("run", *options, *CURL, f"https://{place}/", env=language)
    said = one_line(ran.stderr)
    assert f"✗ ClientHello: {told}" in said
    assert f"✗ {ENDED_IN_HANDSHAKE}, ClientHello: {told}" in said
    read = user.run("read", "--lang", lang, "t.pcapng", env=language)
    assert f"! {ENDED_IN_HANDSHAKE} 0, ClientHello: {told}" in one_line(read.text)


@both
@pytest.mark.parametrize("tls", ["transom", "openssl"])
def test_get_says_as_much_once(user: User, tls: str, script: Script, text: str) -> None:
    with server(script) as place:
        plain = user.run("get", "--tls", tls, f"https://{place}/f")
        explained = user.run("get", "--explain", "--tls", tls, f"https://{place}/f")
    assert (plain.exit_code, explained.exit_code) == (HANDSHAKE_FAILED, HANDSHAKE_FAILED)
    assert one_line(plain.stderr).endswith(f" {UNANSWERED_AS_A_RULE} ")
    assert f"✗ ClientHello: {text}{UNANSWERED_AS_A_RULE}" in one_line(explained.text)
    assert one_line(explained.text).count(UNANSWERED_AS_A_RULE) == 1


@pytest.mark.parametrize("tls", ["transom", "openssl"])
def test_get_does_not_say_it_of_a_server_that_has_answered(user: User, tls: str) -> None:
    def begins(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(bytes.fromhex("16 0303 0040 02 00003c 0303"))
        connection.shutdown(socket.SHUT_WR)
        drain(connection)

    with server(begins) as place:
        ran = user.run("get", "--tls", tls, f"https://{place}/f")
    assert ran.exit_code == HANDSHAKE_FAILED
    assert UNANSWERED_AS_A_RULE not in one_line(ran.stderr)
