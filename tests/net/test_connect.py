from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from tests.net.loop import at_end, on_a_loop
from tests.net.sessions import QUICK, Echo, Recorder, Tapped
from tests.real.started import free_ports
from transom.channel.plain import PlainChannel
from transom.errors import TransferError
from transom.net.connect import Connected, connect
from transom.net.listen import Accepted, Listener
from transom.net.session import Timeouts


async def reach(host: str, port: int, timeouts: Timeouts = QUICK, tap: Tapped | None = None) -> Connected:
    return await connect(host, port, PlainChannel(), Recorder(), timeouts, tap)


@pytest.fixture
def closed_port() -> int:
    return free_ports(1)[0]


@on_a_loop
async def test_a_name_nobody_has_is_exit_code_6() -> None:
    with pytest.raises(TransferError, match=r"cannot resolve nobody\.invalid: ") as caught:
        await reach("nobody.invalid", 80)
    assert caught.value.exit_code == 6


@on_a_loop
async def test_a_name_that_cannot_be_one_is_exit_code_6() -> None:
    with pytest.raises(TransferError) as caught:
        await reach("a" * 64 + ".invalid", 80)
    assert caught.value.exit_code == 6


@on_a_loop
async def test_a_port_where_nobody_listens_is_exit_code_7_and_says_what_was_tried(closed_port: int) -> None:
    with pytest.raises(TransferError, match=f"127.0.0.1:{closed_port}: Connection refused") as caught:
        await reach("127.0.0.1", closed_port)
    assert caught.value.exit_code == 7


@on_a_loop
async def test_an_address_that_does_not_answer_in_time_is_exit_code_28() -> None:
    # A full accept queue answers no SYN.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        with pytest.raises(TransferError, match=rf"reaching 127\.0\.0\.1:{port} took more than 0\.2 s") as caught:
            await reach("127.0.0.1", port, replace(QUICK, connect=0.2))
        for one in waiting:
            one.close()
    assert caught.value.exit_code == 28


@on_a_loop
async def test_the_next_address_of_a_name_is_tried_when_one_refuses() -> None:
    server = Echo()
    listener = Listener(lambda: Accepted(PlainChannel(), server), QUICK)
    await listener.start("127.0.0.1", 0)
    at_end(listener.stop, 0)
    connected = await reach("localhost", listener.endpoints[0].port)
    assert str(connected.pump.endpoints.server) == str(listener.endpoints[0])
    connected.pump.close()
    await connected.pump.closed


@on_a_loop
async def test_times_and_endpoints_are_told_and_the_tap_hears_of_the_syn_before_the_connection() -> None:
    listener = Listener(lambda: Accepted(PlainChannel(), Echo()), QUICK)
    await listener.start("::1", 0)
    at_end(listener.stop, 0)
    tap = Tapped()
    connected = await reach("::1", listener.endpoints[0].port, tap=tap)
    assert 0 <= connected.resolve < 5
    assert 0 < connected.connect < 5
    assert tap.endpoints is not None
    assert str(tap.endpoints.server) == f"[::1]:{listener.endpoints[0].port}"
    connected.pump.close()
    await connected.pump.closed


@on_a_loop
async def test_small_pieces_are_not_held_back_by_nagle_and_tcp_tunes_its_own_buffers() -> None:
    listener = Listener(lambda: Accepted(PlainChannel(), Echo()), QUICK)
    await listener.start("127.0.0.1", 0)
    at_end(listener.stop, 0)
    session = Recorder()
    connected = await connect("127.0.0.1", listener.endpoints[0].port, PlainChannel(), session, QUICK)
    ours = connected.pump._transport.get_extra_info("socket")
    assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    connected.pump.close()
    await connected.pump.closed
