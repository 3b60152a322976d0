"""`transom compare`: one file by several ways, and where two handshakes part, beside real servers that differ."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.test_read import SCHEMA, trace
from tests.dissect.test_flow import TLS12, TLS13
from tests.dissect.told import write_trace
from tests.real.caller import Caller
from tests.real.certificates import Authority
from tests.real.nginx import Nginx, NginxTls, nginx
from tests.real.programs import Ran
from tests.real.raw_server import answering, raw_server, saying
from tests.real.started import free_ports
from tests.real.tls_servers import s_server
from tests.real.transom import private_mode
from tests.real.tshark import Wireshark
from tests.tls.shuttle import Shuttle, client_config, server_config
from transom.cli.show.layout import width

CONTENT = bytes(range(256)) * 400
"""Of which an eavesdropper is to make out the size."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "f.bin").write_bytes(CONTENT)
    return folder


@pytest.fixture(scope="module")
def both(authority: Authority, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Nginx]:
    """nginx with TLS 1.2 and 1.3."""
    leaf = authority.leaf("rsa")
    with nginx(tmp_path_factory.mktemp("both"), site, tls=NginxTls(leaf.chain, leaf.key)) as server:
        yield server


@pytest.fixture(scope="module")
def only_12(authority: Authority, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Nginx]:
    """nginx without TLS 1.3."""
    leaf = authority.leaf("rsa")
    with nginx(tmp_path_factory.mktemp("only12"), site, tls=NginxTls(leaf.chain, leaf.key, "TLSv1.2")) as server:
        yield server


def said(ran: Ran) -> list[str]:
    """Its lines, on a terminal of 80 columns that has no colours."""
    assert ran.exit_code == 0, ran.stderr
    assert [line for line in ran.text.splitlines() if width(line) > 80] == []
    assert "\x1b" not in ran.text
    return ran.text.splitlines()


def objects(ran: Ran) -> list[dict[str, Any]]:
    assert ran.exit_code == 0, ran.stderr
    lines = [json.loads(line) for line in ran.text.splitlines()]
    for line in lines:
        Draft202012Validator(SCHEMA).validate(line)
        assert set(line) == set(SCHEMA["$defs"][f"{line['type']}_line"]["properties"])
    return lines


def beginning(lines: list[str]) -> str:
    """The first paragraph: where they part, and what that means."""
    return " ".join(lines[: lines.index("")])


def row(lines: list[str], group: str, label: str) -> str:
    """The line of a field."""
    start = lines.index(group)
    return next(line for line in lines[start:] if line[3:].startswith(label))


# One file, by several ways


def test_a_file_crosses_three_times_and_the_table_says_what_the_path_has(caller: Caller) -> None:
    (caller.folder / "f.bin").write_bytes(CONTENT)
    lines = said(caller.run("compare", "f.bin"))
    text = "\n".join(lines)
    assert lines[0] == "The two ends have"
    assert "   request                   GET /f.bin HTTP/1.1" in lines
    assert f"   answer                    200, {len(CONTENT):,} bytes" in lines
    assert "the same in all of them ✓" in text
    assert "   third party holds         the file    its size    its size" in lines
    assert "     certificate             none sent   readable    hidden" in lines
    assert "     server name, ALPN       readable    readable    readable" in lines
    assert "     server's private key    –           no          no" in lines
    assert "   round trips before asking 1           3           2" in lines
    assert [path.name for path in caller.folder.iterdir()] == ["f.bin"]


def test_static_rsa_opens_later_and_a_trace_of_all_is_left(caller: Caller) -> None:
    (caller.folder / "f.bin").write_bytes(CONTENT)
    ran = caller.run("compare", "f.bin", "--static-rsa", "--trace", "all.pcapng")
    assert "     server's private key    –           no          YES         no" in said(ran)
    assert "all.pcapng" in ran.stderr
    assert private_mode(caller.folder / "all.pcapng")
    syn = ("tcp.dstport", "tcp.flags.syn == 1 && tcp.flags.ack == 0")
    http, https, *others = map(int, Wireshark(caller.folder / "all.pcapng", {}).field(*syn))
    assert others == [https, https]
    opened = Wireshark(caller.folder / "all.pcapng", {http: "http", https: "tls"})
    assert opened.field("http.response.code") == ["200"] * 4


