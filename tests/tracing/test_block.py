"""The block itself: what it sees and what not, and that nothing is left of it afterwards."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from urllib.error import HTTPError

import pytest

import transom
from tests.real.certificates import Authority, Leaf
from tests.real.programs import curl
from tests.real.raw_server import answering, raw_server
from tests.tracing.conftest import CONTENT
from tests.tracing.web import relay, server_context, web_server
from transom.capture.reader import secrets
from transom.dissect.one import hear_wire
from transom.errors import TransferError, UsageError
from transom.wire.tap import Side


@pytest.fixture
def get(trusting: ssl.SSLContext) -> Callable[[str], bytes]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting))

    def fetch(url: str) -> bytes:
        with opener.open(url, timeout=20) as answer:
            content: bytes = answer.read()
        return content

    return fetch


def _in_place() -> dict[str, object]:
    """Everything that the taps replace."""
    return {
        **{f"socket.{name}": vars(socket.socket).get(name) for name in dir(socket.socket)},
        **{f"context.{name}": vars(ssl.SSLContext).get(name) for name in dir(ssl.SSLContext)},
        **{f"object.{name}": vars(ssl.SSLObject).get(name) for name in dir(ssl.SSLObject)},
        "sendfile": os.sendfile,
    }


def test_the_wire_bytes_are_the_true_ones(
    https: int, get: Callable[[str], bytes], authority: Authority, tmp_path: Path
) -> None:
    trace = tmp_path / "x.pcapng"
    with relay(https) as relayed, transom.trace(trace):
        get(f"https://localhost:{relayed.port}/file.bin")
    relayed.over.wait(20)
    heard = {Side.CLIENT: bytearray(), Side.SERVER: bytearray()}
    hear_wire(trace, 0, lambda side, data: heard[side].extend(data), lambda _side, _count: pytest.fail("a hole"))
    assert heard[Side.CLIENT] == relayed.to_server
    assert heard[Side.SERVER] == relayed.to_client[: len(heard[Side.SERVER])]
    assert len(heard[Side.SERVER]) > len(CONTENT)


def test_plain_http_is_seen_as_well(http: int, get: Callable[[str], bytes]) -> None:
    with transom.trace() as seen:
        get(f"http://localhost:{http}/file.bin")
    (conversation,) = seen.conversations
    assert (conversation.protocol, conversation.host, conversation.version) == ("http", "localhost", None)
    assert conversation.requests[0].url == f"http://localhost:{http}/file.bin"


def test_what_is_no_http_and_no_tls_is_nobodys_business() -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example ESMTP\r\n")
        connection.recv(100)

    with (
        raw_server(greet) as port,
        transom.trace() as seen,
        socket.create_connection(("127.0.0.1", port), 20) as client,
    ):
        client.recv(100)
        client.sendall(b"QUIT\r\n")
    assert seen.conversations == ()


def test_tls_after_starttls_is_seen_from_its_clienthello_on(leaf: Leaf, trusting: ssl.SSLContext) -> None:
    serving = server_context(leaf.chain, leaf.key)

    def greet(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example ESMTP\r\n")
        connection.recv(100)
        connection.sendall(b"220 go ahead\r\n")
        with serving.wrap_socket(connection, server_side=True) as tls:
            tls.recv(100)

    # The block ends when the server has: whose thread is at work still is told of as far as it has come.
    with transom.trace() as seen, raw_server(greet) as port:
        raw = socket.create_connection(("127.0.0.1", port), 20)
        raw.recv(100)
        raw.sendall(b"STARTTLS\r\n")
        raw.recv(100)
        with trusting.wrap_socket(raw, server_hostname="localhost") as tls:
            tls.sendall(b"EHLO me\r\n")
    (conversation,) = seen.conversations
    assert (conversation.protocol, conversation.host, conversation.decrypted) == ("tls", "localhost", "full")
    assert conversation.client_bytes > 0


def test_conversations_are_told_while_the_block_runs(https: int, get: Callable[[str], bytes]) -> None:
    with transom.trace() as seen:
        assert not list(seen.conversations)
        get(f"https://localhost:{https}/file.bin")
        (conversation,) = seen.conversations
        assert conversation.requests[0].complete
        with pytest.raises(HTTPError):
            get(f"https://localhost:{https}/none")
        assert [c.requests[0].status for c in seen.conversations] == [200, 404]


def test_nothing_is_left_of_it_afterwards(https: int, get: Callable[[str], bytes], trusting: ssl.SSLContext) -> None:
    before, descriptors = _in_place(), _descriptors()
    with transom.trace():
        assert _in_place() != before
        get(f"https://localhost:{https}/file.bin")
        assert trusting.keylog_filename is not None
    assert _in_place() == before
    assert trusting.keylog_filename is None
    until = time.monotonic() + 50  # the server's end of a connection goes when its thread has its turn
    while (left := _descriptors() - descriptors) and time.monotonic() < until:
        time.sleep(0.01)
    assert left == set()
    assert [thread for thread in threading.enumerate() if thread.name == "transom-trace"] == []


def _descriptors() -> set[str]:
    """What is open now, by number and kind, besides what only waits for the collector: a test before left it."""
    gc.collect()
    found: set[str] = set()
    for path in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that they are listed by
            found.add(f"{path.name} {path.readlink()}")
    return found


def test_nothing_is_left_of_it_when_the_block_raises(https: int, get: Callable[[str], bytes], tmp_path: Path) -> None:
    before = _in_place()
    seen = transom.trace(tmp_path / "x.pcapng")

    def block() -> None:
        with seen:
            get(f"https://localhost:{https}/file.bin")
            raise RuntimeError("the block's own")

    with pytest.raises(RuntimeError, match="the block's own"):
        block()
    assert _in_place() == before
    assert len(seen.conversations) == 1
    assert (tmp_path / "x.pcapng").stat().st_size > len(CONTENT)


def test_blocks_within_blocks(https: int, get: Callable[[str], bytes], tmp_path: Path) -> None:
    before = _in_place()
    with transom.trace(tmp_path / "outer.pcapng") as outer:
        get(f"https://localhost:{https}/file.bin")
        with transom.trace(tmp_path / "inner.pcapng") as inner:
            get(f"https://localhost:{https}/file.bin")
        get(f"https://localhost:{https}/file.bin")
    assert (len(outer.conversations), len(inner.conversations)) == (3, 1)
    assert {c.decrypted for c in (*outer.conversations, *inner.conversations)} == {"full"}
    assert _in_place() == before


def test_threads_at_once(https: int, get: Callable[[str], bytes]) -> None:
    with transom.trace(sha256=True) as seen, ThreadPoolExecutor(16) as pool:
        contents = list(pool.map(get, [f"https://localhost:{https}/file.bin"] * 64))
    assert set(contents) == {CONTENT}
    assert len(seen.conversations) == 64
    assert {(c.decrypted, c.requests[0].complete, c.requests[0].received) for c in seen.conversations} == {
        ("full", True, len(CONTENT))
    }


def test_a_server_in_the_same_process_is_one_conversation(
    folder: Path, leaf: Leaf, get: Callable[[str], bytes]
) -> None:
    tls = server_context(leaf.chain, leaf.key)
    with web_server(folder, tls) as port, web_server(folder) as plain, transom.trace() as seen:
        for _ in range(5):
            get(f"https://localhost:{port}/file.bin")
            get(f"http://localhost:{plain}/file.bin")
    assert [c.protocol for c in seen.conversations] == ["tls", "http"] * 5
    assert {c.server for c in seen.conversations} == {f"127.0.0.1:{port}", f"127.0.0.1:{plain}"}


def test_a_key_log_of_the_programs_own_goes_on(
    https: int, get: Callable[[str], bytes], trusting: ssl.SSLContext, tmp_path: Path
) -> None:
    own = tmp_path / "own.log"
    trusting.keylog_filename = str(own)
    with transom.trace(tmp_path / "x.pcapng") as seen:
        get(f"https://localhost:{https}/file.bin")
        assert trusting.keylog_filename == str(own)
    assert trusting.keylog_filename == str(own)
    assert seen.conversations[0].decrypted == "full"
    logged = {line for line in own.read_text().splitlines() if not line.startswith("#")}
    assert logged
    assert logged <= set(secrets(tmp_path / "x.pcapng").decode().splitlines())


@pytest.mark.parametrize("how", ["of a socket", "of asyncio"])
def test_a_context_that_a_server_changes_to_for_a_name_logs_its_keys_too(
    how: str, leaf: Leaf, authority: Authority, folder: Path
) -> None:
    serving, other = (server_context(leaf.chain, leaf.key) for _ in range(2))

    def change(tls: ssl.SSLObject, name: str, context: ssl.SSLContext) -> None:
        tls.context = other

    serving.sni_callback = change
    served = web_server(folder, serving) if how == "of a socket" else answering_in_asyncio(serving)
    with transom.trace() as seen, served as port:
        url = f"https://localhost:{port}/file.bin"
        ran = curl("--cacert", str(authority.root), "-o", os.devnull, url)
    assert ran.exit_code == 0, ran.stderr
    (conversation,) = seen.conversations
    assert conversation.decrypted == "full"
    assert [(r.url, r.status, r.complete) for r in conversation.requests] == [(url, 200, True)]


@contextmanager
def answering_in_asyncio(tls: ssl.SSLContext) -> Generator[int]:
    """Whatever it is asked, in a loop of a thread's own. Gives the port."""
    ports: SimpleQueue[int] = SimpleQueue()
    loop = asyncio.new_event_loop()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        writer.close()
        await writer.wait_closed()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
        async with server:
            ports.put(server.sockets[0].getsockname()[1])
            with suppress(asyncio.CancelledError):
                await server.serve_forever()

    task = loop.create_task(serve())
    thread = threading.Thread(target=loop.run_until_complete, args=(task,))
    thread.start()
    try:
        yield ports.get(timeout=20)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        loop.close()


