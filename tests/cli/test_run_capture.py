"""`transom run --capture`: the packets of a program that takes no notice of a proxy, and of no other program.

It takes CAP_NET_RAW. Who runs the tests without it sees that it is refused, which is then all that is true.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from tests.real.programs import program
from tests.real.transom import COMMAND, MINUTE, Serving, User, private_mode
from tests.real.tshark import Wireshark
from transom.cli.words import Lang, words

CONTENT = os.urandom(300_000)
FILES = {"f.bin": CONTENT}
SHA256 = hashlib.sha256(CONTENT).hexdigest()

CURL = ("curl", "-q", "-sS", "--max-time", "30", "--noproxy", "*")
NEEDED = "transom: --capture needs CAP_NET_RAW"
NEEDED_KO = "transom: --capture에는 CAP_NET_RAW 권한이 필요"

KEEPS_ITS_CONNECTION = """
import pathlib, socket, sys, time
port, trace, said = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3].encode()
with socket.create_connection(("127.0.0.1", port)) as held:
    held.sendall(b"GET /" + said + b" HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
    held.recv(65536)
    until = time.monotonic() + 50
    while said not in trace.read_bytes():
        if time.monotonic() > until:
            sys.exit("it is not in the trace")
        time.sleep(0.01)
"""
"""Until it is seen in the trace: then nobody can have been too late to look whose it is."""


QUIC_OF_OURS = """
import socket, sys
initial = b"\\xc3\\x00\\x00\\x00\\x01\\x08" + bytes(1194)
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.connect(("127.0.0.1", int(sys.argv[1])))
for _ in range(5):
    one.send(initial)
    assert one.recv(2000) == b"answer"
"""
"""What a QUIC connection begins with (RFC 9000 §17.2.2), in datagrams of 1200 bytes, each answered."""


def may_capture() -> bool:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM).close()
    except PermissionError:
        return False
    return True


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    """In a folder of their own, with the CA that the server's certificate is from."""
    assert server.port
    return User(owner.home, tmp_path)


def captured(here: User, *command: str | Path) -> list[dict[str, Any]]:
    """The lines of a run that went well, and left a trace; none where it was refused, as it should be."""
    words = ("--capture", "--json", "--sha256", "--trace", "t.pcapng", "--summary", "lines", "--", *command)
    ran = here.run("run", *words)
    if not may_capture():
        assert ran.exit_code == 2
        assert ran.stderr.startswith(NEEDED)
        return []
    assert ran.exit_code == 0, ran.stderr
    return [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def assert_the_file_is_in_it(here: User, lines: list[dict[str, Any]], port: int) -> None:
    assert [line["decrypted"] for line in of_type(lines, "tls")] == ["full"]
    assert [line["verdict"] for line in of_type(lines, "tls")] == ["trusted"]
    assert [line["response_sha256"] for line in of_type(lines, "http")] == [SHA256]
    assert of_type(lines, "command")[0]["unseen_sessions"] == 0
    trace = here.folder / "t.pcapng"
    assert private_mode(trace)
    wireshark = Wireshark(trace, {port: "tls"})
    assert wireshark.exported(here.folder / "objects") == [SHA256]
    assert set(wireshark.field("frame.interface_name")) == {"lo"}
    assert all(str(port) in ports.split(",") for ports in wireshark.field("tcp.port"))
    read = here.run("read", "--json", trace)
    assert [line["response_sha256"] for line in map(json.loads, read.text.splitlines()) if line["type"] == "http"] == [
        SHA256
    ]


def test_a_program_that_ignores_proxies_is_seen_with_its_keys(here: User, server: Serving) -> None:
    lines = captured(here, *CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"))
    if lines:
        assert (here.folder / "f").read_bytes() == CONTENT
        assert_the_file_is_in_it(here, lines, server.port)


def test_it_is_seen_over_ipv6(here: User) -> None:
    (here.folder / "f.bin").write_bytes(CONTENT)
    with here.serving("f.bin", "--bind", "::1") as server:
        to_it = ("--resolve", f"localhost:{server.port}:[::1]")
        command = (*CURL, *to_it, "-o", "f", "--cacert", here.ca, f"https://localhost:{server.port}/f.bin")
        lines = captured(here, *command)
        if lines:
            assert_the_file_is_in_it(here, lines, server.port)
            assert of_type(lines, "conversation")[0]["server"] == f"[::1]:{server.port}"


def test_a_program_in_the_background_whose_parents_have_ended_is_seen(here: User, server: Serving) -> None:
    script = [sys.executable, "-c", KEEPS_ITS_CONNECTION, str(server.http_port), "t.pcapng", "kept"]
    adopted = '( ("$@"; touch ended) & ); until [ -e ended ]; do sleep 0.05; done'
    lines = captured(here, "sh", "-c", adopted, "sh", *script)
    if lines:
        assert [line["path"] for line in of_type(lines, "http")] == ["/kept"]


def test_what_others_say_meanwhile_is_nowhere(here: User, server: Serving) -> None:
    script = [sys.executable, "-c", KEEPS_ITS_CONNECTION, str(server.http_port), "t.pcapng", "our-own-words"]
    command = ("sh", "-c", 'echo ready; read line; exec "$@"', "sh", *script)
    options = ("--capture", "--json", "--trace", "t.pcapng", "--summary", "lines", "--")
    started = [*COMMAND, "run", *options, *command]
    pipe = subprocess.PIPE
    with subprocess.Popen(started, cwd=here.folder, env=here.environment, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        if process.stdout.readline() == b"ready\n":
            other = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=MINUTE)
            other.request("GET", "/somebody-elses-words")
            other.getresponse().read()
            process.communicate(b"go\n", timeout=MINUTE)
            other.close()
            assert process.returncode == 0
            trace = (here.folder / "t.pcapng").read_bytes()
            assert b"our-own-words" in trace
            assert b"somebody-elses-words" not in trace
            lines = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
            assert [line["path"] for line in of_type(lines, "http")] == ["/our-own-words"]
        else:
            assert not may_capture()


WITHOUT_RIGHTS = ("--bounding-set=-net_raw", "--inh-caps=-net_raw")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_who_may_not_is_told_what_to_type_and_nothing_is_started(here: User, lang: str) -> None:
    without = [program("setpriv"), *WITHOUT_RIGHTS] if may_capture() else []
    arguments = ["run", "--lang", lang, "--capture", "--trace", "t.pcapng", "--", "touch", "it's started"]

    refused = here.run(*arguments, prefix=without, env={"PYTHONIOENCODING": "utf-8"})
    assert refused.exit_code == 2
    needed, without_it = {"en": (NEEDED, "without --capture"), "ko": (NEEDED_KO, "--capture를 빼면")}[lang]
    assert refused.stderr.startswith(needed)
    assert without_it in " ".join(refused.stderr.split())
    assert words(cast("Lang", lang)).say("run.rights.root") in refused.stderr
    assert not (here.folder / "it's started").exists()

    as_root, install, setcap, by_a_copy = (line[4:] for line in refused.stderr.splitlines() if line.startswith("    "))
    assert shlex.split(as_root) == ["sudo", sys.executable, "-m", "transom", *arguments]
    *_, python, copy = shlex.split(install)
    assert (Path(python), Path(copy).parent) == (Path(sys.executable).resolve(), Path(sys.executable).parent)
    assert shlex.split(setcap) == ["sudo", "setcap", "cap_net_raw+ep", copy]
    assert shlex.split(by_a_copy) == [copy, "-m", "transom", *arguments]
    if may_capture():
        assert here.types(*shlex.split(as_root)[1:]).exit_code == 0
        assert (here.folder / "it's started").exists()


@pytest.mark.parametrize("option", ["--python", "--java", "--keep-no-proxy"])
def test_what_is_about_a_proxy_has_no_part_in_it(here: User, option: str) -> None:
    ran = here.run("run", "--capture", option, "--", "true")
    assert ran.exit_code == 2
    assert option in ran.stderr


def test_no_proxy_is_set_and_the_key_log_is(here: User) -> None:
    show = "import os, sys; sys.exit('SSLKEYLOGFILE' not in os.environ or 'https_proxy' in os.environ)"
    captured(here, sys.executable, "-c", show)  # which exits with 0


def test_quic_of_the_command_is_counted_and_named_and_that_of_others_is_not(here: User) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there, socket.socket(type=socket.SOCK_DGRAM) as other:
        there.bind(("127.0.0.1", 0))
        port = there.getsockname()[1]

        def answer() -> None:
            while received := there.recvfrom(2000):
                if received[0] == b"over":
                    return
                there.sendto(b"answer", received[1])

        answering = threading.Thread(target=answer)
        answering.start()
        try:
            command = (sys.executable, "-c", QUIC_OF_OURS, str(port))
            other.connect(("127.0.0.1", port))
            other.send(b"\xc3\x00\x00\x00\x01" + bytes(50))
            lines = captured(here, *command)
            spoken = here.run("run", "--capture", "--", *command)
        finally:
            there.sendto(b"over", there.getsockname())
            answering.join()
    if lines:
        seen = of_type(lines, "command")[0]["udp"]
        assert seen == [{"server": f"127.0.0.1:{port}", "protocol": "quic", "datagrams": 10, "bytes": 5 * 1206}]
        assert f"QUIC: not read: 127.0.0.1:{port}, 10 datagrams · 6,030 B" in spoken.stderr