def test_the_figures_are_data_with_json(caller: Caller) -> None:
    (caller.folder / "f.bin").write_bytes(CONTENT)
    http, tls12, tls13 = objects(caller.run("compare", "f.bin", "--json"))
    assert [each["version"] for each in (http, tls12, tls13)] == [None, "TLSv1.2", "TLSv1.3"]
    assert len({each["sha256"] for each in (http, tls12, tls13)}) == 1
    assert (http["path_holds_file"], tls12["path_holds_file"]) == (True, False)
    assert http["path_reckons_bytes"] == len(CONTENT)
    assert len(CONTENT) < tls13["path_reckons_bytes"] < len(CONTENT) + 1000
    assert len(CONTENT) < http["wire_bytes"] < min(tls12["wire_bytes"], tls13["wire_bytes"])
    assert (http["records"], http["opens_with_private_key"], tls12["opens_with_private_key"]) == (None, None, False)


def test_the_table_is_told_in_korean_with_columns_that_stand(caller: Caller) -> None:
    (caller.folder / "f.bin").write_bytes(CONTENT)
    lines = said(caller.run("compare", "f.bin", "--lang", "ko"))
    assert lines[0] == "양쪽 끝이 가진 것"
    head = next(line for line in lines if "TLS 1.3" in line)
    held = next(line for line in lines if "제3자가 가진 것" in line)
    assert width(head[: head.index("TLS 1.2")]) == width(held[: held.index("크기")])


def test_a_name_that_a_terminal_would_obey_is_spelled_out(caller: Caller) -> None:
    (caller.folder / "a\x1b[31mb").write_bytes(CONTENT)
    assert r"a\x1b[31mb" in "\n".join(said(caller.run("compare", "a\x1b[31mb")))
    odd = os.fsdecode(b"caf\xe9.bin")
    (caller.folder / odd).write_bytes(CONTENT)
    assert any(r"caf\xe9.bin" in line for line in said(caller.run("compare", odd)))


def test_a_url_is_fetched_by_both_versions_and_in_the_clear_where_asked(
    caller: Caller, both: Nginx, authority: Authority
) -> None:
    urls = (both.secure_url("/f.bin"), f"http://localhost:{both.http_port}/f.bin")
    lines = said(caller.run("compare", *urls, "--cacert", authority.root))
    assert "   third party holds         the file    its size    its size" in lines
    (alone,) = (line for line in said(caller.run("compare", urls[0], "--cacert", authority.root)) if "than" in line)
    assert re.fullmatch(r"   more than the file        \+\d\.\d\d % +\+\d\.\d\d %", alone)
    assert list(caller.folder.iterdir()) == []


@pytest.mark.parametrize(("lang", "alone"), [("en", "ALPN alone"), ("ko", "ALPN만")])
def test_of_a_server_without_a_name_the_path_reads_alpn_alone(
    caller: Caller, both: Nginx, lang: str, alone: str
) -> None:
    """RFC 6066 §3 lets no address stand as a server's name."""
    url = both.secure_url("/f.bin").replace("localhost", "127.0.0.1")
    (row,) = (line for line in said(caller.run("compare", "--lang", lang, "-k", url)) if ", ALPN" in line)
    assert row.count(alone) == 2
    assert {line["path_reads_name"] for line in objects(caller.run("compare", "-k", "--json", url))} == {False}


def test_a_version_that_the_server_does_not_take_is_a_line_and_no_column(
    caller: Caller, only_12: Nginx, authority: Authority
) -> None:
    lines = said(caller.run("compare", only_12.secure_url("/f.bin"), "--cacert", authority.root))
    assert any(line.split()[-2:] == ["TLS", "1.2"] for line in lines)
    assert "TLS 1.3: not to be had of this server. the peer sent the alert" in "\n".join(lines)
    one = objects(caller.run("compare", only_12.secure_url("/f.bin"), "--cacert", authority.root, "--json"))
    assert [line["version"] for line in one] == ["TLSv1.2"]


