"""What `transom get` does not take: the exit code is curl's, the server is told, and there is no file."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.real.caller import Caller
from tests.real.certificates import Authority, Leaf
from tests.real.nginx import NginxTls, nginx
from tests.real.raw_server import Script, answering, drain, raw_server, read_request, saying
from tests.real.tls_servers import s_server

BAD_CERTIFICATE, EXPIRED, UNKNOWN_CA = 42, 45, 48

Bad = Callable[[Authority], Leaf]

CHAINS: dict[str, tuple[Bad, int]] = {
    "wrong name": (lambda authority: authority.leaf(names=("other.test", "127.0.0.1")), BAD_CERTIFICATE),
    "expired": (lambda authority: authority.expired(), EXPIRED),
    "self-signed": (lambda authority: authority.self_signed(), UNKNOWN_CA),
    "without its intermediate": (lambda authority: authority.without_intermediate(), UNKNOWN_CA),
}


@pytest.mark.parametrize("version", ["1_2", "1_3"])
@pytest.mark.parametrize("what", CHAINS)
def test_a_chain_that_does_not_hold_is_exit_code_60_and_the_server_gets_the_alert(
    caller: Caller, authority: Authority, files: Path, what: str, version: str
) -> None:
    bad, alert = CHAINS[what]
    with s_server(bad(authority), files, f"-tls{version}") as server:
        ran = caller.run("get", "--cacert", authority.root, f"https://localhost:{server.port}/f.bin")
        assert f"SSL alert number {alert}" in server.await_line("alert number")
    assert ran.exit_code == 60, ran.stderr
    assert list(caller.folder.iterdir()) == []


def test_an_unknown_ca_is_exit_code_60_in_both_languages(caller: Caller, authority: Authority, files: Path) -> None:
    with s_server(authority.leaf(), files) as server:
        url = f"https://localhost:{server.port}/f.bin"
        plain = caller.run("get", url)
        assert f"SSL alert number {UNKNOWN_CA}" in server.await_line("alert number")
        explained = caller.run("get", "--explain", url)
        korean = caller.run("get", "--explain", "--lang", "ko", url)
    assert [ran.exit_code for ran in (plain, explained, korean)] == [60, 60, 60]
    assert "Test Root, which was neither sent nor is trusted here" in plain.stderr
    assert "unknown_ca (48)" in explained.text
    assert "--cacert" in korean.text
    assert list(caller.folder.iterdir()) == []


@pytest.mark.parametrize("what", CHAINS)
def test_a_chain_that_does_not_hold_is_taken_with_k(
    caller: Caller, authority: Authority, files: Path, what: str
) -> None:
    with s_server(CHAINS[what][0](authority), files) as server:
        ran = caller.run("get", "-k", f"https://localhost:{server.port}/f.bin")
    assert ran.exit_code == 0, ran.stderr
    assert (caller.folder / "f.bin").read_bytes() == CONTENT


def test_a_pin_is_enough_and_another_pin_is_not(caller: Caller, authority: Authority, files: Path) -> None:
    leaf = authority.expired()
    with s_server(leaf, files) as server:
        url = f"https://localhost:{server.port}/f.bin"
        other = caller.run("get", "--pin", authority.leaf("rsa").pin, url)
        assert (other.exit_code, list(caller.folder.iterdir())) == (60, [])
        assert caller.run("get", "--pin", leaf.pin, url).exit_code == 0


def test_a_self_signed_leaf_is_taken_when_it_is_the_cacert(caller: Caller, authority: Authority, files: Path) -> None:
    leaf = authority.self_signed()
    with s_server(leaf, files) as server:
        assert caller.run("get", "--cacert", leaf.chain, f"https://localhost:{server.port}/f.bin").exit_code == 0
        wrong = caller.run("get", "--cacert", leaf.chain, "-o", "x", f"https://127.0.0.1:{server.port}/f.bin")
    assert wrong.exit_code == 60


def test_an_address_is_verified_like_a_name(caller: Caller, authority: Authority, files: Path) -> None:
    with s_server(authority.leaf(), files) as server:
        ran = caller.run("get", "--cacert", authority.root, f"https://127.0.0.1:{server.port}/f.bin")
    assert ran.exit_code == 0, ran.stderr


def test_no_such_name_is_exit_code_6(caller: Caller) -> None:
    assert caller.run("get", "https://nobody.invalid/f.bin").exit_code == 6


def test_nobody_there_is_exit_code_7(caller: Caller) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        ran = caller.run("get", f"https://127.0.0.1:{bound.getsockname()[1]}/f.bin")
    assert ran.exit_code == 7
    assert "Connection refused" in ran.stderr


def test_a_status_of_400_and_more_is_exit_code_22(caller: Caller, authority: Authority, files: Path) -> None:
    leaf = authority.leaf()
    with nginx(caller.home, files, tls=NginxTls(leaf.chain, leaf.key)) as server:
        ran = caller.run("get", "--cacert", authority.root, server.secure_url("/nothing.bin"))
    assert (ran.exit_code, list(caller.folder.iterdir())) == (22, [])
    assert "404 Not Found" in ran.stderr


@pytest.mark.parametrize("where", ["/dev/full", "no/such/folder/f.bin", "."])
def test_a_place_that_cannot_be_written_is_exit_code_23(caller: Caller, files: Path, where: str) -> None:
    with nginx(caller.home, files) as server:
        ran = caller.run("get", "-o", where, server.url("/f.bin"))
    assert ran.exit_code == 23, ran.stderr


def test_a_server_without_a_word_is_exit_code_28(caller: Caller) -> None:
    with raw_server(drain) as port:
        ran = caller.run("get", "--connect-timeout", "0.5", f"https://127.0.0.1:{port}/f.bin")
    assert ran.exit_code == 28
    assert "0.5 s" in ran.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"),
        ("-tls1_3", "-groups", "P-521"),
        ("-tls1_2", "-cipher", "AES128-SHA"),
    ],
)
def test_a_server_with_nothing_in_common_is_exit_code_35(
    caller: Caller, authority: Authority, files: Path, options: tuple[str, ...]
) -> None:
    with s_server(authority.leaf("rsa"), files, *options) as server:
        ran = caller.run("get", "--cacert", authority.root, f"https://localhost:{server.port}/f.bin")
    assert (ran.exit_code, list(caller.folder.iterdir())) == (35, [])


ALERT = bytes([21, 3, 3, 0, 2, 2, 80])  # fatal internal_error

RESET = socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"


def reset(connection: socket.socket) -> None:
    """Not before something was said: a connection that is reset at once may never have been there."""
    connection.recv(1)
    connection.setsockopt(*RESET)


GARBAGE: dict[str, tuple[Script, int]] = {
    "plain HTTP": (saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), 35),
    "an SSH banner": (saying(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), 35),
    "zeros": (saying(bytes(100_000)), 35),
    "an endless handshake message": (saying(b"\x16\x03\x03\x40\x00\x02\xff\xff\xff" + bytes(70_000)), 35),
    "a record that is too long": (saying(b"\x16\x03\x03\xff\xff" + bytes(70_000)), 35),
    "an alert": (saying(ALERT), 35),
    "half an alert": (saying(ALERT[:-1]), 35),
    "application data": (saying(b"\x17\x03\x03\x00\x20" + bytes(32)), 35),
    "nothing, and the end": (lambda connection: connection.shutdown(socket.SHUT_RDWR), 35),
    "a reset": (reset, 35),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_what_is_no_tls_is_a_clear_error(caller: Caller, what: str) -> None:
    script, code = GARBAGE[what]
    with raw_server(script) as port:
        ran = caller.run("get", "--explain", f"https://localhost:{port}/f.bin")
    assert ran.exit_code == code, ran
    assert "transom: " in ran.text
    assert "Errno" not in ran.text
    assert list(caller.folder.iterdir()) == []


def test_an_https_url_of_a_server_that_speaks_http_says_so(caller: Caller, files: Path) -> None:
    with nginx(caller.home, files) as server:
        ran = caller.run("get", server.url("/f.bin").replace("http:", "https:"))
    assert ran.exit_code == 35
    assert "plain HTTP" in ran.stderr
    assert "whose URLs begin with http://" in ran.stderr


def test_an_http_url_of_a_server_that_answers_with_an_alert_says_so(caller: Caller) -> None:
    with raw_server(answering(ALERT)) as port:
        ran = caller.run("get", f"http://localhost:{port}/f.bin")
    assert ran.exit_code == 8, ran.stderr
    assert "begins with the byte 0x15, as TLS does, whose URLs begin with https://" in ran.stderr


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", 52),
        (OK + b"Content-Length: 100\r\n\r\n12345", 18),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", 18),
    ],
)
@pytest.mark.parametrize("explain", [(), ("--explain",)])
def test_a_server_that_closes_early_leaves_no_file_of_that_name(
    caller: Caller, answer: bytes, code: int, explain: tuple[str, ...]
) -> None:
    with raw_server(answering(answer)) as port:
        ran = caller.run("get", *explain, "--json", f"http://127.0.0.1:{port}/f.bin")
    assert ran.exit_code == code, ran.stderr
    assert not (caller.folder / "f.bin").exists()
    assert b'"type": "transfer"' not in ran.stdout


def test_tls_cut_without_close_notify_in_a_body_that_ends_with_it_is_exit_code_18(
    caller: Caller, authority: Authority, files: Path
) -> None:
    """A proxy that closes TCP in the middle: over plain HTTP nobody could tell, over TLS it must not pass."""

    def cut(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", server.port), 10) as onward:
            left = {onward: 300_000, connection: 300_000}
            while min(left.values()) > 0:
                for source in select.select(list(left), [], [], 10)[0]:
                    data = source.recv(65536)
                    left[source] -= len(data)
                    (onward if source is connection else connection).sendall(data)

    with s_server(authority.leaf(), files) as server, raw_server(cut) as port:
        ran = caller.run("get", "--cacert", authority.root, f"https://localhost:{port}/f.bin")
    assert ran.exit_code == 18, ran.stderr
    assert not (caller.folder / "f.bin").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("ftp://localhost/f.bin",),
        ("localhost/f.bin",),
        ("https://user:secret@localhost/f.bin",),
        ("https://localhost:99999/f.bin",),
        ("https://localhost/",),
        ("--ciphers", "NULL-MD5", "https://localhost/f.bin"),
        ("--ciphers", "TLS_RSA_WITH_AES_128_CBC_SHA", "https://localhost/f.bin"),
        ("--curves", "secp521r1", "https://localhost/f.bin"),
        ("--tlsv1.3", "--tls-max", "1.2", "https://localhost/f.bin"),
        ("--tls-max", "1.1", "https://localhost/f.bin"),
        ("--cacert", "/nonexistent.pem", "https://localhost/f.bin"),
        ("--cacert", "/dev/null", "https://localhost/f.bin"),
        ("--pin", "sha256//short", "https://localhost/f.bin"),
        ("-H", "no colon", "https://localhost/f.bin"),
        ("--connect-timeout", "nan", "https://localhost/f.bin"),
        ("--connect-timeout", "0", "https://localhost/f.bin"),
        ("--insec", "https://localhost/f.bin"),
    ],
)
def test_what_cannot_be_meant_is_exit_code_2(caller: Caller, arguments: tuple[str, ...]) -> None:
    ran = caller.run("get", *arguments)
    assert ran.exit_code == 2, ran.stderr
    assert ran.stdout == b""
    assert "secret" not in ran.stderr
    assert list(caller.folder.iterdir()) == []


def test_a_request_is_made_with_the_headers_given(caller: Caller) -> None:
    asked: list[bytes] = []

    def note(connection: socket.socket) -> None:
        asked.append(read_request(connection))
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")

    with raw_server(note) as port:
        ran = caller.run("get", "-H", "X-Name: 안녕", "-H", "User-Agent: mine", "--json", f"http://127.0.0.1:{port}/f")
    assert json.loads(ran.stdout)["bytes"] == 2
    assert "X-Name: 안녕\r\n".encode() in asked[0]
    assert asked[0].count(b"User-Agent") == 1
