from __future__ import annotations

import asyncio
import socket

import pytest

from tests.net.loop import at_end, on_a_loop
from tests.net.sessions import QUICK, Echo, Recorder
from transom.channel.plain import PlainChannel
from transom.errors import UsageError
from transom.net.listen import Accepted, Listener, Room, _peer

LET_GO = "it had asked for nothing, and its place was needed for another"


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


async def come(port: int, source: str = "127.0.0.1") -> asyncio.StreamReader:
    """The connection of somebody from there who says nothing until the test is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    close_at_end(writer)
    return reader


def close_at_end(writer: asyncio.StreamWriter) -> None:
    async def close() -> None:
        writer.close()

    at_end(close)


@on_a_loop
async def test_where_there_is_no_place_the_first_that_came_of_those_that_rest_lets_go() -> None:
    sessions: list[Recorder] = []
    listener = listener_for(sessions, most=3)
    await listener.start("127.0.0.1", 0)
    port = listener.endpoints[0].port
    close_at_end((await ask(port))[1])
    resting = [await come(port) for _ in range(2)]
    await sessions_are(sessions, 3)
    for session in sessions[1:]:
        session.rests = True
    close_at_end((await ask(port))[1])
    assert await resting[0].read() == b""
    assert str(sessions[1].error) == LET_GO
    assert [session.log[-1] == "lost" for session in sessions] == [False, True, False, False]
    close_at_end((await ask(port))[1])
    assert await resting[1].read() == b""
    assert await (await come(port)).read() == b""  # the others have begun something


@on_a_loop
async def test_what_rests_lets_go_for_its_own_peer_where_that_one_has_its_share_else_for_anybody() -> None:
    sessions: list[Recorder] = []

    def accept() -> Accepted:
        sessions.append(Echo())
        sessions[-1].rests = True
        return Accepted(PlainChannel(), sessions[-1])

    listener = Listener(accept, QUICK, Room(3, 2))
    at_end(listener.stop, 0)
    await listener.start("127.0.0.1", 0)
    port = listener.endpoints[0].port
    other = await come(port, "127.0.0.2")
    first, _, _ = [await come(port) for _ in range(3)]
    assert await first.read() == b""
    await sessions_are(sessions, 4)
    assert [session.log[-1] == "lost" for session in sessions] == [False, True, False, False]
    assert not other.at_eof()
    await come(port, "127.0.0.3")
    assert await other.read() == b""  # there was no place for anybody, and it came before the others
    assert str(sessions[0].error) == LET_GO


@on_a_loop
async def test_of_a_connection_that_is_gone_nothing_is_unsent() -> None:
    listener = listener_for([])
    await listener.start("127.0.0.1", 0)
    _, writer = await ask(listener.endpoints[0].port)
    (pump,) = listener._open
    writer.close()
    await pump.closed
    assert pump.unsent == 0


@on_a_loop
async def test_what_its_peer_has_yet_to_take_is_not_cut_off_for_another() -> None:
    sessions: list[Recorder] = []
    listener = listener_for(sessions, most=1)
    await listener.start("127.0.0.1", 0)
    port = listener.endpoints[0].port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    close_at_end(writer)
    await sessions_are(sessions, 1)
    owed = bytes(64 * 2**20)  # more than both sockets hold, and the reader takes before it is asked
    sessions[0].connection.send(owed)
    sessions[0].connection.wake()
    sessions[0].rests = True
    assert await (await come(port)).read() == b""
    assert await reader.readexactly(len(owed)) == owed


async def sessions_are(sessions: list[Recorder], count: int) -> None:
    """Wait until the server has accepted so many."""
    while len(sessions) < count or any("established" not in session.log for session in sessions):
        await asyncio.sleep(0.001)


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
