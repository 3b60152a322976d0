"""Several addresses of one host: the first that answers, however slow the others are."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator

import pytest

from tests.net.loop import on_a_loop
from tests.real.silent import silent_port
from tests.real.started import free_ports
from transom.net.eyeballs import Address, NoneAnswered, interleaved, reach_first

SIX, FOUR = socket.AF_INET6, socket.AF_INET


@pytest.fixture
def answering() -> Generator[Address]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield FOUR, server.getsockname()


@pytest.fixture
def silent() -> Generator[Address]:
    with silent_port() as port:
        yield FOUR, ("127.0.0.1", port)


@pytest.fixture
def refusing() -> Address:
    return FOUR, ("127.0.0.1", free_ports(1)[0])


def place(address: Address) -> str:
    return f"127.0.0.1:{address[1][1]}"


@on_a_loop
async def test_an_address_that_does_not_answer_does_not_hold_up_one_that_does(
    silent: Address, answering: Address
) -> None:
    tried: list[str] = []
    async with asyncio.timeout(5):
        reached = await reach_first([silent, answering], tried, delay=0.05)
    with reached.connection as connection:
        assert connection.getpeername() == answering[1]
    assert tried == [place(silent), place(answering)]


@on_a_loop
async def test_an_address_that_refuses_lets_the_next_begin_at_once(refusing: Address, answering: Address) -> None:
    async with asyncio.timeout(5):
        reached = await reach_first([refusing, answering], [], delay=60)
    reached.connection.close()


@on_a_loop
async def test_while_the_first_answers_no_other_is_bothered(answering: Address, refusing: Address) -> None:
    tried: list[str] = []
    (await reach_first([answering, refusing], tried, delay=60)).connection.close()
    assert tried == [place(answering)]


@on_a_loop
async def test_when_all_refuse_each_is_said(refusing: Address) -> None:
    with pytest.raises(NoneAnswered, match=rf"^{place(refusing)}: Connection refused; .*refused$"):
        await reach_first([refusing, refusing], [])


@on_a_loop
async def test_giving_up_closes_every_attempt(silent: Address) -> None:
    tried: list[str] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await reach_first([silent, silent, silent], tried, delay=0.01)
    assert len(tried) == 3
    assert len(asyncio.all_tasks()) == 1


def test_families_take_turns() -> None:
    addresses: list[Address] = [(SIX, (1,)), (SIX, (2,)), (SIX, (3,)), (FOUR, (4,)), (FOUR, (5,))]
    assert [address[0] for _, address in interleaved(addresses)] == [1, 4, 2, 5, 3]
    assert interleaved(addresses[3:]) == addresses[3:]
