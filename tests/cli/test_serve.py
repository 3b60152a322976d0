from __future__ import annotations

import re
import shlex
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from tests.real.caller import Caller
from tests.real.programs import curl
from tests.real.transom import COMMAND, Serving, Started, User, private_mode


@pytest.fixture
def shared(user: User) -> Path:
    folder = user.folder / "shared"
    folder.mkdir()
    (folder / "hello.txt").write_text("hello\n")
    (folder / "big.bin").write_bytes(bytes(64 * 2**20))
    return folder


def begin_slowly(server: Serving, path: str = "/big.bin") -> ssl.SSLSocket:
    """A download that has begun."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", server.port), 10)
    client = context.wrap_socket(plain)
    client.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())
    assert client.recv(10) == b"HTTP/1.1 2"
    return client


def test_it_prints_where_it_is_and_the_line_to_type(user: User, shared: Path) -> None:
    with user.serving("shared", http=True) as server:
        assert f"https://localhost:{server.port}/" in server.announcement
        assert f"http://localhost:{server.http_port}/" in server.announcement
        line = re.search(r"transom get (--pin sha256//\S+) (https://localhost:\d+/)…", server.announcement)
        assert line
        other = User(user.home.with_name("other"), user.folder)
        ran = other.run("get", *line[1].split(), "-o", "got", line[2] + "hello.txt")
        assert ran.exit_code == 0, ran.stderr
    assert (user.folder / "got").read_text() == "hello\n"


def test_the_lines_for_this_machine_are_right_as_they_stand(user: User, shared: Path) -> None:
    with user.serving("shared") as server:
        lines = [line.strip() for line in server.announcement.splitlines()]
        here = lines.index("Here, with your CA:")
        by_get, by_curl = (line.replace("…", "hello.txt").split() for line in lines[here + 1 : here + 3])
        assert (by_get[:2], by_curl[0]) == (["transom", "get"], "curl")
        assert user.run(*by_get[1:]).exit_code == 0
        assert curl(*by_curl[1:-2], by_curl[-1]).text == "hello\n"
    assert (user.folder / "hello.txt").read_text() == "hello\n"


@pytest.mark.parametrize("name", ["f.bin", "big file (1).bin", "한글 & it's #1.txt", "100% $HOME!.txt", "a;b`id`.txt"])
def test_each_line_to_type_leaves_the_file_under_its_name(user: User, name: str) -> None:
    (user.folder / name).write_text("hello\n")
    with user.serving(name) as server:
        lines = [line for line in server.announcement.splitlines() if re.match("  (transom|curl|wget) ", line)]
        assert [line.split()[0] for line in lines] == ["transom", "curl", "transom", "curl", "wget"]
        for number, line in enumerate(lines):
            there = user.folder / str(number)
            there.mkdir()
            ran = user.pastes(line, there)
            left = {file.name: file.read_text() for file in there.iterdir()}
            assert (ran.exit_code, left) == (0, {name: "hello\n"}), (line, ran.stderr)


@pytest.mark.parametrize("program", ["curl", "wget"])
def test_a_line_to_type_is_for_this_server_alone(user: User, shared: Path, program: str) -> None:
    with user.serving("shared") as server, user.serving("shared") as another:
        pin = re.findall(r"sha256//\S+=", another.announcement)[0]
        line = next(
            line for line in server.announcement.splitlines() if re.match(f"  {program} .*--pinnedpubkey", line)
        )
        typed = re.sub(r"sha256//\S+=", pin, line).replace("…", "hello.txt")
        ran = user.pastes(typed)
        assert (ran.exit_code != 0, (user.folder / "hello.txt").exists()) == (True, False), typed


def test_a_certificate_of_another_ca_is_not_said_to_be_of_ones_own(user: User, shared: Path) -> None:
    assert user.run("ca", "issue", "localhost").exit_code == 0
    with user.serving("shared", "--tls-cert", "cert.pem", "--tls-key", "key.pem") as server:
        assert "your CA" not in server.announcement
        assert "By the server's key alone:\n  transom get --pin sha256//" in server.announcement


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "; --tls-cert and --tls-key give a certificate for another\n"),
        ("ko", "다른 이름의 인증서는 --tls-cert와 --tls-key로 줍니다.\n"),
    ],
)
def test_where_the_local_ca_may_not_go_it_says_what_else_there_is(caller: Caller, lang: str, told: str) -> None:
    ran = caller.run("serve", "--lang", lang, "--bind", "203.0.113.9", "--port", "0", ".")
    assert (ran.exit_code, "203.0.113.9" in ran.stderr, ran.stderr.endswith(told)) == (2, True, True), ran.stderr


def test_the_leaf_holds_for_every_way_to_reach_it_and_get_trusts_it_unasked(user: User, shared: Path) -> None:
    with user.serving("shared") as server:
        for host in ("localhost", "127.0.0.1"):
            assert user.run("get", "-o", host, server.url("/hello.txt", host)).exit_code == 0
            assert (user.folder / host).read_text() == "hello\n"


def test_the_announcement_is_korean_by_option_and_by_locale(user: User, shared: Path) -> None:
    with user.serving("shared", "--lang", "ko") as by_option:
        assert "^C 키로 멈춥니다." in by_option.announcement
    with user.serving("shared", env={"LC_ALL": "ko_KR.UTF-8"}) as by_locale:
        assert "^C 키로 멈춥니다." in by_locale.announcement


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_gracefully(user: User, shared: Path, number: signal.Signals) -> None:
    with user.serving("shared") as server:
        assert curl("-k", server.url("/hello.txt")).text == "hello\n"
        code, log = server.stop(number)
    assert code == 0
    assert re.fullmatch(r'127\.0\.0\.1 - - \[.+\] "GET /hello.txt HTTP/1.1" 200 6\n', log)


def test_a_signal_lets_a_running_transfer_finish(user: User, shared: Path) -> None:
    with user.serving("shared") as server, begin_slowly(server) as client:
        server.process.send_signal(signal.SIGTERM)
        received = 10
        while piece := client.recv(2**20):
            received += len(piece)
        assert received > 64 * 2**20
        code, log = server.stop()
    assert code == 0
    assert log.endswith('"GET /big.bin HTTP/1.1" 200 67108864\n')


def test_a_second_signal_does_not_wait_for_it(user: User, shared: Path) -> None:
    with user.serving("shared") as server, begin_slowly(server), begin_slowly(server, path="/") as idle:
        while not idle.recv(1000).endswith(b"</html>\n"):
            pass
        server.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""  # the first signal was heard
        assert server.stop(signal.SIGTERM)[0] == 0
        assert '"GET /big.bin HTTP/1.1" 200 ' in server.log


def test_the_access_log_can_be_left_out(user: User, shared: Path) -> None:
    with user.serving("shared", "--quiet") as server:
        curl("-k", server.url("/hello.txt"))
        assert server.stop() == (0, "")


def test_plain_http_where_https_is_spoken_is_answered_in_words_and_is_a_line_in_the_log(
    user: User, shared: Path
) -> None:
    with user.serving("shared") as server:
        assert curl(f"http://127.0.0.1:{server.port}/hello.txt").text.startswith("This port speaks HTTPS: ")
        _, log = server.stop()
    assert re.fullmatch(r'127\.0\.0\.1 - - \[.+\] "-" - 0 TLS: .*plain HTTP.*\n', log)


def test_a_log_that_is_cut_to_nothing_begins_anew(user: User, shared: Path) -> None:
    """As logrotate's copytruncate does with a log that a shell appends to."""
    log = user.folder / "log"
    words = ["--tls", "transom", "--port", "0", "--http-port", "0", "shared"]
    typed = f"exec {shlex.join([*COMMAND, 'serve', *words])} 2>>log"
    with Started(["bash", "-c", typed], cwd=user.folder, env=user.environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = b""
        while b"^C stops it" not in told:
            told += process.stdout.readline()
        (port,) = re.findall(rb"http://localhost:(\d+)/\n", told)
        for number in range(2):
            curl(f"http://localhost:{port.decode()}/hello.txt?{number}")
            assert re.fullmatch(rf'.* "GET /hello\.txt\?{number} HTTP/1\.1" 200 6\n', awaited(log))
            log.write_bytes(b"")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def awaited(log: Path) -> str:
    """What is in the log once there is a line."""
    deadline = time.monotonic() + 60
    while not (text := log.read_text()).endswith("\n"):
        assert time.monotonic() < deadline, text
        time.sleep(0.01)
    return text


def test_a_log_that_nobody_reads_any_more_does_not_end_it(user: User, shared: Path) -> None:
    with user.start("serve", "--port", "0", "shared") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stderr.close()
        lines = [process.stdout.readline().decode() for _ in range(2)]
        url = lines[1].strip() + "hello.txt"
        assert [curl("-k", url).text for _ in range(3)] == ["hello\n"] * 3
        process.terminate()
        assert process.wait(20) == 0


def test_sslkeylogfile_is_written_private_and_opens_what_it_logs(user: User, shared: Path) -> None:
    log = user.folder / "keys.txt"
    with user.serving("shared", env={"SSLKEYLOGFILE": str(log)}) as server:
        curl("-k", server.url("/hello.txt"))
    labels = [line.split()[0] for line in log.read_text().splitlines()]
    assert {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"} <= set(labels)
    assert private_mode(log)


def test_a_key_log_on_a_full_disk_ends_the_handshake_and_not_the_server(user: User, shared: Path) -> None:
    with user.serving("shared", http=True, env={"SSLKEYLOGFILE": "/dev/full"}) as server:
        assert curl("-k", server.url("/hello.txt")).exit_code == 35
        assert curl(f"http://127.0.0.1:{server.http_port}/hello.txt").text == "hello\n"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("nothing",), "cannot be shared"),
        (("--tls-cert", "x.pem", "."), "--tls-key"),
        (("--tls-key", "x.pem", "."), "--tls-cert"),
        (("--tls-cert", "x.pem", "--tls-key", "x.pem", "."), "x.pem"),
        (("--port", "70000", "."), "70000"),
        (("--port", "x", "."), "x"),
        (("--lang", "fr", "."), "en or ko"),
        (("--bind", "192.0.2.1", "."), "192.0.2.1"),
        ((), "PATH"),
    ],
)
def test_what_cannot_be_served_is_exit_code_2(caller: Caller, arguments: tuple[str, ...], what: str) -> None:
    ran = caller.run("serve", *(("--port", "0") if "--port" not in arguments else ()), *arguments)
    assert (ran.exit_code, ran.stdout) == (2, b"")
    assert what in ran.stderr
