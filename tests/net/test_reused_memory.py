from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.net.loop import on_a_loop
from tests.net.sessions import QUICK, Sender
from transom.channel.interface import Channel
from transom.channel.own_tls import OwnTlsChannel
from transom.channel.plain import PlainChannel
from transom.net.pump import Pump, receive_buffer
from transom.wire.tap import Side

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


def test_a_tls_channel_never_writes_again_to_what_it_gave_away() -> None:
    from tests.tls.shuttle import client_config, server_config

    client: Channel = OwnTlsChannel.client(client_config(), "localhost")
    server: Channel = OwnTlsChannel.server(server_config())
    given: list[tuple[object, bytes]] = []
    client.start()
    server.start()
    for _ in range(6):
        for sender, receiver in ((client, server), (server, client)):
            wire = sender.take_outgoing()
            given.append((wire, bytes(wire)))
            if wire:
                receiver.receive(wire)
    for number in range(20):
        server.send(bytes([number]) * 50_000)
        wire = server.take_outgoing()
        given.append((wire, bytes(wire)))
        client.receive(wire)
    assert all(isinstance(wire, bytes | bytearray) and wire == copy for wire, copy in given)
