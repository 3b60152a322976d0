"""An upload is what its sender says that it hashes to, or it is not there (RFC 9530)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.programs import curl
from tests.transfer.background import Served, say, served
from tests.transfer.conftest import pattern
from transom.channel.plain import PlainChannel
from transom.files.hashes import read_pieces
from transom.files.sink import WholeFile
from transom.transfer.serve import Server
from transom.transfer.site import Site

CONTENT = pattern(300_000)
FIELDS = ["Content-Digest", "Repr-Digest"]
ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512"}


def digest(algorithm: str, data: bytes = CONTENT) -> str:
    return f"{algorithm}=:{base64.b64encode(hashlib.new(ALGORITHMS[algorithm], data).digest()).decode()}:"


def put(*fields: str, path: str = "/up.bin") -> bytes:
    lines = [f"PUT {path} HTTP/1.1", "Host: x", f"Content-Length: {len(CONTENT)}", *fields]
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n" + CONTENT


def chunked(*fields: str, trailer: tuple[str, ...] = (), path: str = "/up.bin") -> bytes:
    lines = [f"PUT {path} HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", *fields]
    head = "".join(line + "\r\n" for line in lines).encode()
    end = "".join(line + "\r\n" for line in trailer).encode()
    return head + b"\r\n%x\r\n%b\r\n0\r\n%b\r\n" % (len(CONTENT), CONTENT, end)


@pytest.fixture
def server(root: Path) -> Generator[Served]:
    with served(root, upload=True, overwrite=True) as running:
        yield running


def taken(server: Served, root: Path, request: bytes) -> None:
    assert say(server, request).startswith(b"HTTP/1.1 201 ")
    assert (root / "up.bin").read_bytes() == CONTENT
    (root / "up.bin").unlink()


def refused(server: Served, root: Path, request: bytes) -> str:
    """The line of a refusal that leaves the folder as it was."""
    before = {path: path.read_bytes() for path in root.iterdir() if path.is_file()}
    answer = say(server, request)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert {path: path.read_bytes() for path in root.iterdir() if path.is_file()} == before
    return answer.partition(b"\r\n\r\n")[2].decode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("field", FIELDS)
def test_an_upload_is_held_to_the_digest_in_its_head(server: Served, root: Path, field: str, algorithm: str) -> None:
    taken(server, root, put(f"{field}: {digest(algorithm)}"))
    taken(server, root, chunked(f"{field}: {digest(algorithm)}"))
    told = refused(server, root, put(f"{field}: {digest(algorithm, b'another')}"))
    seen, said = (hashlib.new(ALGORITHMS[algorithm], data).hexdigest() for data in (CONTENT, b"another"))
    assert told == f"400 Bad Request: up.bin: its {algorithm} is {seen}, and {field} says {said}\n"
    assert refused(server, root, chunked(f"{field}: {digest(algorithm, b'another')}")) == told


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("announced", ["Trailer: {}", "X-Nothing: {}"])
def test_an_upload_is_held_to_the_digest_in_its_trailer_announced_or_not(
    server: Served, root: Path, field: str, algorithm: str, announced: str
) -> None:
    head = announced.format(field)
    taken(server, root, chunked(head, trailer=(f"{field}: {digest(algorithm)}",)))
    told = refused(server, root, chunked(head, trailer=(f"{field}: {digest(algorithm, b'another')}",)))
    assert f"and {field} says" in told


@pytest.mark.parametrize("wrong", range(4))
def test_of_several_digests_each_has_to_hold(server: Served, root: Path, wrong: int) -> None:
    said = [digest(algorithm, b"another" if i == wrong else CONTENT) for i, algorithm in enumerate([*ALGORITHMS] * 2)]
    right = [digest(algorithm) for algorithm in ALGORITHMS]
    taken(server, root, put(f"Repr-Digest: {', '.join(right)}", f"Content-Digest: {', '.join(right)}"))
    refused(server, root, put(f"Repr-Digest: {', '.join(said[:2])}", f"Content-Digest: {', '.join(said[2:])}"))
    refused(
        server, root, chunked(f"Repr-Digest: {said[0]}, {said[1]}", trailer=(f"Repr-Digest: {said[2]}, {said[3]}",))
    )


def test_a_file_that_was_there_stays_as_it_was(server: Served, root: Path) -> None:
    refused(server, root, put(f"Repr-Digest: {digest('sha-256', b'another')}", path="/hello.txt"))
    assert (root / "hello.txt").read_text() == "hello, world\n"
    unannounced = (f"Repr-Digest: {digest('sha-256', b'another')}",)
    refused(server, root, chunked(trailer=unannounced, path="/hello.txt"))
    assert say(server, put(f"Repr-Digest: {digest('sha-256')}", path="/hello.txt")).startswith(b"HTTP/1.1 204 ")
    assert (root / "hello.txt").read_bytes() == CONTENT


@pytest.mark.parametrize("value", ["md5=:AAAA:", "sha-256=AAAA", "sha-256=:AA", "nonsense;;", "sha-256=:!:"])
def test_a_digest_that_cannot_be_read_is_as_good_as_none(server: Served, root: Path, value: str) -> None:
    taken(server, root, put(f"Repr-Digest: {value}"))


def test_a_digest_of_another_length_does_not_hold(server: Served, root: Path) -> None:
    assert "Repr-Digest says 00\n" in refused(server, root, put("Repr-Digest: sha-256=:AA==:"))


def test_curl_is_told_and_may_go_on_over_the_same_connection(root: Path, tmp_path: Path) -> None:
    (tmp_path / "new.bin").write_bytes(CONTENT)
    with served(root, upload=True) as server:
        said = ["-H", f"Content-Digest: {digest('sha-256', b'another')}"]
        send = ["-T", str(tmp_path / "new.bin"), "-w", "%{http_code} %{num_connects}\\n", "-o", "/dev/null"]
        ran = curl(*said, *send, server.url("/up.bin"), "--next", "-s", *send, server.url("/up.bin"))
    assert ran.text.splitlines() == ["400 1", "201 0"]


class Behind:
    """Lets the test hold up, or break, the reading of what has come."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: OSError | None = None) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

        def pieces(fd: int, length: int) -> Generator[bytes]:
            if length:  # not before anything has come
                self.begun.set()
                assert self.go.wait(20)
                if error is not None:
                    raise error
            yield from read_pieces(fd, length)

        monkeypatch.setattr("transom.files.sink.read_pieces", pieces)


