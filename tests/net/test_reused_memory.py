from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.net.loop import on_a_loop
from tests.net.sessions import QUICK, Sender
from tests.tls.shuttle import client_config, server_config
from transom.channel.interface import Channel, Data, Fill
from transom.channel.own_tls import OwnTlsChannel
from transom.channel.plain import PlainChannel
from transom.net.pump import Pump, receive_buffer
from transom.tls.record.header import MAX_PLAINTEXT
from transom.tls.record.sealing_room import SealingRooms
from transom.wire.tap import Buffer, Side

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("reused_memory.py")


def pythons() -> list[str]:
    """This Python, and every newer one that can be found."""
    folders = [*os.environ["PATH"].split(os.pathsep), *map(str, Path.home().glob(".pyenv/versions/*/bin"))]
    found = {sys.executable: sys.version_info[1]}
    for minor in range(sys.version_info[1] + 1, 20):
        candidate = shutil.which(f"python3.{minor}", path=os.pathsep.join(f for f in folders if "shims" not in f))
        if candidate is not None:
            found[candidate] = minor
    return list(found)


@pytest.mark.parametrize("python", pythons())
def test_a_reused_buffer_reaches_a_slow_reader_unharmed_on_every_python(python: str) -> None:
    done = subprocess.run(
        [python, "-W", "error", str(PROGRAM)],
        env={"PYTHONPATH": f"{ROOT / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


class Keeping:
    """A transport that keeps the very objects it is given, as asyncio may."""

    def __init__(self) -> None:
        self.written: list[object] = []

    def write(self, data: object) -> None:
        self.written.append(data)

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return ("127.0.0.1", 1)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 1

    def set_write_buffer_limits(self, high: int) -> None: ...


@on_a_loop
async def test_what_a_transport_is_given_is_never_a_view_and_never_given_twice() -> None:
    buffer = bytearray(1000)
    session = Sender(lambda: memoryview(buffer), 20)
    transport = Keeping()
    pump = Pump(PlainChannel(), session, Side.SERVER, receive_buffer(), QUICK)
    pump.connection_made(transport)  # type: ignore[arg-type]  # as much of one as a pump needs
    while session.left:
        await asyncio.sleep(0)
    assert len(transport.written) >= 20
    assert {type(data) for data in transport.written} <= {bytes, bytearray}
    assert len({id(data) for data in transport.written}) == len(transport.written)
    pump.connection_lost(None)


def established(rooms: SealingRooms) -> tuple[Channel, Channel]:
    client: Channel = OwnTlsChannel.client(client_config(), "localhost")
    server: Channel = OwnTlsChannel.server(server_config(), rooms)
    client.start()
    server.start()
    for _ in range(3):
        for sender, receiver in ((client, server), (server, client)):
            if wire := bytes(sender.take_outgoing()):
                receiver.receive(wire)
    return client, server


def filler(number: int) -> Fill:
    def fill(buffers: Sequence[memoryview]) -> None:
        for buffer in buffers:
            buffer[:] = bytes([number]) * len(buffer)

    return fill


def test_a_tls_channel_never_writes_again_to_what_it_gave_away() -> None:
    rooms = SealingRooms()  # which other connections of the loop send from as well
    servers = [established(rooms)[1] for _ in range(2)]
    given: list[tuple[Buffer, bytes]] = []
    for number in range(20):
        for server in servers:
            for _ in range(number % 2 + 1):
                server.send(bytes([number]) * 50_000)
                server.send_from(100_000 * (number % 3), filler(number))
            wire = server.take_outgoing()
            given.append((wire, bytes(wire)))
    assert all(bytes(wire) == copy for wire, copy in given)


def test_a_tls_channel_uses_memory_again_once_it_is_told_that_nobody_holds_it() -> None:
    client, server = established(SealingRooms())
    memory: list[object] = []
    received = b""
    for number in range(12):
        server.send_from(MAX_PLAINTEXT, filler(number))
        wire = server.take_outgoing()
        assert isinstance(wire, memoryview)
        memory.append(wire.obj)
        for event in client.receive(wire):
            received += bytes(event.data) if isinstance(event, Data) else b""
        if number != 5:  # this one is still on its way out
            server.outgoing_is_out()
    assert received == b"".join(bytes([number]) * MAX_PLAINTEXT for number in range(12))
    assert {id(one) for one in memory[:6]} == {id(memory[0])}
    assert {id(one) for one in memory[6:]} == {id(memory[6])}
    assert memory[6] is not memory[0]


def test_what_one_connection_gives_back_late_is_not_taken_from_another() -> None:
    rooms = SealingRooms()
    (_, first), (_, second) = established(rooms), established(rooms)
    first.send_from(MAX_PLAINTEXT, filler(1))
    first.take_outgoing()
    second.send_from(MAX_PLAINTEXT, filler(2))
    wire = second.take_outgoing()
    copy = bytes(wire)
    first.outgoing_is_out()
    first.send_from(MAX_PLAINTEXT, filler(3))
    assert bytes(wire) == copy


def test_what_is_sent_in_small_pieces_after_a_full_one_does_not_give_its_memory_back() -> None:
    rooms = SealingRooms()
    (_, first), (_, second) = established(rooms), established(rooms)
    first.send_from(MAX_PLAINTEXT, filler(1))
    wire = first.take_outgoing()
    copy = bytes(wire)
    first.send_from(100, filler(1))  # the rest of a file, and the end: two pieces, which are joined
    first.close()
    first.take_outgoing()
    second.send_from(MAX_PLAINTEXT, filler(2))
    assert bytes(wire) == copy


def test_what_was_not_taken_yet_is_not_out() -> None:
    rooms = SealingRooms()
    (client, first), (_, second) = established(rooms), established(rooms)
    first.send_from(MAX_PLAINTEXT, filler(1))
    first.outgoing_is_out()
    second.send_from(MAX_PLAINTEXT, filler(2))
    assert client.receive(first.take_outgoing()) == [Data(bytes([1]) * MAX_PLAINTEXT)]


@on_a_loop
async def test_memory_is_given_back_when_the_last_of_it_is_out_though_nothing_follows() -> None:
    rooms = SealingRooms()
    _, server = established(rooms)
    pump = Pump(server, Sender(lambda: b"", 0), Side.SERVER, receive_buffer(), QUICK)
    pump.connection_made(Keeping())  # type: ignore[arg-type]  # as much of one as a pump needs
    server.send_from(MAX_PLAINTEXT, filler(1))
    held = server.take_outgoing()  # some of it has to wait, and the connection rests then
    pump.resume_writing()
    _, other = established(rooms)
    other.send_from(MAX_PLAINTEXT, filler(2))
    used_again = other.take_outgoing()
    assert isinstance(held, memoryview)
    assert isinstance(used_again, memoryview)
    assert used_again.obj is held.obj
    pump.connection_lost(None)
