from __future__ import annotations

import asyncio
import socket

import pytest

from tests.net.loop import at_end, on_a_loop
from tests.net.sessions import QUICK, Echo, Recorder
from transom.channel.plain import PlainChannel
from transom.errors import UsageError
from transom.net.listen import Accepted, Listener, Room, _peer


def listener_for(sessions: list[Recorder], most: int = 10) -> Listener:
    def accept() -> Accepted:
        sessions.append(Echo())
        return Accepted(PlainChannel(), sessions[-1])

    listener = Listener(accept, QUICK, Room(most))
    at_end(listener.stop, 0)
    return listener


async def ask(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"ping")
    assert await reader.read(4) == b"ping"
    return reader, writer


@on_a_loop
async def test_port_0_is_a_free_port_the_same_on_all_addresses_of_the_name() -> None:
    listener = listener_for([])
    await listener.start("localhost", 0)
    ports = {endpoint.port for endpoint in listener.endpoints}
    assert len(ports) == 1
    assert 0 not in ports


@on_a_loop
async def test_a_port_in_use_is_a_usage_error_that_names_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"cannot listen on 127\.0\.0\.1:{port}: Address already in use"):
            await listener_for([]).start("127.0.0.1", port)


@on_a_loop
async def test_a_host_of_another_machine_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"cannot listen on 192\.0\.2\.1:0: "):
        await listener_for([]).start("192.0.2.1", 0)


@on_a_loop
async def test_a_connection_beyond_the_cap_is_closed_at_once_and_the_others_go_on() -> None:
    sessions: list[Recorder] = []
    listener = listener_for(sessions, most=2)
    await listener.start("127.0.0.1", 0)
    port = listener.endpoints[0].port
    first, second = await ask(port), await ask(port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    writer.close()
    assert listener.connections == len(sessions) == 2

    first[1].close()
    await sessions[0].over
    _, third = await ask(port)
    assert len(sessions) == 3
    for left in (second[1], third):
        left.close()


@on_a_loop
async def test_listeners_that_share_a_room_are_full_together() -> None:
    room = Room(2)
    first, second = (Listener(lambda: Accepted(PlainChannel(), Echo()), QUICK, room) for _ in range(2))
    for listener in (first, second):
        at_end(listener.stop, 0)
        await listener.start("127.0.0.1", 0)
    held = [await ask(first.endpoints[0].port), await ask(second.endpoints[0].port)]
    for listener in (first, second):
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.endpoints[0].port)
        assert await reader.read() == b""
        writer.close()
    (pump,) = first._open
    held[0][1].close()
    await pump.closed
    held.append(await ask(second.endpoints[0].port))
    for _, writer in held:
        writer.close()


@on_a_loop
async def test_a_stop_lets_what_is_there_finish_and_takes_no_more() -> None:
    sessions: list[Recorder] = []
    listener = listener_for(sessions)
    await listener.start("127.0.0.1", 0)
    reader, writer = await ask(listener.endpoints[0].port)
    stopping = asyncio.create_task(listener.stop(5))
    assert await reader.read() == b""
    writer.close()
    await stopping
    assert sessions[0].error is None
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", listener.endpoints[0].port)


@on_a_loop
async def test_after_the_grace_what_does_not_finish_is_dropped() -> None:
    sessions: list[Recorder] = []
    listener = listener_for(sessions)
    await listener.start("127.0.0.1", 0)
    _, writer = await ask(listener.endpoints[0].port)
    await listener.stop(0.1)  # this client never closes its side
    assert listener.connections == 0
    assert sessions[0].log[-1] == "lost"
    writer.close()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%1", "fe80::2%1", True),
    ],
)
def test_the_addresses_of_one_ipv6_network_count_as_one_peer(one: str, other: str, same: bool) -> None:
    assert (_peer(one) == _peer(other)) == same