@pytest.mark.parametrize(
    ("problem", "told", "korean"),
    [
        ("unknown", "if you know this CA, give its certificate: --cacert FILE;", "아는 CA라면"),
        ("missing", "or give the missing certificate: --cacert FILE", "--cacert FILE"),
        ("self", "if you know this server, give its certificate: --cacert FILE", "아는 서버라면"),
    ],
)
def test_what_helps_against_a_chain_that_is_not_trusted_is_said(
    caller: Caller, authority: Authority, site: Path, tmp_path: Path, problem: str, told: str, korean: str
) -> None:
    leaf = authority.self_signed() if problem == "self" else authority.leaf("rsa")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(leaf.chain.read_bytes() + (authority.root.read_bytes() if problem == "unknown" else b""))
    home = tmp_path / "nginx"
    home.mkdir()
    with nginx(home, site, tls=NginxTls(chain, leaf.key)) as server:
        for lang, said in (("en", told), ("ko", korean)):
            ran = caller.run("compare", "--lang", lang, server.secure_url("/f.bin"))
            error, *advice = ran.stderr.splitlines()
            assert (ran.exit_code, ran.stdout) == (60, b"")
            assert error.startswith("transom: ")
            assert said in " ".join(line.strip() for line in advice)
            assert "--pin" not in ran.stderr  # compare has none


def test_of_one_url_what_get_would_fail_by_is_the_exit_code(caller: Caller, both: Nginx, authority: Authority) -> None:
    assert caller.run("compare", both.secure_url("/f.bin")).exit_code == 60
    assert caller.run("compare", both.secure_url("/none"), "--cacert", authority.root).exit_code == 22
    assert caller.run("compare", both.secure_url("/f.bin"), "-k", "--tls-max", "1.2").exit_code == 0
    (port,) = free_ports(1)
    assert caller.run("compare", f"https://127.0.0.1:{port}/f.bin").exit_code == 7


# Where two handshakes part


def test_a_server_of_tls12_alone_parts_at_the_version(
    caller: Caller, both: Nginx, only_12: Nginx, authority: Authority
) -> None:
    urls = (both.secure_url("/f.bin"), only_12.secure_url("/f.bin"))
    lines = said(caller.run("compare", *urls, "--cacert", authority.root))
    assert beginning(lines) == (
        "They first part at ServerHello: version. The server of B chose TLSv1.2 because it did not answer"
        " supported_versions, in which TLS 1.3 was offered: it does not know it, or is set up without it."
    )
    assert row(lines, "ServerHello", "version").split() == ["≠", "version", "TLSv1.3", "TLSv1.2"]
    assert row(lines, "ClientHello", "cipher suites").startswith(" = cipher suites        TLS_AES_128_GCM_SHA256, ")
    assert row(lines, "HTTP", "status").split() == ["=", "status", "200"]


def test_an_expired_certificate_is_what_decides_and_no_error(caller: Caller, both: Nginx, authority: Authority) -> None:
    leaf = authority.expired()
    with s_server(leaf, caller.folder) as expired:
        urls = (both.secure_url("/f.bin"), f"https://localhost:{expired.port}/f.bin")
        lines = said(caller.run("compare", *urls, "--cacert", authority.root))
    assert "The certificate of B does not hold: expired on 20" in beginning(lines)
    assert row(lines, "Certificate", "verdict").split() == ["≠", "verdict", "trusted", "expired"]
    assert row(lines, "Alert", "from the client").split()[-2:] == ["fatal", "certificate_expired"]


def test_a_server_that_wants_another_group_parts_at_the_hello_retry_request(
    caller: Caller, both: Nginx, authority: Authority, site: Path
) -> None:
    with s_server(authority.leaf("rsa"), site, "-groups", "P-384") as server:
        urls = (both.secure_url("/f.bin"), f"https://localhost:{server.port}/f.bin")
        lines = said(caller.run("compare", *urls, "--cacert", authority.root, "--trace", "t.pcapng"))
        korean = said(caller.run("compare", *urls, "--cacert", authority.root, "--lang", "ko"))
    assert beginning(lines).startswith(
        "They first part at HelloRetryRequest: sent. The server of B wants a key share in secp384r1;"
    )
    assert row(lines, "Timing", "round trips").split()[-2:] == ["1", "2"]
    assert "HelloRetryRequest" in korean[0]
    assert "B 쪽 서버는 secp384r1 그룹의 키 공유값을 원합니다." in beginning(korean)
    # What was left is a capture like any other: the same two in it part at the same place.
    again = said(caller.run("compare", "t.pcapng", "t.pcapng", "--conversation", "A:0", "--conversation", "B:1"))
    assert beginning(again) == beginning(lines)


