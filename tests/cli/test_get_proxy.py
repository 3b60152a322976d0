"""`transom get` through a proxy: a tunnel for https, the whole URL for http, and the password for the proxy alone."""

from __future__ import annotations

import base64

import pytest

from tests.real.caller import Caller
from tests.real.http_proxy import http_proxy
from tests.real.raw_server import answering, raw_server
from tests.real.transom import Serving
from tests.transfer.changing_server import changing

CONTENT = b"0123456789" * 30_000
FILES = {"f.bin": CONTENT}
LOGIN = b"Proxy-Authorization: Basic " + base64.b64encode(b"me:hunter2")


@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_https_goes_through_a_tunnel_and_is_verified_and_explained_as_ever(
    here: Caller, server: Serving, engine: str
) -> None:
    with http_proxy() as proxy:
        through = f"http://me:hunter2@127.0.0.1:{proxy.port}"
        ran = here.run("get", "--tls", engine, "--explain", "-x", through, server.url("/f.bin"))
    assert ran.exit_code == 0, ran.text
    assert (here.folder / "f.bin").read_bytes() == CONTENT
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT localhost:{server.port} HTTP/1.1\r\nHost: localhost:{server.port}\r\n".encode())
    assert LOGIN in head
    way = f"localhost through the proxy 127.0.0.1 → 127.0.0.1, TCP to port {proxy.port} took "
    assert way in " ".join(ran.text.split())
    for line in ("ClientHello", "ServerHello", "CertificateVerify", "GET /f.bin"):
        assert line in ran.text
    assert "CONNECT" not in ran.text
    assert "hunter2" not in ran.text + ran.stderr


def test_http_asks_the_proxy_for_the_whole_url_and_tells_the_login_to_no_server_behind_a_tunnel(here: Caller) -> None:
    with changing(CONTENT) as server, http_proxy() as proxy:
        assert here.run("get", "-x", f"me:hunter2@127.0.0.1:{proxy.port}", server.url()).exit_code == 0
    assert (here.folder / "f.bin").read_bytes() == CONTENT
    assert proxy.heads[0].startswith(f"GET {server.url()} HTTP/1.1\r\n".encode())
    assert LOGIN in proxy.heads[0]


def test_the_login_for_the_proxy_does_not_go_through_the_tunnel(here: Caller, server: Serving) -> None:
    with http_proxy() as proxy:
        through = f"http://me:hunter2@127.0.0.1:{proxy.port}"
        ran = here.run("get", "--trace", "t.pcapng", "-x", through, server.url("/f.bin"))
        assert ran.exit_code == 0
    followed = here.run("read", "--follow", "0", "t.pcapng")
    assert "GET /f.bin" in followed.text
    assert "Proxy-Authorization" not in followed.text


def test_the_environment_names_a_proxy_and_excepts_hosts(
    here: Caller, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert here.run("get", "-o", "one", server.url("/f.bin")).exit_code == 0
        monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.0/8")
        assert here.run("get", "-o", "two", server.url("/f.bin")).exit_code == 0
        assert len(proxy.heads) == 1


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"HTTP/1.1 403 No\x1b[31m\r\nContent-Length: 0\r\n\r\n", "403"),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "it answered 407 Proxy"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", "before anything was sent"),
        (b"HTTP/1.1 200 OK\r\n", "ended inside the response head"),
        (b"", "ended before any response"),
        (b"SSH-2.0-nonsense\r\n\r\n", "not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "65,536"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_is_exit_code_56(here: Caller, server: Serving, answer: bytes, what: str) -> None:
    with http_proxy(answer) as proxy:
        ran = here.run("get", "-x", f"127.0.0.1:{proxy.port}", server.url("/f.bin"))
    assert (ran.exit_code, list(here.folder.iterdir())) == (56, [])
    assert f"opens no tunnel to localhost:{server.port}" in ran.stderr
    assert what in ran.stderr
    assert "\x1b" not in ran.stderr


@pytest.mark.parametrize("option", [(), ("--explain",)])
def test_what_went_wrong_with_a_proxy_is_told_with_and_without_explanation(
    here: Caller, server: Serving, option: tuple[str, ...]
) -> None:
    with http_proxy(b"") as proxy:
        silent = here.run("get", *option, "-x", f"127.0.0.1:{proxy.port}", server.url("/f.bin"))
    gone = here.run("get", *option, "-x", f"127.0.0.1:{proxy.port}", server.url("/f.bin"))
    unknown = here.run("get", *option, "-x", "nobody.invalid:1", server.url("/f.bin"))
    for ran, what in (
        (silent, "opens no tunnel"),
        (gone, "through the proxy that --proxy names: cannot connect to 127.0.0.1"),
        (unknown, "through the proxy that --proxy names: cannot resolve nobody.invalid"),
    ):
        assert what in " ".join((ran.text + ran.stderr).split())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\n\n", 35),
        (b"HTTP/1.1 103 Early Hints\n\nHTTP/1.1 200 OK\r\nX: y\n\r\n", 35),
        (b"HTTP/1.1 407 Who\nX: y\n\n", 56),
        (b"HTTP/1.1 200 OK\n\nahead", 56),
        (b"HTTP/1.1 200 OK\n", 56),
    ],
)
def test_a_proxy_that_ends_lines_by_lf_alone_and_hangs_up_is_not_waited_for(
    caller: Caller, answer: bytes, code: int
) -> None:
    with raw_server(answering(answer)) as port:
        assert caller.run("get", "-x", f"127.0.0.1:{port}", "https://localhost:1/f.bin").exit_code == code


def test_a_proxy_that_is_not_found_is_exit_code_5_and_one_that_is_not_there_7(here: Caller, server: Serving) -> None:
    assert here.run("get", "-x", "nobody.invalid:1", server.url("/f.bin")).exit_code == 5
    with http_proxy() as gone:
        pass
    assert here.run("get", "-x", f"127.0.0.1:{gone.port}", server.url("/f.bin")).exit_code == 7


@pytest.mark.parametrize("option", [(), ("--explain",)])
@pytest.mark.parametrize(
    ("variable", "scheme"), [("https_proxy", "https"), ("HTTPS_PROXY", "https"), ("all_proxy", "http")]
)
def test_a_proxy_that_is_not_there_is_named_with_the_variable_that_names_it(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str, option: tuple[str, ...]
) -> None:
    with http_proxy() as gone:
        pass
    monkeypatch.setenv(variable, f"http://127.0.0.1:{gone.port}")
    ran = caller.run("get", *option, f"{scheme}://files.example/f.bin")
    told = f"through the proxy that {variable} names: cannot connect to 127.0.0.1: 127.0.0.1:{gone.port}"
    assert (ran.exit_code, told in " ".join((ran.text + ran.stderr).split())) == (7, True)


@pytest.mark.parametrize("option", [(), ("--explain",)])
@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "the proxy wants a user and password that it knows: -x http://USER:PASSWORD@HOST:PORT"),
        ("ko", "프록시가 아는 사용자와 비밀번호가 필요합니다: -x http://USER:PASSWORD@HOST:PORT"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_login_is_told_with_how(
    caller: Caller, scheme: str, lang: str, told: str, option: tuple[str, ...]
) -> None:
    with http_proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as proxy:
        asked = ("-x", f"127.0.0.1:{proxy.port}", f"{scheme}://files.example/f.bin")
        ran = caller.run("get", "--lang", lang, *option, *asked)
    assert ran.exit_code == {"http": 22, "https": 56}[scheme]
    assert told in " ".join((ran.text + ran.stderr).split())
