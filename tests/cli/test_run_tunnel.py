"""The tunnel of `transom run`, as programs meet it: every way of asking, refusals, other proxies, hundreds at once."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.real.certificates import Authority
from tests.real.http_proxy import http_proxy
from tests.real.nginx import NginxTls, nginx
from tests.real.raw_server import drain, raw_server, read_request
from tests.real.started import free_ports
from tests.real.transom import COMMAND, MINUTE, Serving, User

CONTENT = os.urandom(200_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
CURL = ("curl", "-q", "-sS", "--max-time", "30")


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> User:
    user = User.new(tmp_path_factory.mktemp("owner"))
    (user.folder / "f.bin").write_bytes(CONTENT)
    return user


@pytest.fixture(scope="module")
def server(owner: User) -> Generator[Serving]:
    with owner.serving(".", http=True) as serving:
        yield serving


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    assert server.port
    return User(owner.home, tmp_path)


def plain(server: Serving, path: str = "/f.bin", host: str = "localhost") -> str:
    return f"http://{host}:{server.http_port}{path}"


def told(here: User, *command: str | Path, code: int = 0, env: dict[str, str] | None = None) -> list[dict[str, Any]]:
    ran = here.run("run", "--json", "--sha256", "--summary", "lines", "--", *command, env=env)
    assert ran.exit_code == code, ran.stderr
    return [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def test_a_client_that_keeps_its_connection_asks_several_servers_in_turn(here: User, server: Serving) -> None:
    urls = [plain(server), plain(server, host="127.0.0.1"), plain(server, "/none"), plain(server)]
    outputs = [word for number in range(len(urls)) for word in ("-o", str(number))]
    lines = told(here, *CURL, *outputs, *urls, "-w", "%{num_connects} ", "--stderr", "-")
    assert (here.folder / "0").read_bytes() == (here.folder / "3").read_bytes() == CONTENT
    conversations = of_type(lines, "conversation")
    assert len(conversations) == 2  # one to each server, whose name the client gave
    asked = sorted((line["conversation"], line["path"], line["status"]) for line in of_type(lines, "http"))
    assert asked == [(0, "/f.bin", 200), (0, "/f.bin", 200), (0, "/none", 404), (1, "/f.bin", 200)]


def test_what_a_server_is_sent_is_what_the_client_said_but_for_what_was_meant_for_the_proxy(here: User) -> None:
    heads: list[bytes] = []

    def script(client: socket.socket) -> None:
        heads.append(read_request(client))
        client.sendall(b"HTTP/1.1 200 OK\r\nX-Odd:   kept \r\nContent-Length: 2\r\n\r\nok")

    with raw_server(script) as port:
        url = f"http://127.0.0.1:{port}/a%20b?c=d"
        words = (*CURL, "-i", "-H", "X-Spaces:   two", "-H", "Proxy-Connection: keep-alive", "-d", "body", url)
        ran = here.run("run", "--silent", *words)
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == b"HTTP/1.1 200 OK\r\nX-Odd:   kept \r\nContent-Length: 2\r\n\r\nok"
    (head,) = heads
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a%20b?c=d HTTP/1.1"
    assert b"X-Spaces:   two" in lines or b"X-Spaces: two" in lines
    assert b"proxy-" not in head.lower()


def test_an_answer_that_ends_with_the_connection_ends_with_it_here(here: User) -> None:
    def script(client: socket.socket) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + CONTENT)

    with raw_server(script) as port:
        ran = here.run("run", "--silent", *CURL, f"http://127.0.0.1:{port}/")
    assert (ran.exit_code, ran.stdout) == (0, CONTENT)


def test_a_large_upload_in_the_clear_arrives(here: User) -> None:
    sent: list[bytes] = []

    def script(client: socket.socket) -> None:
        head = read_request(client)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = b""
        while len(body) < length:
            body += client.recv(65536)
        sent.append(body)
        client.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    (here.folder / "up").write_bytes(CONTENT)
    with raw_server(script) as port:
        lines = told(here, *CURL, "-T", "up", f"http://127.0.0.1:{port}/up")
    assert sent == [CONTENT]
    (exchange,) = of_type(lines, "http")
    assert (exchange["request_sha256"], exchange["status"]) == (SHA256, 201)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_socks5_with_and_without_names(here: User, server: Serving, scheme: str) -> None:
    curl = f'curl -q -sS -o f -x {scheme}://${{https_proxy#http://}} --cacert "$0" "$1"'
    lines = told(here, "sh", "-c", curl, here.ca, server.url("/f.bin"))
    assert (here.folder / "f").read_bytes() == CONTENT
    assert of_type(lines, "http")[0]["response_sha256"] == SHA256


@pytest.mark.parametrize("login", ["", "somebody:@"], ids=["none", "as-java"])
def test_socks5_without_the_password_is_for_the_commands_own_programs(here: User, server: Serving, login: str) -> None:
    curl = f'curl -q -sS -o f -x socks5h://{login}${{https_proxy##*@}} --cacert "$0" "$1"'
    told(here, "sh", "-c", curl, here.ca, server.url("/f.bin"))
    assert (here.folder / "f").read_bytes() == CONTENT


def test_without_the_password_a_program_is_known_when_its_parents_have_ended(here: User, server: Serving) -> None:
    """By the environment that it was started with: nobody tells any more from whom it descends."""
    curl = f"curl -q -sS --max-time 30 -x ${{https_proxy##*@}} -o f {plain(server)}"
    adopted = f"( ({curl}; touch ended) & ); until [ -e ended ]; do sleep 0.05; done"
    (line,) = of_type(told(here, "sh", "-c", adopted), "http")
    assert line["response_sha256"] == SHA256


def _with_proxy(here: User) -> subprocess.Popen[bytes]:
    """A run that has told its proxy's URL and waits until its input ends."""
    return subprocess.Popen(
        [*COMMAND, "run", "sh", "-c", "echo $https_proxy; exec cat"],
        cwd=here.folder,
        env=here.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
@pytest.mark.parametrize("login", ["", "transom:wrong@"], ids=["none", "wrong"])
def test_a_stranger_is_refused(here: User, server: Serving, scheme: str, login: str) -> None:
    with _with_proxy(here) as process:
        assert process.stdout is not None
        place = process.stdout.readline().decode().strip().rpartition("@")[2]
        curl = [*CURL, "-x", f"{scheme}://{login}{place}", "-o", "f", "-i", plain(server)]
        stranger = subprocess.run(
            curl, cwd=here.folder, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False
        )
        _, said = process.communicate(timeout=MINUTE)
    if scheme == "http":
        assert (here.folder / "f").read_bytes().startswith(b"HTTP/1.1 407 Proxy Authentication Required\r\n")
    else:
        assert stranger.returncode == 97  # curl: the proxy handshake failed
        assert not (here.folder / "f").exists()
    assert b"0 conversations" in said


def test_the_secret_lets_in_whoever_was_told_it(here: User, server: Serving) -> None:
    with _with_proxy(here) as process:
        assert process.stdout is not None
        proxy = process.stdout.readline().decode().strip()
        curl = [*CURL, "-x", proxy, "-o", "f", plain(server)]
        subprocess.run(curl, cwd=here.folder, env={"PATH": os.environ["PATH"]}, check=True)
        process.communicate(timeout=MINUTE)
    assert (here.folder / "f").read_bytes() == CONTENT


def test_a_server_that_is_not_there_is_a_502_and_is_told(here: User) -> None:
    (port,) = free_ports(1)
    ran = here.run("run", *CURL, f"https://localhost:{port}/")
    assert ran.exit_code == 56
    assert "502" in ran.stderr
    assert f"✗ localhost:{port}: cannot connect to localhost" in ran.stderr
    lines = told(here, *CURL, f"https://localhost:{port}/", code=56)
    assert [(line["code"], line["where"]) for line in of_type(lines, "problem")] == [
        ("not-reached", f"localhost:{port}")
    ]


@pytest.mark.parametrize(
    ("target", "status"),
    [("/f.bin", 400), ("ftp://localhost/f", 501), ("http://localhost:99999/", 400), ("http:///", 400)],
)
def test_what_no_proxy_can_do_is_refused_with_its_status(here: User, target: str, status: int) -> None:
    fetch = (
        "import os, socket, sys; place = os.environ['https_proxy'].rpartition('@')[2].split(':');"
        "s = socket.create_connection((place[0], int(place[1])));"
        f"s.sendall(b'GET {target} HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n');"
        "sys.stdout.buffer.write(s.makefile('rb').read())"
    )
    ran = here.run("run", "--silent", sys.executable, "-c", fetch)
    assert ran.text.startswith(f"HTTP/1.1 {status} ")


def test_a_proxy_that_is_set_already_is_gone_through_and_its_exceptions_hold(here: User, server: Serving) -> None:
    with http_proxy(at_once=True) as proxy:
        through = f"http://me:hunter2@127.0.0.1:{proxy.port}"
        environment = {"HTTPS_PROXY": through, "http_proxy": through, "NO_PROXY": "127.0.0.1"}
        urls = ("-o", "a", server.url("/f.bin"), "-o", "b", plain(server), "-o", "c", plain(server, host="127.0.0.1"))
        lines = told(here, *CURL, "--cacert", here.ca, *urls, env=environment)
    assert [(here.folder / name).read_bytes() for name in "abc"] == [CONTENT] * 3
    connect, get = proxy.heads
    assert connect.startswith(f"CONNECT localhost:{server.port} ".encode())
    assert get.startswith(f"GET http://localhost:{server.http_port}/f.bin ".encode())
    for head in proxy.heads:
        assert head.count(b"Proxy-Authorization: Basic bWU6aHVudGVyMg==") == 1
    ends = [line["server"] for line in of_type(lines, "conversation")]
    assert sorted(ends) == sorted([f"127.0.0.1:{proxy.port}"] * 2 + [f"127.0.0.1:{server.http_port}"])
    assert [line["response_sha256"] for line in of_type(lines, "http")] == [SHA256] * 3


def test_a_proxy_that_cannot_be_used_is_said_before_anything_is_started(here: User) -> None:
    ran = here.run("run", "echo", "started", env={"HTTPS_PROXY": "socks5://127.0.0.1:1"})
    assert ran.exit_code == 2
    assert ran.stdout == b""
    assert "HTTPS_PROXY" in ran.stderr


@pytest.mark.parametrize("names", [("NO_PROXY", "no_proxy"), ("NO_PROXY",), ("no_proxy",)])
def test_exceptions_are_emptied_or_kept_by_the_option(here: User, server: Serving, names: tuple[str, ...]) -> None:
    excepted = dict.fromkeys(names, "localhost")
    curl = (*CURL, "--cacert", here.ca, "-o", "f", server.url("/f.bin"))
    (line,) = of_type(told(here, *curl, env=excepted), "http")
    assert line["response_sha256"] == SHA256
    ran = here.run("run", "--json", "--summary", "lines", "--keep-no-proxy", "--", *curl, env=excepted)
    assert ran.exit_code == 0, ran.stderr
    (last,) = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
    assert (last["type"], last["conversations"], last["unseen_sessions"]) == ("command", 0, 1)


def test_a_run_within_a_run_goes_through_both_and_both_see_the_same(here: User, server: Serving) -> None:
    inner = [*COMMAND, "run", "--json", "--sha256", "--summary", "inner", "--"]
    lines = told(here, *inner, *CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"))
    assert (here.folder / "f").read_bytes() == CONTENT
    within = [json.loads(line) for line in (here.folder / "inner").read_text().splitlines()]
    for seen in (lines, within):
        assert [line["response_sha256"] for line in of_type(seen, "http")] == [SHA256]
        assert of_type(seen, "tls")[0]["decrypted"] == "full"
    assert of_type(lines, "tls")[0]["ja4"] == of_type(within, "tls")[0]["ja4"]


def test_a_key_log_that_the_user_has_gets_the_keys_as_well(here: User, server: Serving) -> None:
    named = {"SSLKEYLOGFILE": str(here.folder / "mine")}
    told(here, *CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"), env=named)
    assert (here.folder / "mine").stat().st_mode & 0o777 == 0o600
    assert "CLIENT_TRAFFIC_SECRET_0 " in (here.folder / "mine").read_text()


def test_a_key_log_that_the_user_has_keeps_what_was_in_it(here: User, server: Serving) -> None:
    mine = here.folder / "mine"
    mine.write_text("# before\n")
    told(here, *CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"), env={"SSLKEYLOGFILE": str(mine)})
    before, *lines = mine.read_text().splitlines()
    assert before == "# before"
    labels = [re.fullmatch(r"([A-Z_0-9]+) [0-9a-f]{64} [0-9a-f]{64,96}", line) for line in lines if line[0] != "#"]
    assert {label[1] for label in labels if label} >= {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}
    assert None not in labels, lines


@pytest.mark.parametrize(
    ("option", "setting", "said", "code"),
    [
        ("--trace", "notes", "--trace notes", 2),
        ("--trace", "nowhere/t.pcapng", "nowhere/t.pcapng: the trace cannot be written", 23),
        ("--summary", ".", "--summary .", 2),
        ("--grace", "-1", "--grace -1", 2),
        ("--grace", "nan", "--grace nan", 2),
        ("--cacert", "notes", "notes", 2),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_started(
    here: User, option: str, setting: str, said: str, code: int
) -> None:
    (here.folder / "notes").write_text("of somebody\n")
    ran = here.run("run", option, setting, "--", "touch", "started")
    assert (ran.exit_code, ran.stderr.startswith("transom: ")) == (code, True)
    assert said in ran.stderr
    assert not (here.folder / "started").exists()
    assert (here.folder / "notes").read_text() == "of somebody\n"


def test_a_key_log_of_the_user_that_is_a_pipe_which_nobody_reads_is_no_reason_to_hang(here: User) -> None:
    os.mkfifo(here.folder / "pipe")
    ran = here.run("run", "--", "touch", "started", env={"SSLKEYLOGFILE": "pipe"})
    assert (ran.exit_code, "SSLKEYLOGFILE pipe" in ran.stderr) == (2, True)
    assert not (here.folder / "started").exists()


def test_two_hundred_connections_at_once(here: User, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    leaf = authority.leaf()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "f.bin").write_bytes(CONTENT)
    parallel = ("--parallel", "--parallel-immediate", "--parallel-max", "200", "--http1.1", "--no-progress-meter")
    patient = ("--max-time", "55")  # two hundred at once share what a busy machine has left
    options = ("--trace", "t.pcapng", "--json", "--summary", "lines")
    with nginx(tmp_path, tmp_path / "root", tls=NginxTls(leaf.chain, leaf.key)) as server:
        urls = [word for number in range(200) for word in ("-o", f"f{number}", server.secure_url("/f.bin"))]
        ran = here.run("run", *options, "--", *CURL, *patient, *parallel, "--cacert", authority.root, *urls)
    assert ran.exit_code == 0, ran.stderr
    assert all((here.folder / f"f{number}").read_bytes() == CONTENT for number in range(200))
    lines = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
    assert [line["decrypted"] for line in of_type(lines, "tls")] == ["full"] * 200
    read = here.run("read", "--json", "t.pcapng")
    assert read.exit_code == 0
    hashes = [json.loads(line)["response_sha256"] for line in read.text.splitlines() if '"type":"http"' in line]
    assert hashes == [SHA256] * 200


# Forty connections, which send what they have when all of them are there or wait to be.
ALL_AT_ONCE = """
import os, socket, sys
from urllib.parse import urlsplit
proxy = urlsplit(os.environ["http_proxy"])
there = [socket.create_connection((proxy.hostname, proxy.port)) for _ in range(40)]
for one in there:
    one.sendall(f"GET {sys.argv[1]} HTTP/1.0\\r\\n\\r\\n".encode())
for one in there:
    assert one.makefile("rb").readline().split()[1] == b"200"
"""


@pytest.mark.parametrize("options", [["--json"], ["--lang", "en"], ["--lang", "ko"]], ids=["json", "en", "ko"])
def test_a_limit_of_open_files_is_waited_for_and_told(here: User, server: Serving, options: list[str]) -> None:
    words = [
        *COMMAND,
        "run",
        *options,
        "--summary",
        "told",
        "--",
        sys.executable,
        "-c",
        ALL_AT_ONCE,
        plain(server, "/"),
    ]
    limited = ["sh", "-c", 'ulimit -n 90; exec "$@"', "sh", *words]
    ran = subprocess.run(
        limited, cwd=here.folder, env=here.environment, capture_output=True, timeout=MINUTE, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    told = (here.folder / "told").read_text()
    if options == ["--json"]:
        (problem,) = of_type([json.loads(line) for line in told.splitlines()], "problem")
        assert (problem["code"], problem["what"]) == ("tunnel-full", "with 13 connections at once others had to wait")
    else:
        assert ("with 13 connections at once others had to wait" in told) == (options[1] == "en")
        assert ("동시에 13개" in " ".join(told.split())) == (options[1] == "ko")


@contextmanager
def _left_in_the_background(here: User, *options: str) -> Generator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """A run whose command has ended while a curl that it started waits for an answer: the server's end of that."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        curl = f"curl -q -sS -o f {url} >/dev/null 2>&1 & read line; echo $$; exit 3"
        with subprocess.Popen(
            [*COMMAND, "run", *options, "--", "sh", "-c", curl],
            cwd=here.folder,
            env=here.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            with listening.accept()[0] as server_side:
                read_request(server_side)
                process.stdin.write(b"\n")
                process.stdin.flush()
                pid = int(process.stdout.readline())
                while Path(f"/proc/{pid}").exists():
                    os.sched_yield()
                yield process, server_side


def test_what_runs_on_in_the_background_keeps_the_tunnel_for_its_grace(here: User) -> None:
    with _left_in_the_background(here, "--grace", "3600") as (process, server_side):
        server_side.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        _, said = process.communicate(timeout=MINUTE)
    assert process.returncode == 3
    assert b"GET / 200" in said
    assert (here.folder / "f").read_bytes() == b"ok"


def test_after_the_grace_the_background_is_left_alone(here: User) -> None:
    with _left_in_the_background(here, "--grace", "0") as (process, server_side):
        _, said = process.communicate(timeout=MINUTE)
        assert server_side.recv(1) == b""
    assert process.returncode == 3
    assert b"GET / ?" in said


def test_a_signal_ends_the_grace(here: User) -> None:
    with _left_in_the_background(here, "--grace", "3600") as (process, _):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=MINUTE)
    assert process.returncode == 3


@pytest.mark.parametrize("tunnelled", [[], ["--proxytunnel"]], ids=["forwarded", "tunnelled"])
def test_a_client_that_has_given_up_is_not_waited_for(here: User, tunnelled: list[str]) -> None:
    with raw_server(drain) as port:  # it listens, and answers nothing
        curl = ["curl", "-q", "-sS", "--max-time", "1", *tunnelled, f"http://127.0.0.1:{port}/"]
        ran = here.run("run", "--grace", "3600", "--", *curl)
    assert ran.exit_code == 28  # curl's own: it took too long
    assert "GET / ?" in ran.stderr


# Asks the servers on these ports in turn, over one connection to the proxy, and writes what comes until it is closed.
IN_TURN = """
import base64, os, socket, sys
from urllib.parse import urlsplit
proxy = urlsplit(os.environ["http_proxy"])
login = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
with socket.create_connection((proxy.hostname, proxy.port), 30) as tunnel:
    for port in sys.argv[2:]:
        lines = f"{sys.argv[1]} http://127.0.0.1:{port} HTTP/1.1", "Host: x", f"Proxy-Authorization: Basic {login}"
        try:
            tunnel.sendall("".join(f"{line}\\r\\n" for line in (*lines, "")).encode())
            came = tunnel.recv(65536)
        except ConnectionError:
            break
        os.write(1, came)
"""


def _asked_in_turn(here: User, *ports: int, method: str = "GET") -> str:
    ran = here.run("run", "--silent", sys.executable, "-c", IN_TURN, method, *map(str, ports))
    assert ran.exit_code == 0, ran.stderr
    return ran.text


def test_an_answer_that_nobody_asked_for_is_not_taken_for_that_of_another_server(here: User) -> None:
    asked = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    def hostile(client: socket.socket) -> None:
        read_request(client)
        client.sendall(asked + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse")
        client.recv(1)

    def honest(client: socket.socket) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue")

    with raw_server(hostile) as first, raw_server(honest) as second:
        assert _asked_in_turn(here, first, second) == asked.decode()


def test_a_server_that_switches_unasked_is_not_told_what_the_client_asks_of_others(here: User) -> None:
    heard: list[bytes] = []

    def hostile(client: socket.socket) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: any\r\nConnection: upgrade\r\n\r\n")
        heard.append(client.recv(65536))

    with raw_server(hostile) as first, raw_server(lambda client: None) as second:
        assert _asked_in_turn(here, first, second).startswith("HTTP/1.1 101")
    assert heard == [b""]


def test_options_of_a_server_as_a_whole_are_asked_with_an_asterisk(here: User) -> None:
    heads: list[bytes] = []

    def script(client: socket.socket) -> None:
        heads.append(read_request(client))
        client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw_server(script) as port:
        _asked_in_turn(here, port, method="OPTIONS")
    assert heads[0].startswith(b"OPTIONS * HTTP/1.1\r\n")