def test_a_trace_beside_a_server_that_is_there(caller: Caller, only_12: Nginx, authority: Authority) -> None:
    trace(caller.folder / "t.pcapng", TLS13)
    urls = ("t.pcapng", only_12.secure_url("/f.bin"))
    summary, *differences = objects(caller.run("compare", *urls, "--cacert", authority.root, "--json"))
    assert (summary["a"]["name"], summary["a"]["conversation"]) == ("t.pcapng", 0)
    assert (summary["b"]["name"], summary["b"]["conversation"]) == (urls[1], None)
    assert summary["first"] == "client_hello.versions"
    assert summary["different"] == len(differences)
    version = next(line for line in differences if (line["group"], line["field"]) == ("server_hello", "version"))
    assert (version["a"], version["b"]) == ("TLSv1.3", "TLSv1.2")


def test_without_keys_what_is_sealed_is_said_to_be(caller: Caller) -> None:
    trace(caller.folder / "t.pcapng", TLS13)
    trace(caller.folder / "shut.pcapng", TLS13, secrets=False)
    opened = said(caller.run("compare", "t.pcapng", "shut.pcapng", "--keylog", "shut.keys"))
    assert row(opened, "HTTP", "status").split() == ["=", "status", "200"]
    lines = said(caller.run("compare", "t.pcapng", "shut.pcapng"))
    assert row(lines, "HTTP", "status").split() == ["≠", "status", "200", "sealed"]
    neither = said(caller.run("compare", "t.pcapng", "shut.pcapng", "--without-keys", "--keylog", "shut.keys"))
    assert row(neither, "Certificate", "subject").split() == ["=", "subject", "sealed"]


def test_the_first_conversation_that_speaks_tls_is_the_one(caller: Caller) -> None:
    (caller.folder / "f.bin").write_bytes(CONTENT)
    caller.run("compare", "f.bin", "--trace", "all.pcapng")  # 0 is HTTP, 1 is TLS 1.2, 2 is TLS 1.3
    summary, *_ = objects(caller.run("compare", "all.pcapng", "all.pcapng", "--conversation", "B:2", "--json"))
    assert (summary["a"]["conversation"], summary["b"]["conversation"]) == (1, 2)
    same, *rest = objects(caller.run("compare", "all.pcapng", "all.pcapng", "--conversation", "2", "--json"))
    assert (same["first"], same["meanings"][0]["code"], rest) == (None, "same", [])
    with_itself = "A and B are the same conversation of the same capture: --conversation B:N chooses another."
    told = said(caller.run("compare", "all.pcapng", "all.pcapng"))
    assert beginning(told) == f"Nothing differs that could be read. {with_itself}"
    shutil.copy(caller.folder / "all.pcapng", caller.folder / "copy.pcapng")
    assert with_itself not in beginning(said(caller.run("compare", "all.pcapng", "copy.pcapng")))
    clear = said(caller.run("compare", "all.pcapng", "all.pcapng", "--conversation", "B:0"))
    assert beginning(clear) == "They first part at Conversation: protocol. B is not TLS but HTTP."


def test_a_server_that_answers_no_tls_or_nothing_at_all_is_compared_too(
    caller: Caller, both: Nginx, authority: Authority
) -> None:
    with raw_server(saying(b"220 mail.example ESMTP\r\n")) as port:
        lines = said(caller.run("compare", both.secure_url("/f.bin"), f"https://localhost:{port}/", "-k"))
    assert row(lines, "ServerHello", "version").split() == ["≠", "version", "TLSv1.3", "–"]
    with raw_server(lambda connection: connection.recv(65536)) as port:
        lines = said(caller.run("compare", both.secure_url("/f.bin"), f"https://localhost:{port}/", "-k"))
    assert "The server of B said nothing to the ClientHello, and no alert either." in beginning(lines)


def test_two_servers_in_the_clear_are_compared_by_what_they_answer(caller: Caller, both: Nginx) -> None:
    with raw_server(answering(b"HTTP/1.1 503 \x1b[31mBusy\r\nContent-Length: 0\r\n\r\n")) as port:
        lines = said(caller.run("compare", both.url("/f.bin"), f"http://127.0.0.1:{port}/f.bin"))
    assert "200 and 503" in beginning(lines)


def test_what_a_peer_wrote_is_spelled_out(caller: Caller) -> None:
    evil = "\x1b]0;title\x07"
    hello = Shuttle.between(client_config(alpn=(evil, "http/1.1")), server_config(alpn=("http/1.1",))).handshake().wire
    write_trace(caller.folder / "a.pcapng", hello)
    trace(caller.folder / "b.pcapng", TLS13)
    lines = said(caller.run("compare", "a.pcapng", "b.pcapng"))
    assert r"\x1b]0;title\x07" in row(lines, "ClientHello", "ALPN")
    assert all(line.isprintable() for line in lines)
    offered = [line for line in objects(caller.run("compare", "a.pcapng", "b.pcapng", "--json"))
               if line.get("field") == "alpn" and line["group"] == "client_hello"]  # fmt: skip
    assert [line["a"] for line in offered] == [[evil, "http/1.1"]]


