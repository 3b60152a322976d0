"""What went wrong, in Korean: the errors that people really meet, by real runs with `--lang ko` or a Korean locale."""

from __future__ import annotations

import json
import re
import socket

import pytest

from tests.cli.test_get_trust import serving_with
from tests.real.caller import Caller
from tests.real.raw_server import answering, raw_server, saying
from tests.real.transom import Serving, User
from transom.cli.words import language_asked, words
from transom.errors import PeerMisbehaved, Sentence, TransferError, UsageError

FILES = {"f.bin": b"hello\n"}
HANGUL = re.compile("[가-힣]")


def line(caller: Caller, *arguments: str) -> str:
    """That of the error: advice may follow it."""
    ran = caller.run(arguments[0], "--lang", "ko", *arguments[1:])
    assert ran.exit_code != 0
    (line,) = [line for line in ran.stderr.splitlines() if line.startswith("transom")]
    return line


def test_a_host_that_has_no_address(caller: Caller) -> None:
    assert line(caller, "get", "http://no-such-host.invalid/x").startswith(
        "transom: no-such-host.invalid의 주소를 찾을 수 없습니다: "
    )


def test_a_port_where_nobody_listens(caller: Caller) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{bound.getsockname()[1]}"
        assert line(caller, "get", f"http://{place}/x") == (
            f"transom: 127.0.0.1에 연결할 수 없습니다: {place}: 연결 거부됨"
        )


def test_a_server_that_says_nothing(caller: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        assert line(caller, "get", "-m", "0.2", url) == "transom: 전송이 0.2초 안에 끝나지 않았습니다"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "서버의 응답: 404 Not Found"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n",
            "서버의 응답: 302 Found. 파일은 /y에 있습니다.",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            "서버가 연결을 끊었습니다: 10바이트 가운데 3바이트를 받음 (RFC 9112 §8)",
        ),
        (b"", "아무것도 오기 전에 연결이 끝났습니다 (RFC 9112 §8)"),
        (b"\x16\x03\x01", "응답이 올바른 HTTP가 아닙니다: 메시지가 HTTP가 아니라 TLS처럼 0x16 바이트로 시작합니다. "),
    ],
)
def test_an_answer_that_is_no_file(caller: Caller, answer: bytes, told: str) -> None:
    with raw_server(answering(answer)) as port:
        said = line(caller, "get", "--no-resume", f"http://127.0.0.1:{port}/x")
    assert said.startswith(f"transom: {told}")


def test_a_file_that_is_there_a_folder_that_is_not_and_a_disk_that_is_full(here: Caller, server: Serving) -> None:
    url = server.url("/f.bin")
    (here.folder / "f.bin").write_text("mine")
    assert line(here, "get", url) == "transom: f.bin 파일이 이미 있으며, -o로 지정해야 덮어씁니다"
    assert line(here, "get", "-o", "no/x", url) == (
        "transom: no/x에 쓸 수 없습니다. no 폴더가 없으며, --create-dirs 옵션이 만들어 줍니다."
    )
    assert line(here, "get", "-o", "/dev/full", url) == ("transom: /dev/full에 쓸 수 없습니다: 디스크에 남은 공간 없음")


def test_a_checksum_that_differs(here: Caller, server: Serving) -> None:
    wanted = "0" * 64
    said = line(here, "get", "--checksum", f"sha-256={wanted}", server.url("/f.bin"))
    assert re.fullmatch(
        rf"transom: f\.bin: sha-256 값이 [0-9a-f]{{64}}입니다\. --checksum에는 {wanted} 값으로 되어 있습니다\.", said
    )


