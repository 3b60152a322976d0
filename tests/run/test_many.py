"""Connections through the tunnel by the thousand, more than there is room for, and by strangers."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import pytest

from tests.real.raw_server import drain, raw_server
from tests.run.tunnelled import Lone, lone_tunnel, read_head
from transom.net.descriptors import room_for
from transom.run.family import Family

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.fixture
def lone() -> Generator[Lone]:
    with lone_tunnel() as tunnel:
        yield tunnel


@contextmanager
def echo() -> Generator[int]:
    """A server that says back what it hears, to any number at once. Gives its port."""
    loop = asyncio.new_event_loop()
    connections: dict[asyncio.Task[None], socket.socket] = {}

    async def say_back(connection: socket.socket) -> None:
        while data := await loop.sock_recv(connection, 65536):
            await loop.sock_sendall(connection, data)

    def has_gone(task: asyncio.Task[None]) -> None:
        connections.pop(task).close()
        if not task.cancelled():
            task.exception()  # a client may go whenever it likes

    def accept() -> None:
        """Here and not in a task: one that is cancelled as the socket comes leaves it open."""
        connection, _ = listening.accept()
        connection.setblocking(False)
        task = loop.create_task(say_back(connection))
        connections[task] = connection
        task.add_done_callback(has_gone)

    async def until_over() -> None:
        loop.add_reader(listening, accept)
        await over.wait()
        loop.remove_reader(listening)
        for task in connections:
            task.cancel()
        while connections:
            await asyncio.sleep(0)

    over = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        listening.setblocking(False)  # who was there a moment ago may have gone: asyncio goes on after an error
        thread = threading.Thread(target=lambda: loop.run_until_complete(until_over()))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join(30)
            loop.close()


async def cross(lone: Lone, port: int, turn: asyncio.Semaphore, number: int) -> None:
    async with turn:
        reader, writer = await asyncio.open_connection(lone.tunnel.endpoint.address, lone.tunnel.endpoint.port)
        writer.write(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: a\r\n{lone.login}\r\n\r\n".encode())
        assert await reader.readexactly(len(ESTABLISHED)) == ESTABLISHED
        said = number.to_bytes(4, "big") * 100
        writer.write(said)
        writer.write_eof()
        assert await reader.read() == said
        writer.close()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (a path object each is no use)


def test_thousands_of_connections_a_thousand_at_once_leave_no_descriptor(lone: Lone) -> None:
    room_for(4000)  # all four ends of each are in this process

    async def all_of_them(port: int) -> None:
        turn = asyncio.Semaphore(1000)
        async with asyncio.TaskGroup() as group:
            for number in range(3000):
                group.create_task(cross(lone, port, turn, number))

    before = descriptors()
    with echo() as port:
        asyncio.run(all_of_them(port))
    lone.wait_until_empty()
    assert descriptors() == before
    assert len(lone.seen) == 3000
    assert lone.full_at is None


def test_when_the_tunnel_is_full_others_wait_for_a_place(lone: Lone) -> None:
    lone.tunnel.places = 4

    async def all_of_them(port: int) -> None:
        turn = asyncio.Semaphore(40)
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                group.create_task(cross(lone, port, turn, number))

    with echo() as port:
        asyncio.run(all_of_them(port))
    assert lone.full_at == 4


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENETDOWN])
def test_while_the_system_refuses_to_accept_those_that_are_here_are_served(
    lone: Lone, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    accept, refused, refuses = lone.loop.sock_accept, threading.Event(), True

    async def refusing(listening: socket.socket) -> tuple[socket.socket, object]:
        if refuses:
            refused.set()
            raise OSError(number, os.strerror(number))
        return await accept(listening)

    ask = "CONNECT 127.0.0.1:{} HTTP/1.1"
    with echo() as port, ExitStack() as clients:
        first = clients.enter_context(lone.asked(ask.format(port), "Host: a"))
        assert read_head(first) == ESTABLISHED  # so the next is waited for by now
        monkeypatch.setattr(lone.loop, "sock_accept", refusing)
        second = clients.enter_context(lone.asked(ask.format(port), "Host: a"))
        assert refused.wait(30)
        assert read_head(second) == ESTABLISHED
        third = clients.enter_context(lone.asked(ask.format(port), "Host: a"))
        first.sendall(b"here")
        assert first.recv(100) == b"here"
        refuses = False
        assert read_head(third) == ESTABLISHED
        for client in (first, second, third):
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b""


def test_whoever_waits_too_long_for_a_place_is_told_so(lone: Lone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that have one may wait for what it was to bring."""
    monkeypatch.setattr("transom.run.tunnel._UNTIL_TURNED_AWAY", 0.2)
    lone.tunnel.places = 1
    with echo() as port, lone.asked(f"CONNECT 127.0.0.1:{port} HTTP/1.1", "Host: a") as kept:
        assert read_head(kept) == ESTABLISHED
        with lone.asked(f"CONNECT 127.0.0.1:{port} HTTP/1.1", "Host: a") as second:
            assert drain(second).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        kept.sendall(b"it goes on")
        assert kept.recv(100) == b"it goes on"