def test_only_secrets_of_what_is_in_the_trace_are_in_it(
    https: int, get: Callable[[str], bytes], trusting: ssl.SSLContext, tmp_path: Path
) -> None:
    shared = tmp_path / "shared.log"
    shared.touch()
    trusting.keylog_filename = str(shared)
    strange = "CLIENT_RANDOM " + "ab" * 32 + " " + "cd" * 48
    with transom.trace(tmp_path / "x.pcapng") as seen:
        get(f"https://localhost:{https}/file.bin")
        with shared.open("a") as file:  # some other process
            file.write(strange + "\n")
    assert seen.conversations[0].decrypted == "full"
    assert strange.encode() not in secrets(tmp_path / "x.pcapng")
    assert seen.unseen_sessions == 0  # since it may be that of another process


def test_a_server_that_ends_too_early_is_told_of(authority: Authority, leaf: Leaf, trusting: ssl.SSLContext) -> None:
    serving = server_context(leaf.chain, leaf.key)
    answer = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x" * 400)

    def script(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as tls:
            answer(tls)

    with transom.trace() as seen, raw_server(script) as port:
        raw = socket.create_connection(("127.0.0.1", port), 20)
        with trusting.wrap_socket(raw, server_hostname="localhost") as tls:
            tls.sendall(b"GET /half HTTP/1.1\r\nHost: localhost\r\n\r\n")
            while tls.recv(1000):
                pass
    (request,) = seen.conversations[0].requests
    assert (request.status, request.received, request.complete) == (200, 400, False)


def test_a_child_process_goes_on_untraced(http: int, tmp_path: Path) -> None:
    with transom.trace(tmp_path / "x.pcapng") as seen:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with socket.create_connection(("127.0.0.1", http), 20) as client:
                    client.sendall(b"GET /file.bin HTTP/1.1\r\nHost: child\r\nConnection: close\r\n\r\n")
                    while client.recv(65536):
                        pass
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
    assert seen.conversations == ()


def test_a_file_of_somebodys_is_left_as_it_is(tmp_path: Path) -> None:
    before = _in_place()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"notes\.txt: a file is there that is no trace"):
        transom.trace(tmp_path / "notes.txt").__enter__()
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert _in_place() == before