def test_the_answer_is_taken_no_further_than_a_mebibyte(caller: Caller, tmp_path: Path) -> None:
    taken: list[int] = []

    def endless(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            taken.append(connection.send(bytes(65536)))

    with raw_server(endless) as port, raw_server(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as small:
        lines = said(caller.run("compare", f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{small}/"))
    assert row(lines, "HTTP", "status").split() == ["=", "status", "200"]
    assert sum(taken) < 64 * 2**20


# What cannot be compared

NO_CAPTURE = "no capture: it begins with 6e 6f 20 63 61 70 74 75 72 65, expected the magic number of pcap or pcapng"
ONE_FILE = "of two targets each is a capture or a URL, and a file by itself crosses by several ways: transom compare"
ONE_FILE_KO = "둘을 주면 각각 캡처이거나 URL이어야 합니다. 파일 하나만 주면 여러 방식으로 옮겨 봅니다: transom compare"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "required"),
        (("f.bin", "f.bin", "f.bin"), 2, "3 targets"),
        (("http://localhost:1/f",), 2, "no TLS to compare"),
        (("ftp://localhost/f", "f.bin"), 2, "not of the form"),
        (("f.bin", "--conversation", "1"), 2, "--conversation is for two captures"),
        (("f.bin", "--without-keys"), 2, "--without-keys is for two captures"),
        (("t.pcapng", "t.pcapng", "--conversation", "C:1"), 2, "expected a number from 0"),
        (
            ("t.pcapng", "t.pcapng", "--conversation", "B:9"),
            2,
            "t.pcapng: no conversation 9: the capture has 1, counted",
        ),
        (("t.pcapng", "t.pcapng", "--static-rsa"), 2, "--static-rsa is for a file"),
        (("t.pcapng", "t.pcapng", "--trace", "t.pcapng"), 2, "would take the place"),
        (("t.pcapng", "--trace", "t.pcapng"), 2, "would take the place"),
        (("t.pcapng", "f.bin"), 26, f"transom: f.bin: {NO_CAPTURE}; {ONE_FILE} f.bin\n"),
        (("f.bin", "f.bin"), 26, f"transom: f.bin: {NO_CAPTURE}; {ONE_FILE} f.bin\n"),
        (("f.bin", "t.pcapng"), 26, f"transom: f.bin: {NO_CAPTURE}; {ONE_FILE} f.bin\n"),
        (("https://localhost:1/", "f.bin"), 26, f"transom: f.bin: {NO_CAPTURE}; {ONE_FILE} f.bin\n"),
        (("f.bin", "--lang", "ko", "f.bin"), 26, f"{ONE_FILE_KO} f.bin\n"),
        (("a b.bin", "t.pcapng"), 26, f"{ONE_FILE} 'a b.bin'\n"),
        (("-", "-"), 2, "- and -: standard input can be read once"),
        (("none.bin",), 26, "transom: none.bin: cannot be read: No such file or directory\n"),
        ((".",), 26, "transom: .: cannot be read: Is a directory\n"),
        (("fifo",), 26, "transom: fifo: no regular file, expected one that can be read several times\n"),
        (("t.pcapng", "none.pcapng"), 26, "transom: none.pcapng: cannot be read: No such file or directory\n"),
        (("t.pcapng", "."), 26, "transom: .: cannot be read: Is a directory\n"),
        (("t.pcapng", "https://localhost:1/"), 7, "localhost"),
    ],
)
def test_what_cannot_be_compared_has_its_message_and_its_code(
    caller: Caller, arguments: tuple[str, ...], code: int, message: str
) -> None:
    trace(caller.folder / "t.pcapng", TLS12)
    before = (caller.folder / "t.pcapng").read_bytes()
    for name in ("f.bin", "a b.bin"):
        (caller.folder / name).write_bytes(b"no capture")
    os.mkfifo(caller.folder / "fifo")
    ran = caller.run("compare", *arguments)
    assert (ran.exit_code, ran.text) == (code, "")
    assert message in ran.stderr
    assert (caller.folder / "t.pcapng").read_bytes() == before