def test_strangers_who_say_nothing_keep_nobody_out(lone: Lone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.run.tunnel._SILENT", 0.2)
    monkeypatch.setattr("transom.run.tunnel._UNTIL_TURNED_AWAY", 3600)
    lone.tunnel.places = 3
    with echo() as port:
        strangers = [lone.connected() for _ in range(3)]
        with lone.asked(f"CONNECT 127.0.0.1:{port} HTTP/1.1", "Host: a") as ours:
            assert read_head(ours) == ESTABLISHED
        assert strangers[0].recv(1) == b""  # the first that came has gone
        for one in strangers:
            one.close()


def test_nobody_gives_way_while_nobody_waits(lone: Lone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.run.tunnel._SILENT", 0.0)
    monkeypatch.setattr("transom.run.tunnel._A_MOMENT", 0.001)
    monkeypatch.setattr("transom.run.tunnel._UNTIL_TURNED_AWAY", 3600)
    looks = threading.Semaphore(0)
    monkeypatch.setattr(lone, "full", lambda _: looks.release())
    lone.tunnel.places = 1
    with echo() as port, lone.connected() as slow:
        for _ in range(10):
            assert looks.acquire(timeout=30)
        slow.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: a\r\n{lone.login}\r\n\r\n".encode())
        assert read_head(slow) == ESTABLISHED


def test_many_strangers_at_once_are_one_look_into_proc(lone: Lone, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    look = Family.sockets

    def counted(family: Family) -> set[int]:
        looks.append(1)
        return look(family)

    monkeypatch.setattr(Family, "sockets", counted)
    monkeypatch.setattr("transom.run.admission._REST", 1e9)  # times as long as a look: the second never comes
    with raw_server(drain) as other:
        lone.admission.command = os.getpid()  # of which it is seen that these sockets are ours: the first is let in
        with lone.connected() as first:
            first.sendall(f"CONNECT 127.0.0.1:{other} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            assert read_head(first) == ESTABLISHED
            assert looks == [1]
            clients = [lone.connected() for _ in range(50)]
            for one in clients:
                one.sendall(b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: a\r\n\r\n")
            with lone.asked(f"CONNECT 127.0.0.1:{other} HTTP/1.1", "Host: a") as with_password:
                assert read_head(with_password) == ESTABLISHED  # nobody keeps it waiting
            assert looks == [1]
            for one in clients:
                one.close()


def test_without_a_descriptor_it_waits_and_goes_on(lone: Lone) -> None:
    """One that is refused by the system is taken when there is room again."""
    held: list[int] = []
    with echo() as port, socket.socket() as client:
        soft = _limit_to(descriptors() + 8)
        try:
            while True:
                try:
                    held.append(os.open(os.devnull, os.O_RDONLY))
                except OSError:
                    break
            client.connect((lone.tunnel.endpoint.address, lone.tunnel.endpoint.port))
            client.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: a\r\n{lone.login}\r\n\r\n".encode())
            assert lone.waits_to_be_full()
        finally:
            for one in held:
                os.close(one)
            _limit_to(soft)
        client.settimeout(30)
        assert read_head(client) == ESTABLISHED
        client.sendall(b"?")
        assert client.recv(1) == b"?"


def _limit_to(soft: int) -> int:
    """The limit of open files that there was before."""
    import resource

    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return before