def test_a_trace_that_cannot_be_written_does_not_disturb_the_program(
    https: int, get: Callable[[str], bytes], tmp_path: Path
) -> None:
    before, limits = _in_place(), resource.getrlimit(resource.RLIMIT_FSIZE)
    seen = transom.trace(tmp_path / "x.pcapng")

    def block() -> None:
        with seen:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
            try:
                assert get(f"https://localhost:{https}/file.bin") == CONTENT
                assert seen.conversations[0].requests[0].complete
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with pytest.raises(TransferError, match="the trace cannot be written: File too large"):
        block()
    assert _in_place() == before


def test_importing_transom_imports_nothing_of_it() -> None:
    listed = "import sys; before = set(sys.modules); import transom; print(sorted(set(sys.modules) - before))"
    ran = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['__future__', 'transom']"


def test_chains_are_judged_by_the_users_own_ca_as_well(
    https: int, get: Callable[[str], bytes], authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    verdicts: list[str | None] = []
    for present in (False, True):
        if present:
            (tmp_path / "transom" / "ca").mkdir(parents=True)
            (tmp_path / "transom" / "ca" / "ca.pem").write_bytes(authority.root.read_bytes())
        with transom.trace() as seen:
            get(f"https://localhost:{https}/file.bin")
        verdicts.append(seen.conversations[0].verdict)
    assert verdicts == ["missing_issuer", "trusted"]


def test_a_ca_of_the_user_that_cannot_be_read_is_a_warning(
    https: int, get: Callable[[str], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "transom" / "ca" / "ca.pem").mkdir(parents=True)
    with pytest.warns(UserWarning, match=r"ca\.pem.*going on without your Transom CA"), transom.trace() as seen:
        get(f"https://localhost:{https}/file.bin")
    assert len(seen.conversations) == 1