@pytest.mark.parametrize("told", [(), ("--explain",)])
def test_a_certificate_that_nobody_here_trusts(user: User, told: tuple[str, ...]) -> None:
    with serving_with(user) as server:
        ran = user.run("get", "--lang", "ko", *told, "-o", "got", server.url("/hello.txt"))
    assert ran.exit_code == 60
    text = " ".join((ran.text + ran.stderr).split())
    assert "transom: localhost 인증서의 발급자 " in text
    assert " 인증서를 받지 못했고 여기서 신뢰하지도 않습니다" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("get", "--nope", "http://x/y"), "transom get: 오류: 알 수 없는 인수: --nope"),
        (("get",), "transom get: 오류: 필요한 인수가 없습니다: URL"),
        (("get", "-o"), "transom get: 오류: -o/--output: 값이 하나 필요합니다"),
        (("get", "--tls", "nss", "http://x/y"), "transom get: 오류: --tls: 쓸 수 없는 값: 'nss' (쓸 수 있는 값: "),
        (("get", "--silent=yes", "http://x/y"), "transom get: 오류: -s/--silent: 값을 받지 않는 옵션입니다: 'yes'"),
        (("get", "--retry", "x", "http://x/y"), "transom get: 오류: --retry: 'x': 정수가 아닙니다."),
        (("get", "--limit-rate", "fast", "http://x/y"), "transom get: 오류: --limit-rate: 'fast': 크기가 아닙니다. "),
        (("get", "-m", "soon", "http://x/y"), "transom get: 오류: -m/--max-time: 'soon': 수가 아닙니다."),
        (("serve", "-p", "http", "."), "transom serve: 오류: -p/--port: 'http': 포트 번호가 아닙니다. "),
        (("serve", "-p", "70000", "."), "transom serve: 오류: -p/--port: 70000: 포트 번호가 아닙니다. "),
        (("serve", "--workers", "0", "."), "transom serve: 오류: --workers: 0: 1 이상이어야 합니다"),
        (("gte", "x"), "transom: 'gte' 명령은 없습니다. 쓸 수 있는 명령: demo, get, "),
        (("get", "ftp://x/y"), "transom: URL ftp://x/y: http://host/path 또는 https://host/path 형식이 아닙니다"),
        (("get", "--retry", "-1", "http://x/y"), "transom: --retry -1: 다시 시도할 횟수를 3처럼 씁니다."),
        (("serve", "nowhere"), "transom: nowhere: 공유할 수 없습니다: 파일이나 폴더가 없음"),
        (("serve", "--overwrite", "."), "transom: --overwrite 옵션에는 --upload 옵션도 필요합니다"),
        (("read", "nowhere"), "transom: nowhere 파일을 읽을 수 없습니다: 파일이나 폴더가 없음"),
        (("read", "/dev/null"), "transom: /dev/null: 캡처가 아닙니다(비어 있음). "),
        (("view", "nowhere"), "transom: nowhere 파일을 읽을 수 없습니다: 파일이나 폴더가 없음"),
        (("compare", "nowhere"), "transom: nowhere 파일을 읽을 수 없습니다: 파일이나 폴더가 없음"),
        (("run",), "transom: 실행할 명령이 없습니다: transom run "),
        (("run", "no-such-program"), "transom: no-such-program 명령을 실행할 수 없습니다: 파일이나 폴더가 없음"),
    ],
)
def test_a_command_line_that_cannot_work(caller: Caller, arguments: tuple[str, ...], told: str) -> None:
    assert line(caller, *arguments).startswith(told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ca",), "transom ca: 오류: 필요한 인수가 없습니다: ACTION"),
        (("ca", "issue", "example.com"), "example.com 이름에는 발급할 수 없습니다. 발급할 수 있는 이름: "),
    ],
)
def test_a_command_without_the_option_goes_by_the_locale(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert told in caller.run(*arguments).stderr.splitlines()[0]


def test_json_is_english_whatever_is_told(caller: Caller) -> None:
    ran = caller.run("get", "--lang", "ko", "--json", "ftp://x/y", "http://no-such-host.invalid/x")
    assert not HANGUL.search(ran.text)
    with raw_server(answering(b"")) as port:
        ran = caller.run("get", "--lang", "ko", "--json", f"http://127.0.0.1:{port}/x")
    assert HANGUL.search(ran.stderr)
    assert json.loads(ran.text)["what"].startswith("the connection ended before any response")


def test_what_a_peer_wrote_is_escaped_in_korean_too(caller: Caller) -> None:
    with raw_server(answering(b"HTTP/1.1 404 \x1b[31mred\r\nContent-Length: 0\r\n\r\n")) as port:
        ran = caller.run("get", "--lang", "ko", f"http://127.0.0.1:{port}/x")
    assert ran.stderr == "transom: 서버의 응답: 404 \\x1b[31mred\n"


def test_a_template_in_a_peers_words_is_no_template() -> None:
    told = words("ko").tell(TransferError("the server answered {status}", status="{0.__class__} {status}"))
    assert told == "서버의 응답: {0.__class__} {status}"
    assert words("ko").tell(UsageError("{not} a template")) == "{not} a template"


def test_an_error_within_an_error_is_told_in_the_same_language() -> None:
    inner = TransferError("cannot resolve {host}: {reason}", host="p", reason=Sentence("Name or service not known"))
    outer = TransferError("through the proxy that {source} names: {error}", source="all_proxy", error=inner)
    assert str(outer) == "through the proxy that all_proxy names: cannot resolve p: Name or service not known"
    told = "all_proxy에 지정된 프록시를 거치는 중에 실패했습니다. p의 주소를 찾을 수 없습니다: 알 수 없는 이름"
    assert words("ko").tell(outer) == told


def test_what_has_no_korean_is_told_in_english_in_its_place() -> None:
    inner = UsageError("no key exchange over the group {group!r}", group="x")
    assert words("ko").tell(inner) == str(inner) == "no key exchange over the group 'x'"
    outer = TransferError("through the proxy that {source} names: {error}", source="-x", error=inner)
    told = "-x에 지정된 프록시를 거치는 중에 실패했습니다. no key exchange over the group 'x'"
    assert words("ko").tell(outer) == told


def test_a_peer_that_breaks_the_rules_is_told_where_and_by_which_rule() -> None:
    error = PeerMisbehaved("compression was not offered", where="ServerHello", rfc="8446 §4.1.3")
    assert words("ko").tell(error) == "ServerHello: 제시하지 않은 압축을 골랐습니다 (RFC 8446 §4.1.3)"


@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_https_where_http_is_spoken(caller: Caller, engine: str) -> None:
    with raw_server(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        said = line(caller, "get", "--tls", engine, f"https://127.0.0.1:{port}/x")
    assert said.startswith("transom: 레코드(오프셋 0): TLS 레코드가 와야 하는데 평문 HTTP가 왔습니다('HTTP/1.1 400")


def test_an_error_is_the_string_it_was() -> None:
    error = TransferError("{path} cannot be written: {reason}", path="x", reason=Sentence("Permission denied"))
    assert str(error) == f"{error}" == "x cannot be written: Permission denied"
    error.because(Sentence("the server asked for a client certificate and was shown none (--cert)"))
    assert str(error).startswith("x cannot be written: Permission denied: the server asked for")
    assert words("ko").tell(error) == (
        "x에 쓸 수 없습니다: 권한 없음. 서버가 클라이언트 인증서를 요청했지만 내보이지 않았습니다(--cert)"
    )


LANGUAGES: list[tuple[list[str], dict[str, str], str]] = [
    (["get", "--lang", "ko"], {}, "ko"),
    (["get", "--lang=ko"], {}, "ko"),
    (["get", "--lang", "en"], {"LANG": "ko_KR.UTF-8"}, "en"),
    (["get", "--lang"], {"LANG": "ko_KR.UTF-8"}, "ko"),
    (["get", "--lang", "fr"], {}, "en"),
    (["run", "--", "sh", "--lang", "ko"], {}, "en"),
    ([], {"LANG": "ko_KR.UTF-8"}, "ko"),
]


@pytest.mark.parametrize(("arguments", "environ", "lang"), LANGUAGES)
def test_the_language_of_a_line_that_is_not_in_order(arguments: list[str], environ: dict[str, str], lang: str) -> None:
    assert language_asked(arguments, environ) == lang
