from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from tests.net.loop import on_a_loop
from tests.net.sessions import QUICK, Recorder
from transom.channel.interface import Established
from transom.channel.plain import PlainChannel
from transom.errors import TransferError
from transom.net.file_sender import FileSender
from transom.net.listen import Accepted, Listener
from transom.net.pump import Pump
from transom.net.send_queue import unacknowledged
from transom.net.session import Place
from transom.wire.tap import Buffer, Endpoints, Side

SIZE = 8_000_001  # more than a socket takes at once, and no multiple of anything
CONTENT = bytes(number * 7 % 251 for number in range(SIZE))


class FileSession(Recorder):
    """Sends a head, the file and a tail; notes which way its bytes went."""

    def __init__(self, path: Path, length: int = SIZE) -> None:
        super().__init__()
        self.fd = os.open(path, os.O_RDONLY)
        self.at, self.length = 0, length
        self.read = self.sent_as_file = 0

    @property
    def pump(self) -> Pump:
        return cast("Pump", self.connection)

    @property
    def connection_is_full(self) -> bool:
        """The file goes no further until the reader has taken more."""
        return self.at > 0 and self.pump._files is not None and self.pump._files.waits

    def established(self, info: Established) -> None:
        self.connection.send(b"head")
        self.connection.wake()

    def writable(self) -> bool:
        if self.at < self.length:
            self.connection.send_from(self, self.length - self.at)
            return True
        self.connection.send(b"tail")
        self.connection.close()
        return False

    def fill(self, buffers: Sequence[memoryview]) -> None:
        count = os.preadv(self.fd, buffers, self.at)
        assert count == sum(map(len, buffers))
        self.at += count
        self.read += count

    def place(self) -> Place:
        return Place(self.fd, self.at, self.has_gone)

    def has_gone(self, count: int) -> None:
        if not count:
            raise TransferError(f"cut short at {self.at}", exit_code=26)
        self.at += count
        self.sent_as_file += count


class Looker:
    """A tap that keeps what the server sends."""

    def __init__(self) -> None:
        self.seen = bytearray()

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None: ...

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self.seen += data

    def lost(self, side: Side, count: int, time: int) -> None: ...

    def closed(self, side: Side, time: int, how: str = "fin", packet: int = 0) -> None: ...


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENT)
    return path


async def received(session: FileSession, tap: Looker | None = None) -> bytes:
    """What a reader gets that lets the socket run full first."""
    listener = Listener(lambda: Accepted(PlainChannel(), session, tap), QUICK)
    await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.endpoints[0].port, limit=64 * 1024)
    while not session.at:
        await asyncio.sleep(0.001)
    before = -1
    while session.at != before:  # until the socket takes no more
        before = session.at
        await asyncio.sleep(0.02)
    assert session.at < SIZE or session.length < SIZE
    try:
        return await reader.read()
    finally:
        writer.close()
        await session.over
        os.close(session.fd)
        await listener.stop(1)


@on_a_loop
async def test_a_file_goes_into_a_plain_socket_without_being_read(path: Path) -> None:
    session = FileSession(path)
    assert await received(session) == b"head" + CONTENT + b"tail"
    assert (session.read, session.sent_as_file, session.error) == (0, SIZE, None)


@on_a_loop
async def test_who_looks_on_sees_every_byte_of_the_file(path: Path) -> None:
    session, tap = FileSession(path), Looker()
    assert await received(session, tap) == b"head" + CONTENT + b"tail"
    assert bytes(tap.seen) == b"head" + CONTENT + b"tail"
    assert (session.read, session.sent_as_file) == (SIZE, 0)


@on_a_loop
async def test_a_file_that_is_shorter_than_announced_ends_the_connection(path: Path) -> None:
    session = FileSession(path, length=SIZE + 1)
    assert await received(session) == b"head" + CONTENT
    assert str(session.error) == f"cut short at {SIZE}"


@on_a_loop
async def test_a_reader_that_goes_away_while_the_socket_is_full_ends_it(path: Path) -> None:
    session = FileSession(path)
    listener = Listener(lambda: Accepted(PlainChannel(), session), QUICK)
    await listener.start("127.0.0.1", 0)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    _, writer = await asyncio.open_connection("127.0.0.1", listener.endpoints[0].port, limit=1024)
    while not session.sent_as_file:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)
    writer.transport.abort()
    await session.over
    assert session.error is not None
    assert "the connection broke" in str(session.error)
    await listener.stop(1)
    await asyncio.sleep(0)
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors
    os.close(session.fd)


@on_a_loop
async def test_a_reader_that_takes_a_little_is_not_idle_though_the_socket_stays_full(path: Path) -> None:
    session = FileSession(path)
    listener = Listener(lambda: Accepted(PlainChannel(), session), QUICK)
    await listener.start("127.0.0.1", 0)
    held = socket.create_connection(("127.0.0.1", listener.endpoints[0].port))
    held.setblocking(False)
    while not session.connection_is_full:
        await asyncio.sleep(0)
    pump = session.pump
    pump._nothing_crossed()  # the limit has passed: what the reader has to take from now on is noted
    queue, loop = pump._transport.get_extra_info("socket"), asyncio.get_running_loop()
    before, at = unacknowledged(queue), session.at
    assert before > 0
    while unacknowledged(queue) == before:
        await loop.sock_recv(held, 64 * 1024)
    assert session.at == at
    pump._nothing_crossed()
    assert session.error is None
    pump._nothing_crossed()  # and nothing since
    await session.over
    assert isinstance(session.error, TransferError)
    assert session.error.exit_code == 28
    held.close()
    os.close(session.fd)
    await listener.stop(1)


@on_a_loop
async def test_a_socket_is_watched_no_more_once_its_session_has_ended(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, full = 0, asyncio.Event()
    has_room, wait = FileSender._has_room, FileSender._wait

    def counted(sender: FileSender) -> None:
        nonlocal told
        told += 1
        has_room(sender)

    def noted(sender: FileSender) -> None:
        full.set()
        wait(sender)

    monkeypatch.setattr(FileSender, "_has_room", counted)
    monkeypatch.setattr(FileSender, "_wait", noted)
    session = FileSession(path)
    listener = Listener(lambda: Accepted(PlainChannel(), session), QUICK)
    await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.endpoints[0].port, limit=1024)
    await full.wait()
    session.connection.close()  # in the middle of the file
    await reader.read()
    before = told
    for _ in range(100):
        await asyncio.sleep(0)
    assert told <= before + 1
    writer.close()
    await session.over
    os.close(session.fd)
    await listener.stop(1)
