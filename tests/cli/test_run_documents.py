"""Every command and program of docs/run.md and docs/python.md is typed as it stands there.

`https://example.org/` is led to a server of ours by the proxy that the environment names, which `transom run` goes on
through; an `…` is filled in. `sudo`, `mvn` and `java` are stand-ins that do what they are told, or say what they were
given: what the real ones do is in `test_run_java`.
"""

from __future__ import annotations

import functools
import re
import shlex
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.test_run_capture import may_capture
from tests.house.documents import fenced, text_of
from tests.real.certificates import Authority
from tests.real.http_proxy import join
from tests.real.programs import ENVIRONMENT, Ran, program
from tests.real.raw_server import raw_server, read_request
from tests.real.transom import COMMAND, User

PAGES = ("docs/run.md", "docs/python.md")
EXAMPLES = ("example.org", "example.com", "localhost")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def port(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    """Of a server for the examples, which has a repository of git."""
    folder = tmp_path_factory.mktemp("served")
    git = [program("git"), "-C", str(folder)]
    subprocess.run([*git, "init", "-q", "--bare", "r.git"], env=ENVIRONMENT, check=True)
    subprocess.run([program("git"), "-C", str(folder / "r.git"), "update-server-info"], env=ENVIRONMENT, check=True)
    leaf = authority.leaf(names=EXAMPLES)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain, leaf.key)
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Nothing."""


@contextmanager
def leading_to(port: int) -> Generator[str]:
    """A proxy that leads to this port whoever is asked for."""

    def script(client: socket.socket) -> None:
        read_request(client)
        with socket.create_connection(("127.0.0.1", port), 20) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            join(client, server)

    with raw_server(script, at_once=True) as proxy:
        yield f"http://127.0.0.1:{proxy}"


@pytest.fixture
def types(tmp_path: Path, authority: Authority, port: int) -> Callable[[str], Ran]:
    """Type a line in a shell, in an empty folder, with what is filled in for each `…`."""
    user = User.new(tmp_path)
    stand_ins = tmp_path / "bin"
    stand_ins.mkdir()
    says = 'echo "$0 $*"; echo "JAVA_TOOL_OPTIONS=$JAVA_TOOL_OPTIONS"'
    transom = f'exec {shlex.join(COMMAND)} "$@"'
    for name, script in {"transom": transom, "sudo": 'exec "$@"', "mvn": says, "java": says}.items():
        (stand_ins / name).write_text(f"#!/bin/sh\n{script}\n")
        (stand_ins / name).chmod(0o755)
    (user.folder / "extract-tls-secrets-4.0.0.jar").touch()

    def type_in(line: str) -> Ran:
        place = f"localhost:{port}/" if "--capture" in line else "example.org/r.git"
        with leading_to(port) as proxy:
            trusts = dict.fromkeys(("CURL_CA_BUNDLE", "SSL_CERT_FILE", "GIT_SSL_CAINFO"), str(authority.root))
            path = f"{stand_ins}:{user.environment['PATH']}"
            return user.types("sh", "-c", line.replace("…", place), env={**trusts, "https_proxy": proxy, "PATH": path})

    return type_in


def is_seen(ran: Ran, *told: str) -> None:
    assert ran.exit_code == 0, ran.stderr
    for text in (*told, "chain ✓"):
        assert text in ran.stderr, ran.stderr


def is_captured(ran: Ran) -> None:
    if may_capture():
        is_seen(ran, "GET / 200", "left t.pcapng")
    else:
        assert ran.exit_code == 2


def is_given(ran: Ran, *told: str) -> None:
    assert ran.exit_code == 0, ran.stderr
    for text in told:
        assert text in ran.text, ran.text


TYPED: dict[str, Callable[[Ran], None]] = {
    "transom run -- curl https://example.org/": lambda ran: is_seen(ran, "example.org:443", "GET / 200"),
    "transom run --trace t.pcapng -- git clone https://…": lambda ran: is_seen(
        ran, "GET /r.git/info/refs?service=git-upload-pack 200", "left t.pcapng"
    ),
    "transom run --java -- mvn verify": lambda ran: is_given(ran, "mvn verify", "-Dhttps.proxyHost=127.0.0.1"),
    "transom run --java-agent extract-tls-secrets-4.0.0.jar -- java -jar app.jar": lambda ran: is_given(
        ran, "java -jar app.jar", "-javaagent:", "extract-tls-secrets-4.0.0.jar="
    ),
    "sudo transom run --capture --trace t.pcapng -- curl --noproxy '*' https://…": is_captured,
}


@pytest.mark.parametrize("line", TYPED)
def test_a_line_does_what_is_said_of_it(types: Callable[[str], Ran], line: str) -> None:
    TYPED[line](types(line))


def test_there_is_no_other_line_to_type() -> None:
    unfenced = (re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE) for page in PAGES)
    lines = [line for text in unfenced for line in re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)]
    assert sorted(lines) == sorted(TYPED)


def test_the_program_in_python_prints_what_its_connections_did(tmp_path: Path, authority: Authority, port: int) -> None:
    (example,) = (block for page in PAGES for block in fenced(text_of(page), "python"))
    with leading_to(port) as proxy:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", example],
            cwd=tmp_path,
            env={
                **User(tmp_path, tmp_path).environment,
                "https_proxy": proxy,
                "REQUESTS_CA_BUNDLE": str(authority.root),
            },
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    first, *requests = done.stdout.splitlines()
    assert first.startswith("example.com TLSv1.3 TLS_AES_256_GCM_SHA384 x25519 ")
    tunnel, request = (line.split() for line in requests)
    assert tunnel == ["CONNECT", "example.com:443", "200", "0"]  # of the proxy that led it here
    assert request[:3] == ["GET", "https://example.com/", "200"]
    assert int(request[3]) > 0
    assert (tmp_path / "x.pcapng").stat().st_mode & 0o777 == 0o600
