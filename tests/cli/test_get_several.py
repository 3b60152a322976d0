"""`transom get` with several URLs, as a user of curl types them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pty
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.real.caller import Caller
from tests.real.nginx import nginx
from tests.real.programs import curl, run
from tests.real.raw_server import raw_server, read_request
from tests.real.started import free_ports
from tests.real.transom import COMMAND, Serving, User
from tests.real.tshark import Wireshark
from tests.transfer.conftest import pattern

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-lines.schema.json").read_text())
FILES = {"a": b"the file a", "b": b"the file b", "c": pattern(300_000)}


def found(folder: Path) -> dict[str, bytes]:
    """What is in the folder, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("parallel", [(), ("-Z",), ("--parallel", "--parallel-max", "1")])
def test_each_file_is_saved_under_its_own_name(here: Caller, server: Serving, parallel: tuple[str, ...]) -> None:
    ran = here.run("get", *parallel, *(server.url(f"/{name}") for name in FILES))
    assert (ran.exit_code, ran.stdout) == (0, b"")
    assert found(here.folder) == FILES
    assert sorted(line.split()[0] for line in ran.stderr.splitlines()) == [*FILES]


PAIRED: list[tuple[list[str], dict[str, str]]] = [
    (["-o", "x", "-o", "y", "URL/a", "URL/b"], {"x": "a", "y": "b"}),
    (["-o", "x", "URL/a", "-o", "y", "URL/b"], {"x": "a", "y": "b"}),
    (["URL/a", "URL/b", "-o", "x", "-o", "y"], {"x": "a", "y": "b"}),
    (["-O", "-o", "y", "URL/a", "URL/b"], {"a": "a", "y": "b"}),
    (["-o", "x", "-O", "URL/a", "URL/b"], {"x": "a", "b": "b"}),
    (["--create-dirs", "-o", "d/e/x", "-O", "URL/a", "URL/b"], {"d/e/x": "a", "b": "b"}),
    (["--create-dirs", "--output-dir", "d", "-o", "e/x", "-O", "URL/a", "URL/b"], {"d/e/x": "a", "d/b": "b"}),
    (["-Z", "-o", "x", "-o", "y", "URL/a", "URL/b"], {"x": "a", "y": "b"}),
]


@pytest.mark.parametrize(("words", "files"), PAIRED)
def test_the_nth_o_is_for_the_nth_url_as_in_curl(
    here: Caller,
    server: Serving,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    files: dict[str, str],
) -> None:
    expected = {path: FILES[name] for path, name in files.items()}
    arguments = [word.replace("URL", f"http://127.0.0.1:{server.http_port}") for word in words]
    assert here.run("get", *arguments).exit_code == 0
    assert found(here.folder) == expected
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    monkeypatch.chdir(theirs)
    assert curl(*arguments).exit_code == 0
    assert found(theirs) == expected


def test_a_url_without_an_o_gives_its_file_its_own_name(here: Caller, server: Serving) -> None:
    assert here.run("get", "-o", "x", server.url("/a"), server.url("/b")).exit_code == 0
    assert found(here.folder) == {"x": FILES["a"], "b": FILES["b"]}


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["-o", "x", "-o", "y", "URL/a"], "-o and -O: 2 of them for one URL"),
        (["-o", "x", "-O", "-o", "y", "URL/a", "URL/b"], "-o and -O: 3 of them for 2 URLs"),
        (["URL/a", "URL/a?x"], "would both be saved as a"),
        (["--output-dir", "d", "-o", "a", "URL/b", "URL/a"], "would both be saved as d/a"),
        (["-Z", "-o", "-", "-o", "-", "URL/a", "URL/b"], "would both be saved as -"),
        (["-Z", "--explain", "URL/a", "URL/b"], "-Z with --explain or --tree"),
        (["-Z", "--tree", "URL/a"], "transom read --tree FILE tells them"),
        (["-Z", "--parallel-max", "0", "URL/a"], "--parallel-max 0: expected a number of downloads"),
        (["--parallel-max-host", "-1", "URL/a"], "--parallel-max-host -1: expected"),
        (["--checksum", "sha-256=" + "0" * 64, "URL/a", "URL/b"], "--checksum: 1 of them for 2 URLs"),
        (["URL/a", "URL/"], "the URL names no file"),
        ([], "the following arguments are required: URL"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_before_anything_is_made(
    here: Caller, server: Serving, words: list[str], what: str
) -> None:
    before = server.log
    ran = here.run("get", "--trace", "t.pcapng", *(word.replace("URL", server.url("")) for word in words))
    assert ran.exit_code == 2
    assert what in ran.stderr
    assert found(here.folder) == {}
    assert server.log == before


def test_o_dash_joins_files_in_their_order(here: Caller, server: Serving) -> None:
    ran = here.run("get", "-o", "-", "-O", "-o", "-", "--json", *(server.url(f"/{name}") for name in FILES))
    assert ran.exit_code == 0
    assert ran.stdout == FILES["a"] + FILES["c"]
    assert found(here.folder) == {"b": FILES["b"]}
    assert [json.loads(line)["path"] for line in ran.stderr.splitlines()] == ["-", "b", "-"]


# -- failures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "early", "ours", "curls", "saved"),
    [
        (["a", "no"], False, 22, 22, {"a"}),
        (["no", "b"], False, 22, 0, {"b"}),  # curl's last success hides what failed before it
        (["no", "REFUSED", "b"], False, 22, 0, {"b"}),
        (["REFUSED", "no", "b"], False, 7, 0, {"b"}),
        (["a", "no", "b"], True, 22, 22, {"a"}),
    ],
)
def test_the_exit_code_is_that_of_the_first_failure_and_curl_hides_it(
    here: Caller, server: Serving, paths: list[str], early: bool, ours: int, curls: int, saved: set[str]
) -> None:
    refused = f"http://127.0.0.1:{free_ports(1)[0]}/r"
    urls = [refused if path == "REFUSED" else f"http://127.0.0.1:{server.http_port}/{path}" for path in paths]
    option = ["--fail-early"] if early else []
    ran = here.run("get", *option, *urls)
    assert ran.exit_code == ours
    assert found(here.folder).keys() == saved
    assert f"{len(saved)} of {len(paths)} files saved\n" in ran.stderr
    assert curl("-f", *option, *(word for url in urls for word in ("-o", "/dev/null", url))).exit_code == curls