UNANNOUNCED = chunked(trailer=(f"Repr-Digest: {digest('sha-256')}",))


def test_who_sends_another_request_behind_is_answered_in_order_and_others_meanwhile(
    server: Served, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = Behind(monkeypatch)
    with socket.create_connection((server.endpoint.address, server.endpoint.port), 20) as connection:
        connection.sendall(UNANNOUNCED + b"GET /hello.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert behind.begun.wait(20)
        assert curl("-o", "/dev/null", server.url("/f.bin")).exit_code == 0
        assert not (root / "up.bin").exists()
        behind.go.set()
        answers = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answers.startswith(b"HTTP/1.1 201 ")
    assert answers.endswith(b"hello, world\n")
    assert (root / "up.bin").read_bytes() == CONTENT


def test_a_server_that_stops_while_a_file_is_hashed_keeps_none_of_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(root.iterdir())
    behind = Behind(monkeypatch)
    answers: list[object] = []
    for name in ("uploaded", "refusal"):
        monkeypatch.setattr(Site, name, lambda _, what: answers.append(what))

    async def stop_meanwhile() -> None:
        server = Server(Site(root, upload=True))
        (endpoint,) = await server.listen("127.0.0.1", 0, PlainChannel)
        _, writer = await asyncio.open_connection(endpoint.address, endpoint.port)
        writer.write(UNANNOUNCED)
        assert await asyncio.to_thread(behind.begun.wait, 20)
        await server.stop(0)
        behind.go.set()
        await asyncio.get_running_loop().shutdown_default_executor()
        writer.close()

    asyncio.run(stop_meanwhile())
    assert answers == []  # nobody is there to have one
    assert sorted(root.iterdir()) == before


def test_a_disk_that_does_not_give_the_file_back_is_a_500(
    server: Served, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(root.iterdir())
    Behind(monkeypatch, OSError(5, "Input/output error")).go.set()
    answer = say(server, UNANNOUNCED)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert answer.endswith(b"the file could not be read back\n")
    assert sorted(root.iterdir()) == before


def test_nothing_is_hashed_where_nothing_is_said(server: Served, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(WholeFile, "keep_hash", lambda _, algorithm: asked.append(algorithm))
    taken(server, root, put("Want-Repr-Digest: sha-256=1", "Trailer: X-Other"))
    assert asked == []
