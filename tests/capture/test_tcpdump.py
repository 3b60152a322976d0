"""A real transfer over loopback, captured by the real tcpdump: curl fetches a file from a plain server."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.capture.build import Reading, read
from tests.capture.tshark import followed
from transom.capture.reader import secrets
from transom.wire.tap import Side

FILE = os.urandom(3_000_000)


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name it has in the library
        """The test's output is its own."""


class _ServerV6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def serving(folder: Path, host: str) -> Iterator[int]:
    kind = _ServerV6 if ":" in host else ThreadingHTTPServer
    server = kind((host, 0), partial(_QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]
"""What lets tcpdump open an interface."""


@contextmanager
def capturing(path: Path, host: str, port: int, *options: str) -> Iterator[None]:
    """Everything that crosses `port` inside the block is in the file afterwards.

    tcpdump is told to write to a pipe, and a datagram sent at the end marks that all before it has been seen.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as marker:
        marker.bind((host, 0))
        wanted = f"tcp port {port} or udp port {marker.getsockname()[1]}"
        command = [*AS_ROOT, "tcpdump", "-U", "--immediate-mode", "-B", "65536", "-w", "-", *options, wanted]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tcpdump:
            try:
                assert tcpdump.stdout is not None
                assert tcpdump.stderr is not None
                begun = next((line for line in tcpdump.stderr if b"listening on" in line), None)
                assert begun is not None, "tcpdump may not capture: as an ordinary user, run `sudo -v` first"
                yield
                token = os.urandom(32)
                marker.sendto(token, marker.getsockname())
                captured = bytearray()
                while token not in captured[-100_000:]:
                    chunk = os.read(tcpdump.stdout.fileno(), 2**16)
                    assert chunk, "tcpdump ended early"
                    captured += chunk
                path.write_bytes(captured)
            finally:
                subprocess.run([*AS_ROOT, "kill", str(tcpdump.pid)], check=False)
                tcpdump.communicate()


def fetch(host: str, port: int, into: Path) -> None:
    url = f"http://[{host}]:{port}/file" if ":" in host else f"http://{host}:{port}/file"
    command = ["curl", "-sS", "--fail", "--globoff", "--noproxy", "*", "-o", str(into), url]
    subprocess.run(command, check=True, timeout=60)


def captured_transfer(folder: Path, host: str, *options: str) -> Path:
    """The capture of one download of FILE."""
    (folder / "file").write_bytes(FILE)
    capture = folder / "capture.pcap"
    with serving(folder, host) as port, capturing(capture, host, port, *options):
        fetch(host, port, folder / "copy")
    assert (folder / "copy").read_bytes() == FILE
    return capture


def assert_whole(reading: Reading) -> None:
    (conversation,) = reading.summary.conversations
    (tap,) = reading.taps
    assert bytes(tap.streams[Side.CLIENT]).startswith(b"GET /file HTTP/1.1\r\n")
    assert bytes(tap.streams[Side.SERVER]).endswith(b"\r\n\r\n" + FILE)
    assert (conversation.opening, conversation.missing_bytes) == ("syn", 0)
    assert {event[1:] for event in tap.events if event[0] == "closed"} == {(side, "fin") for side in Side}
    assert reading.summary.problems == ()


@pytest.mark.parametrize(
    ("host", "options", "link_type"),
    [
        ("127.0.0.1", ["-i", "lo"], "ETHERNET"),
        ("::1", ["-i", "lo"], "ETHERNET"),
        ("127.0.0.1", ["-i", "lo", "--time-stamp-precision=nano"], "ETHERNET"),
        ("127.0.0.1", ["-i", "any", "-y", "LINUX_SLL2"], "LINUX_SLL2"),
        ("::1", ["-i", "any", "-y", "LINUX_SLL"], "LINUX_SLL"),
    ],
)
def test_a_file_fetched_by_curl_is_in_what_tcpdump_captured(
    tmp_path: Path, host: str, options: list[str], link_type: str
) -> None:
    reading = read(captured_transfer(tmp_path, host, *options))
    assert reading.summary.link_types == (link_type,)
    assert_whole(reading)


def test_the_same_capture_as_pcapng_with_secrets_reads_the_same(tmp_path: Path) -> None:
    capture, keys = captured_transfer(tmp_path, "127.0.0.1", "-i", "lo"), tmp_path / "keys"
    keys.write_text(f"CLIENT_RANDOM {'00' * 32} {'11' * 48}\n")
    again = tmp_path / "capture.pcapng"
    command = ["editcap", "-F", "pcapng", "--inject-secrets", f"tls,{keys}", str(capture), str(again)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert_whole(read(again))
    assert secrets(again) == keys.read_bytes()
    assert read(again).taps[0].events == read(capture).taps[0].events


def test_both_sides_are_what_tshark_follows(tmp_path: Path) -> None:
    capture = captured_transfer(tmp_path, "127.0.0.1", "-i", "lo")
    (tap,) = read(capture).taps
    assert followed(capture, 1) == [(bytes(tap.streams[Side.CLIENT]), bytes(tap.streams[Side.SERVER]))]


def test_a_snap_length_leaves_holes_that_add_up_to_the_file(tmp_path: Path) -> None:
    reading = read(captured_transfer(tmp_path, "127.0.0.1", "-i", "lo", "-s", "200"))
    (conversation,) = reading.summary.conversations
    head = conversation.server_bytes + conversation.server_missing - len(FILE)
    assert conversation.server_missing > len(FILE) // 2
    assert 0 < head < 400
    assert [problem.code for problem in reading.summary.problems] == ["packet-cut"]
