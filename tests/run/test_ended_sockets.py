"""A TCP socket that is no more is known by its ends and by the number that was its own."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from transom.run import ended_sockets
from transom.run.ended_sockets import EndedSockets
from transom.wire.tap import Endpoint

SO_COOKIE = 57


def cookie(connection: socket.socket) -> int:
    return int.from_bytes(connection.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), "little")


def found_in_time(ended: EndedSockets, own: Endpoint, other: Endpoint, since: int) -> int:
    """The kernel tells of it a moment later."""
    until = time.monotonic() + 50
    while not (found := ended.cookie(own, other, since)):
        assert time.monotonic() < until, "nobody told of it"
        ended.take()
        time.sleep(0.001)
    return found


def other_end_first(client: socket.socket, accepted: socket.socket) -> None:
    accepted.close()
    client.close()


def own_end_first(client: socket.socket, accepted: socket.socket) -> None:
    client.close()
    accepted.close()


@pytest.mark.parametrize("in_order", [own_end_first, other_end_first])
@pytest.mark.parametrize(("listens_at", "address"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::", "127.0.0.1")])
def test_both_ends_are_told_of_by_their_addresses(
    listens_at: str, address: str, in_order: Callable[[socket.socket, socket.socket], None]
) -> None:
    before = time.time_ns()
    family = socket.AF_INET6 if ":" in listens_at else socket.AF_INET
    dual = listens_at == "::"
    with closing(EndedSockets()) as ended:
        with socket.create_server((listens_at, 0), family=family, dualstack_ipv6=dual) as server:
            there = Endpoint(address, server.getsockname()[1])
            client = socket.create_connection((there.address, there.port))
            accepted = server.accept()[0]
            here = Endpoint(*client.getsockname()[:2])
            own, other = cookie(client), cookie(accepted)
            in_order(client, accepted)
        assert found_in_time(ended, here, there, before) == own
        assert found_in_time(ended, there, here, before) == other
        assert ended.cookie(here, there, time.time_ns()) == 0
        assert ended.complete


def test_of_a_great_many_those_that_ended_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended_sockets, "MOST_ENDED", 1000)
    before = time.time_ns()
    with closing(EndedSockets()) as ended, socket.create_server(("127.0.0.1", 0)) as server:
        there = Endpoint(*server.getsockname())
        ends = list[Endpoint]()
        for _ in range(1500):
            ended.take()
            client = socket.create_connection((there.address, there.port))
            ends.append(Endpoint(*client.getsockname()))
            own_end_first(client, server.accept()[0])
        assert found_in_time(ended, ends[-1], there, before)
        assert ended.cookie(ends[0], there, before) == 0


def test_when_more_end_than_there_is_room_for_it_is_known_that_some_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ended_sockets, "_ROOM", 1)
    with closing(EndedSockets()) as ended, socket.create_server(("127.0.0.1", 0)) as server:
        for _ in range(100):
            client = socket.create_connection(server.getsockname())
            own_end_first(client, server.accept()[0])
        until = time.monotonic() + 50
        while ended.complete:
            assert time.monotonic() < until, "nobody said so"
            ended.take()
            time.sleep(0.001)
