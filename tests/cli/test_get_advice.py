"""What `transom get` says can be done where the error alone leaves one at a loss."""

from __future__ import annotations

import pytest

from tests.real.caller import Caller
from tests.real.raw_server import answering, raw_server, saying
from tests.real.transom import Serving, User

FILES = {"f.bin": b"file"}

EXPLAINED = [(), ("--explain",)]


@pytest.mark.parametrize("options", EXPLAINED)
def test_nothing_at_all_by_http_is_told_with_the_scheme_that_it_may_want(
    caller: Caller, options: tuple[str, ...]
) -> None:
    """As OpenSSL's servers do with a request that is no TLS."""
    with raw_server(answering()) as port:
        ran = caller.run("get", *options, f"http://127.0.0.1:{port}/f.bin")
    assert ran.exit_code == 52
    assert "  if the server speaks TLS at this port, the URL begins with https://\n" in ran.text + ran.stderr
    assert "too early" not in ran.text + ran.stderr


@pytest.mark.parametrize("options", EXPLAINED)
def test_http_where_https_is_spoken_is_told_with_the_scheme(
    here: Caller, server: Serving, options: tuple[str, ...]
) -> None:
    ran = here.run("get", *options, f"http://127.0.0.1:{server.port}/f.bin")
    assert ran.exit_code == 22
    assert "  if the server speaks TLS at this port, the URL begins with https://\n" in ran.text + ran.stderr


@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_plain_http_where_tls_was_asked_for_is_no_breach_of_the_rfcs(
    here: Caller, server: Serving, engine: str
) -> None:
    ran = here.run("get", "--tls", engine, f"https://127.0.0.1:{server.http_port}/f.bin")
    assert ran.exit_code == 35
    assert "whose URLs begin with http://" in ran.stderr
    assert "RFCs" not in ran.stderr


def test_something_else_where_tls_was_asked_for_is_one(here: Caller) -> None:
    with raw_server(saying(b"220 mail.example ESMTP\r\n")) as port:
        ran = here.run("get", f"https://127.0.0.1:{port}/f.bin")
    assert "does not speak TLS as the RFCs have it" in " ".join(ran.stderr.split())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "the server wants a user and password that it knows: -u USER, or -n for those in ~/.netrc"),
        (("--lang", "ko"), "서버가 아는 사용자와 비밀번호가 필요합니다: -u USER"),
    ],
)
def test_who_has_to_log_in_is_told_how(caller: Caller, options: tuple[str, ...], told: str) -> None:
    with raw_server(answering(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")) as port:
        ran = caller.run("get", *options, f"http://127.0.0.1:{port}/f.bin")
    assert (ran.exit_code, told in " ".join(ran.stderr.split())) == (22, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("http://127.0.0.1:1/f",), "is the server up, and are host and port right? --retry N tries again"),
        (("--explain", "http://127.0.0.1:1/f"), "is the server up, and are host and port right? --retry N tries again"),
        (("--lang", "ko", "http://127.0.0.1:1/f"), "서버가 켜져 있는지, 호스트와 포트가 맞는지 확인해 보세요."),
        (("--retry", "1", "http://127.0.0.1:1/f"), "is the server up, and are host and port right?\n"),
        (("http://nobody.invalid/f",), "is the name right?"),
        (("-x", "127.0.0.1:1", "http://nobody.invalid/f"), "is the proxy up? to go without it: -x ''"),
    ],
)
def test_who_reaches_nobody_is_told_what_to_look_at(caller: Caller, arguments: tuple[str, ...], told: str) -> None:
    ran = caller.run("get", *arguments)
    assert ran.exit_code in (5, 6, 7)
    assert f"\n  {told}" in ran.text + ran.stderr


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("100%.bin", "a % of a name is typed %25 in a URL"),
        ("nothing#1", "of a URL what begins with # is not asked for: a # of a name is typed %23"),
        ("nothing", ""),
    ],
)
def test_a_name_that_a_url_spells_otherwise_is_told_with_its_spelling(
    here: Caller, server: Serving, name: str, told: str
) -> None:
    ran = here.run("get", f"http://127.0.0.1:{server.http_port}/{name}")
    assert (ran.exit_code, ran.stderr.partition("\n")[2].strip()) == (22, told)


def test_a_file_that_is_another_one_is_told_whom_to_ask(here: Caller, server: Serving) -> None:
    ran = here.run("get", "--checksum", f"sha-256={'0' * 64}", f"http://127.0.0.1:{server.http_port}/f.bin")
    told = "it is another version of the file, or it was changed: ask whoever gave the checksum"
    assert (ran.exit_code, told in " ".join(ran.stderr.split())) == (110, True)


@pytest.mark.parametrize(("lang", "name"), [("en", "standard output"), ("ko", "표준 출력")])
def test_standard_output_has_a_name(owner: User, here: Caller, server: Serving, lang: str, name: str) -> None:
    assert owner
    ran = here.run("get", "--lang", lang, "-o", "-", server.url("/f.bin"))
    assert (ran.stdout, ran.stderr.startswith(f"{name}  4")) == (b"file", True)


def test_a_file_that_ends_as_a_folder_does_is_none(caller: Caller) -> None:
    ran = caller.run("get", "-o", "new/", "http://127.0.0.1:1/f.bin")
    assert (ran.exit_code, ran.stderr) == (
        23, "transom: new/ is a folder; -o names a file, --output-dir a folder\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "told"),
    [("en", "for a part of a file: -r A-B"), ("ko", "파일의 일부를 받으려면 -H로 쓴 Range 대신: -r A-B")],
)
def test_who_types_a_range_as_a_field_is_told_the_option(here: Caller, server: Serving, lang: str, told: str) -> None:
    ran = here.run("get", "--lang", lang, "-H", "Range: bytes=0-1", server.url("/f.bin"))
    assert (ran.exit_code, told in " ".join(ran.stderr.split())) == (22, True)