@pytest.mark.parametrize("parallel", [(), ("-Z",)])
def test_which_failed_and_why_is_said_and_the_others_come(
    here: Caller, server: Serving, parallel: tuple[str, ...]
) -> None:
    urls = [server.url(path) for path in ("/no", "/b", "/neither")]
    ran = here.run("get", *parallel, *urls)
    assert (ran.exit_code, found(here.folder)) == (22, {"b": FILES["b"]})
    lines = sorted(line for line in ran.stderr.splitlines() if line.startswith("transom: "))
    assert lines == [f"transom: {url}: the server answered 404 Not Found" for url in sorted(urls) if url != urls[1]]
    assert ran.stderr.endswith("1 of 3 files saved\n")
    korean = here.run("get", "--lang", "ko", *parallel, "-O", "-o", "b", *urls)
    assert korean.stderr.endswith("파일 3개 중 1개를 받음\n")
    silent = here.run("get", "-s", *parallel, "-O", "-o", "b", *urls)
    assert [line.split(":")[0] for line in silent.stderr.splitlines()] == ["transom", "transom"]


def test_one_url_that_fails_is_told_as_ever(here: Caller, server: Serving) -> None:
    ran = here.run("get", server.url("/no"))
    assert (ran.exit_code, ran.stderr) == (22, "transom: the server answered 404 Not Found\n")


def test_what_a_url_has_in_it_reaches_no_terminal_unescaped(here: Caller, server: Serving) -> None:
    ran = here.run("get", server.url("/\u202eno"), server.url("/\u202enor"))
    assert ran.exit_code == 22
    assert "\u202e" not in ran.stderr


@pytest.mark.parametrize("looking", [(), ("-Z",), ("--explain",)])
def test_json_has_a_line_for_each_url_and_a_problem_for_one_that_failed(
    here: Caller, server: Serving, looking: tuple[str, ...]
) -> None:
    urls = [server.url(path) for path in ("/a", "/no", "/c")]
    ran = here.run("get", "--json", *looking, *urls)
    assert ran.exit_code == 22
    lines: list[dict[str, Any]] = [json.loads(line) for line in ran.text.splitlines() if line.startswith("{")]
    for line in lines:
        jsonschema.validate(line, SCHEMA)
    told = {line["url"] if line["type"] == "transfer" else line["where"]: line for line in lines}
    assert told.keys() == set(urls)
    assert (told[urls[0]]["path"], told[urls[2]]["bytes"]) == ("a", 300_000)
    assert told[urls[1]].pop("times")["first_byte"] > 0
    assert told[urls[1]] == {
        "type": "problem", "conversation": None, "code": "transfer-failed", "where": urls[1],
        "what": "the server answered 404 Not Found", "exit_code": 22,
    }  # fmt: skip
    if "-Z" not in looking:
        assert [*told] == urls


def test_a_single_url_that_fails_has_its_line_of_json_too(here: Caller, server: Serving) -> None:
    line = json.loads(here.run("get", "--json", server.url("/no")).stdout)
    jsonschema.validate(line, SCHEMA)
    assert (line["code"], line["exit_code"]) == ("transfer-failed", 22)


# -- what else a download can do, for each URL -----------------------------------------------------------------


