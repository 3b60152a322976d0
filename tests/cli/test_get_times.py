"""`times` of `transom get --json` for what failed: each stage that came to its end, and null for one that did not."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.real.caller import Caller
from tests.real.certificates import Authority
from tests.real.raw_server import Script, answering, raw_server, read_request
from tests.real.silent import silent_port
from tests.real.tls_servers import s_server
from transom.net import connect

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-lines.schema.json").read_text())
STAGES = ["resolve", "connect", "handshake", "first_byte", "total"]
NOBODY = "http://127.0.0.1:1/f.bin"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def lines_of(caller: Caller, *arguments: str) -> list[dict[str, Any]]:
    """What is printed for each URL, good or bad; the stages have the same names in either."""
    ran = caller.run("get", "--json", *arguments)
    lines = [json.loads(line) for line in ran.text.splitlines() if line.startswith("{")]
    for line in lines:
        jsonschema.validate(line, SCHEMA)
        assert [*line["times"]] == STAGES
    return lines


def failed(caller: Caller, *arguments: str) -> tuple[int, dict[str, float | None]]:
    """The exit code, and the times of the only URL."""
    (line,) = lines_of(caller, *arguments)
    assert line["code"] == "transfer-failed"
    return line["exit_code"], line["times"]


def known(times: dict[str, float | None]) -> list[str]:
    """The stages that are told, of which no one lasted longer than all of it."""
    told = {stage: spent for stage, spent in times.items() if spent is not None}
    stages = sum(spent for stage, spent in told.items() if stage != "total")
    assert stages <= told.get("total", 0) + 1e-5  # each is rounded to the microsecond
    return [*told]


EXPLAINED = pytest.mark.parametrize("looking", [(), ("--explain",)], ids=["plain", "explained"])


@EXPLAINED
@pytest.mark.parametrize(
    ("url", "code", "stages"),
    [
        ("http://no-such-host.invalid/f.bin", 6, ["total"]),
        (NOBODY, 7, ["resolve", "total"]),
        ("http://localhost:1/f.bin", 7, ["resolve", "total"]),
        ("https://localhost:1/f.bin", 7, ["resolve", "total"]),
    ],
)
def test_a_server_that_is_not_reached(
    caller: Caller, looking: tuple[str, ...], url: str, code: int, stages: list[str]
) -> None:
    exit_code, times = failed(caller, *looking, url)
    assert (exit_code, known(times)) == (code, stages)


@EXPLAINED
def test_one_that_does_not_answer_in_time_has_taken_that_time(caller: Caller, looking: tuple[str, ...]) -> None:
    with silent_port() as port:
        exit_code, times = failed(caller, *looking, "--connect-timeout", "0.2", f"http://127.0.0.1:{port}/f.bin")
    assert (exit_code, known(times)) == (28, ["resolve", "total"])
    assert (times["total"] or 0) >= 0.2


@EXPLAINED
@pytest.mark.parametrize(
    ("answer", "code", "stages"),
    [
        (b"", 52, ["resolve", "connect", "total"]),
        (NOT_FOUND, 22, ["resolve", "connect", "first_byte", "total"]),
        (HALF, 18, ["resolve", "connect", "first_byte", "total"]),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\nContent-Length: 0\r\n\r\n", 1,
         ["resolve", "connect", "first_byte", "total"]),
    ],
)  # fmt: skip
def test_a_server_that_is(
    caller: Caller, looking: tuple[str, ...], answer: bytes, code: int, stages: list[str]
) -> None:
    with raw_server(answering(answer)) as port:
        exit_code, times = failed(caller, *looking, "-L", f"http://127.0.0.1:{port}/f.bin")
    assert (exit_code, known(times)) == (code, stages)


@EXPLAINED
@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_a_handshake_has_its_time_only_if_it_came_to_its_end(
    caller: Caller, tmp_path: Path, looking: tuple[str, ...], engine: str
) -> None:
    authority = Authority(tmp_path)
    with s_server(authority.leaf(), tmp_path) as server:
        url = f"https://localhost:{server.port}/root.pem"
        refused = failed(caller, *looking, "--tls", engine, url)
        wrong = failed(caller, *looking, "--tls", engine, "-k", "--checksum", "sha-256=" + "0" * 64, url)
    assert (refused[0], known(refused[1])) == (60, ["resolve", "connect", "total"])
    assert (wrong[0], known(wrong[1])) == (110, STAGES)


@EXPLAINED
def test_what_was_refused_before_anything_was_tried_has_none(caller: Caller, looking: tuple[str, ...]) -> None:
    (caller.folder / "f.bin").write_bytes(b"mine")
    exit_code, times = failed(caller, *looking, NOBODY)
    assert (exit_code, known(times)) == (23, [])


@EXPLAINED
def test_of_several_attempts_it_is_the_last(caller: Caller, looking: tuple[str, ...]) -> None:
    answers = [b"", NOT_FOUND, b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", b""]

    def each_its_own(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answers.pop(0))

    with raw_server(each_its_own) as port:
        url = f"http://127.0.0.1:{port}/f.bin"
        first, second = (failed(caller, *looking, "--retry", "1", url) for _ in range(2))
    assert (first[0], known(first[1])) == (22, ["resolve", "connect", "first_byte", "total"])
    assert (second[0], known(second[1])) == (52, ["resolve", "connect", "total"])


@EXPLAINED
def test_of_a_redirect_it_is_where_it_led(caller: Caller, looking: tuple[str, ...]) -> None:
    there = answering(b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % NOBODY.encode())
    with raw_server(there) as port:
        exit_code, times = failed(caller, *looking, "-L", f"http://127.0.0.1:{port}/f.bin")
    assert (exit_code, known(times)) == (7, ["resolve", "total"])


@EXPLAINED
def test_a_part_that_was_gone_on_with_and_was_cut_again(caller: Caller, looking: tuple[str, ...]) -> None:
    def one_more(connection: socket.socket) -> None:
        asked = re.search(rb"Range: bytes=(\d)-", read_request(connection))
        start = int(asked[1]) if asked else 0
        head = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-9/10\r\n" % start
        head = head if asked else b"HTTP/1.1 200 OK\r\n"
        connection.sendall(head + b'ETag: "1"\r\nContent-Length: %d\r\n\r\nx' % (10 - start))

    with raw_server(one_more) as port:
        for _ in range(2):
            exit_code, times = failed(caller, *looking, f"http://127.0.0.1:{port}/f.bin")
            assert (exit_code, known(times)) == (18, ["resolve", "connect", "first_byte", "total"])
    assert (caller.folder / ".f.bin.transom-part").read_bytes() == b"xx"


@EXPLAINED
def test_the_time_that_there_is_for_all_of_it_ends_in_a_stage(caller: Caller, looking: tuple[str, ...]) -> None:
    def says_nothing(connection: socket.socket) -> None:
        read_request(connection)
        connection.recv(1)

    with raw_server(says_nothing) as port:
        exit_code, times = failed(caller, *looking, "--max-time", "0.4", f"http://127.0.0.1:{port}/f.bin")
    assert (exit_code, known(times)) == (28, ["resolve", "connect", "total"])


@EXPLAINED
def test_a_proxy_that_opens_no_tunnel(caller: Caller, looking: tuple[str, ...]) -> None:
    with raw_server(answering(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) as port:
        exit_code, times = failed(caller, *looking, "-x", f"http://localhost:{port}", "https://files.example/f.bin")
    assert (exit_code, known(times)) == (56, ["resolve", "total"])


@pytest.mark.parametrize("parallel", [(), ("-Z",)])
def test_each_of_several_has_its_own(caller: Caller, parallel: tuple[str, ...]) -> None:
    def by_name(connection: socket.socket) -> None:
        answer = {b"GET /good": HALF + b"lf", b"GET /none": b""}
        connection.sendall(answer.get(read_request(connection)[:9], NOT_FOUND))

    with raw_server(by_name, at_once=True) as port:
        urls = [*(f"http://127.0.0.1:{port}/{name}" for name in ("good", "none", "nil")), NOBODY]
        lines = lines_of(caller, *parallel, *urls)
    told = {line.get("url") or line["where"]: known(line["times"]) for line in lines}
    answered = ["resolve", "connect", "first_byte", "total"]
    assert [told[url] for url in urls] == [answered, ["resolve", "connect", "total"], answered, ["resolve", "total"]]


def test_over_a_connection_that_was_kept_it_took_no_time_to_get_there(caller: Caller) -> None:
    def twice(connection: socket.socket) -> None:
        for answer in (HALF + b"lf", NOT_FOUND):
            read_request(connection)
            connection.sendall(answer)

    with raw_server(twice) as port:
        _, line = lines_of(caller, *(f"http://127.0.0.1:{port}/{name}" for name in "ab"))
    times = line["times"]
    assert (times["resolve"], times["connect"], times["handshake"]) == (0, 0, None)
    assert times["first_byte"] > 0


# -- what a person reads ------------------------------------------------------------------------------------------


TIME = r"([\d,.]+)"


def where_the_time_went(caller: Caller, *arguments: str) -> str:
    return " ".join(caller.run("get", "--explain", *arguments).text.partition("where the time went")[2].split())


@pytest.mark.parametrize(
    ("url", "stages"),
    [
        ("http://no-such-host.invalid/f.bin", f"DNS {TIME} ms ✗"),
        (NOBODY, f"TCP {TIME} ms ✗"),
        ("http://localhost:1/f.bin", f"DNS {TIME} ▏TCP {TIME} ms ✗"),
    ],
)
def test_a_name_that_resolves_and_an_address_that_refuses_are_two_stages(caller: Caller, url: str, stages: str) -> None:
    assert re.fullmatch(stages, where_the_time_went(caller, url))


@pytest.mark.parametrize(
    ("proxy", "server", "stages"),
    [("localhost", "127.0.0.1", f"DNS {TIME} ▏TCP {TIME} ms ✗"), ("127.0.0.1", "files.example", f"TCP {TIME} ms ✗")],
)
def test_behind_a_proxy_it_is_the_proxys_name(caller: Caller, proxy: str, server: str, stages: str) -> None:
    with raw_server(answering(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) as port:
        through = ("-x", f"http://{proxy}:{port}", f"https://{server}/f.bin")
        assert re.fullmatch(stages, where_the_time_went(caller, *through))


def test_one_that_is_silent_too(caller: Caller) -> None:
    with silent_port() as port:
        quick = ("--connect-timeout", "1.5", "--resolve", f"files.example:{port}:127.0.0.1")
        told = where_the_time_went(caller, *quick, f"http://files.example:{port}/f.bin")
    assert re.fullmatch(rf"DNS {TIME} ms ▏TCP {TIME} s ✗", told)


def test_a_name_whose_resolving_takes_too_long_is_never_connected_to(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forever(host: str, port: int) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(connect, "_resolve", forever)
    quick = ("--connect-timeout", "0.1", "http://localhost:1/f.bin")
    assert re.fullmatch(rf"DNS {TIME} ms ✗", where_the_time_went(caller, *quick))
    (line,) = lines_of(caller, *quick)
    assert (line["exit_code"], known(line["times"])) == (28, ["total"])


def test_a_redirect_from_a_name_to_an_address_had_no_name_to_resolve(caller: Caller) -> None:
    there: Script = answering(b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % NOBODY.encode())
    with raw_server(there) as port:
        named = ("--resolve", f"files.example:{port}:127.0.0.1", f"http://files.example:{port}/f.bin")
        assert re.fullmatch(rf"TCP {TIME} ms ✗", where_the_time_went(caller, "-L", *named))


def test_in_korean_too(caller: Caller) -> None:
    ran = caller.run("get", "--explain", "--lang", "ko", "http://localhost:1/f.bin")
    assert re.search(rf"\n시간이 든 곳 +DNS {TIME} ▏TCP {TIME} ms ✗\n", ran.text)
