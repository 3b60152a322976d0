from __future__ import annotations

import socket
from contextlib import ExitStack, closing

import pytest

from transom.errors import UsageError
from transom.net.bind import Sockets, bind, close, endpoint_of


def held(stack: ExitStack, sets: list[Sockets]) -> list[Sockets]:
    """Closed when the test is over."""
    for sockets in sets:
        stack.callback(close, sockets)
    return sets


def test_port_0_is_one_free_port_at_all_hosts() -> None:
    with ExitStack() as stack:
        (sockets,) = held(stack, bind(["127.0.0.1", "127.0.0.2", "::1"], 0))
        endpoints = [endpoint_of(one) for one in sockets]
    assert [endpoint.address for endpoint in endpoints] == ["127.0.0.1", "127.0.0.2", "::1"]
    assert len({endpoint.port for endpoint in endpoints} - {0}) == 1


def test_what_is_bound_listens_already() -> None:
    with ExitStack() as stack:
        ((bound,),) = held(stack, bind(["127.0.0.1"], 0))
        with socket.create_connection(bound.getsockname(), 10):
            pass


def test_connections_are_dealt_out_among_copies() -> None:
    with ExitStack() as stack:
        sets = held(stack, bind(["127.0.0.1", "127.0.0.2"], 0, copies=3))
        assert {endpoint_of(one).port for sockets in sets for one in sockets} == {endpoint_of(sets[0][0]).port}
        for _ in range(60):
            stack.enter_context(socket.create_connection(sets[0][1].getsockname(), 10))
        taken = [accepted(stack, sockets[1]) for sockets in sets]
    assert sum(taken) == 60
    assert sum(count > 0 for count in taken) > 1


def accepted(stack: ExitStack, listening: socket.socket) -> int:
    count = 0
    while True:
        try:
            connection, _ = listening.accept()
        except BlockingIOError:
            return count
        stack.enter_context(connection)
        count += 1


@pytest.mark.parametrize("copies", [1, 2])
def test_a_port_that_another_program_has_or_shares_is_not_joined(copies: int) -> None:
    with ExitStack() as stack:
        taken = held(stack, bind(["127.0.0.1"], 0, copies=2))
        port = endpoint_of(taken[0][0]).port
        with pytest.raises(UsageError, match=rf"cannot listen on 127\.0\.0\.1:{port}: Address already in use"):
            bind(["127.0.0.1"], port, copies)


def test_what_was_taken_is_given_back_when_not_all_can_be() -> None:
    with closing(socket.create_server(("127.0.0.2", 0))) as taken:
        port = taken.getsockname()[1]
        for _ in range(2):  # the second would find the first address taken, had the first attempt kept it
            with pytest.raises(UsageError, match=rf"cannot listen on 127\.0\.0\.2:{port}: "):
                bind(["127.0.0.1", "127.0.0.2"], port, copies=2)


@pytest.mark.parametrize("host", ["x" * 64 + ".example", "192.0.2.1"])
def test_a_host_that_is_none_of_ours_is_a_usage_error(host: str) -> None:
    with pytest.raises(UsageError, match="cannot listen on "):
        bind([host], 0)