def test_each_url_has_its_checksum(here: Caller, server: Serving) -> None:
    sums = [f"sha-256={hashlib.sha256(FILES[name]).hexdigest()}" for name in "ab"]
    urls = [server.url(f"/{name}") for name in "ab"]
    good = here.run("get", "-Z", "--json", "--checksum", sums[0], "--checksum", sums[1], *urls)
    assert [json.loads(line)["verified"] for line in good.text.splitlines()] == ["checksum"] * 2
    swapped = here.run("get", "-o", "x", "-o", "y", "--checksum", sums[0], "--checksum", sums[0], *urls)
    assert swapped.exit_code == 110
    assert found(here.folder) == {"a": FILES["a"], "b": FILES["b"], "x": FILES["a"]}


def test_notes_say_of_which_download_they_are(here: Caller) -> None:
    """One that is cut and tried again, beside one that goes well."""
    cut = [True]

    def script(connection: socket.socket) -> None:
        request = read_request(connection)
        if request.startswith(b"GET /good"):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        elif cut.pop() if cut else False:
            connection.sendall(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 4\r\n\r\nha')
        else:
            head = b'HTTP/1.1 206 Partial Content\r\nETag: "1"\r\nContent-Range: bytes 2-3/4\r\n'
            connection.sendall(head + b"Content-Length: 2\r\n\r\nlf")

    with raw_server(script) as port:
        urls = [f"http://127.0.0.1:{port}/{name}" for name in ("half", "good")]
        first = here.run("get", *urls)
        assert first.exit_code == 18
        assert "half: 50 % is kept: the same command goes on from there\n" in first.stderr
        second = here.run("get", "-o", "half", "-o", "good", *urls)
    assert second.stderr.startswith("half: goes on at 50 %\n")
    assert found(here.folder) == {"half": b"half", "good": b"ok"}


def test_u_is_told_to_each_host_that_was_typed_and_netrc_to_its_own(
    here: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, bytes] = {}

    def script(connection: socket.socket) -> None:
        request = read_request(connection)
        asked[request.split(b" ")[1].decode()] = request
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def basic(account: str) -> bytes:
        return b"Authorization: Basic " + base64.b64encode(account.encode()) + b"\r\n"

    monkeypatch.setenv("TRANSOM_PASSWORD", "once")
    (here.folder / "netrc").write_text("machine localhost login one password two\n")
    with raw_server(script) as port:
        urls = [f"http://127.0.0.1:{port}/1", f"http://localhost:{port}/2"]
        assert here.run("get", "-u", "me", "--resolve", f"localhost:{port}:127.0.0.1", *urls).exit_code == 0
        assert [basic("me:once") in asked[path] for path in ("/1", "/2")] == [True, True]
        named = ("--netrc-file", "netrc", "--resolve", f"localhost:{port}:127.0.0.1", "-o", "1", "-o", "2")
        assert here.run("get", *named, *urls).exit_code == 0
        assert b"Authorization" not in asked["/1"]
        assert basic("one:two") in asked["/2"]


def test_explain_tells_each_under_its_url(here: Caller, server: Serving) -> None:
    urls = [server.url(path) for path in ("/a", "/no", "/b")]
    ran = here.run("get", "--explain", *urls)
    assert ran.exit_code == 22
    places = [ran.text.index(f"{number} of 3: {url}\n") for number, url in enumerate(urls, 1)]
    assert places == sorted(places)
    for start, end, name in zip(places, [*places[1:], None], ("/a", "/no", "/b"), strict=True):
        told = ran.text[start:end]
        assert told.count("ClientHello") == 1
        assert f"GET {name} " in told
        assert ("404 Not Found" in told) is (name == "/no")
    assert ran.text.endswith("2 of 3 files saved\n")
    early = here.run("get", "--explain", "--fail-early", "-o", "a", *urls)
    assert early.exit_code == 22
    assert "3 of 3" not in early.text


@pytest.mark.parametrize("parallel", [(), ("-Z",)])
def test_one_trace_has_all_of_them_and_they_come_out_of_it(
    here: Caller, server: Serving, tmp_path: Path, parallel: tuple[str, ...]
) -> None:
    ran = here.run("get", *parallel, "--trace", "t.pcapng", *(server.url(f"/{name}") for name in FILES))
    assert ran.exit_code == 0
    trace, out = here.folder / "t.pcapng", tmp_path / "exported"
    exported = run("tshark", "-r", str(trace), "-d", f"tcp.port=={server.port},tls", "-q", "--export-objects",
                   f"http,{out}")  # fmt: skip
    assert exported.exit_code == 0
    assert found(out) == FILES


@pytest.mark.parametrize("engine", ["transom", "openssl"])
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_one_connection_is_used_for_all_files_of_a_server(
    here: Caller, server: Serving, engine: str, version: str
) -> None:
    options = ("--tls", engine, "--tls-max", version, "--json", "--trace", "t.pcapng")
    ran = here.run("get", *options, *(server.url(f"/{name}") for name in FILES))
    assert (ran.exit_code, found(here.folder).items() >= FILES.items()) == (0, True)
    wireshark = Wireshark(here.folder / "t.pcapng", {server.port: "tls"})
    assert set(wireshark.field("tcp.stream")) == {"0"}
    assert wireshark.field("http.request.uri") == ["/a", "/b", "/c"]
    assert wireshark.oddities() == ""
    first, *others = [json.loads(line) for line in ran.text.splitlines()]
    assert first["times"]["handshake"] > 0
    for line in others:
        jsonschema.validate(line, SCHEMA)
        times = line["times"]
        assert (times["resolve"], times["connect"], times["handshake"]) == (0, 0, 0)
        assert (line["version"], line["group"]) == (f"TLSv{version}", first["group"])


def test_a_server_that_closes_idle_connections_at_once_is_none_the_worse(here: Caller, tmp_path: Path) -> None:
    """nginx that keeps no connection, and one that keeps it for two requests."""
    root = tmp_path / "root"
    root.mkdir()
    for number in range(5):
        (root / str(number)).write_bytes(pattern(1000 + number))
    for keeping in ("keepalive_timeout 0;", "keepalive_requests 2;"):
        home = tmp_path / keeping.split()[0]
        home.mkdir()
        with nginx(home, root, extra=keeping) as server:
            urls = [server.url(f"/{number}") for number in range(5)]
            assert here.run("get", "--output-dir", home.name, "--create-dirs", *urls).exit_code == 0
        assert found(here.folder / home.name) == found(root)


# -- on a terminal, and interrupted ------------------------------------------------------------------------------


def on_a_terminal(user: User, folder: Path, *arguments: str) -> bytes:
    """What `transom get` shows on one."""
    terminal, theirs = pty.openpty()
    with open(terminal, "rb", buffering=0) as screen:  # noqa: PTH123  (a descriptor)
        process = subprocess.Popen(
            [*COMMAND, "get", *arguments], cwd=folder, env={**user.environment, "TERM": "xterm", "COLUMNS": "100"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        shown = b""
        try:
            while piece := screen.read(65536):
                shown += piece
        except OSError:  # Linux tells the end of a terminal that way
            pass
        assert process.wait(30) == 0
    return shown


def test_the_bar_has_the_files_name_and_with_z_there_is_one_line_for_all(
    owner: User, server: Serving, tmp_path: Path
) -> None:
    urls = [server.url(f"/{name}") for name in "ac"]
    bars = on_a_terminal(owner, tmp_path, *urls).decode()
    assert "c 100 %" in bars
    assert "300.0/300.0 kB" in bars  # powers of 1,000, as the speed beside it and every size that is told
    assert "of 2 saved" not in bars
    line = on_a_terminal(owner, tmp_path, "-Z", "-o", "a", "-o", "c", *urls).decode()
    assert " of 2 saved, " in line
    assert "100 %" not in line
    assert " of 2 saved" not in line.splitlines()[-1]


@pytest.mark.parametrize(("parallel", "begun"), [((), ["a"]), (("-Z",), ["a", "b"])])
def test_an_interrupt_ends_all_of_them_and_leaves_the_parts(
    user: User, parallel: tuple[str, ...], begun: list[str]
) -> None:
    all_begun, over = threading.Barrier(len(begun) + 1), threading.Event()
    more_than_sockets_hold = bytes(24 * 2**20)  # so that some of it has been read when all of it is sent

    def half(connection: socket.socket) -> None:
        read_request(connection)
        head = f'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: {2 * len(more_than_sockets_hold)}\r\n\r\n'
        connection.sendall(head.encode() + more_than_sockets_hold)
        all_begun.wait(30)
        over.wait(30)

    with (
        raw_server(half, at_once=True) as port,
        user.start("get", *parallel, *(f"http://127.0.0.1:{port}/{name}" for name in "ab")) as process,
    ):
        all_begun.wait(30)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        over.set()
    assert process.returncode == 130
    assert errors.splitlines()[0] == b"transom: interrupted"
    left = {path.name for path in user.folder.iterdir()}
    assert left == {f".{name}.transom-{what}" for name in begun for what in ("part", "from")}
    for name in begun:
        assert f"{name}: ".encode() in errors
        assert b"is kept: the same command goes on from there" in errors


def test_a_reader_of_the_json_that_goes_away_is_no_traceback(owner: User, server: Serving, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run(
            [*COMMAND, "get", "-Z", "--json", *(server.url(f"/{name}") for name in FILES)], cwd=tmp_path,
            stdout=writing, stderr=subprocess.PIPE, env=owner.environment, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert ran.returncode == 0
    assert b"Traceback" not in ran.stderr
