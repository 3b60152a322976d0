"""Whose a UDP datagram is, and what is kept of it: how many there were, and whether they were QUIC."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Generator
from contextlib import closing

import pytest

from transom.capture.packets import Segment
from transom.run import datagrams
from transom.run.datagrams import Datagrams
from transom.run.family import Family
from transom.run.noticed import Noticed
from transom.run.ownership import Ownership
from transom.run.sockets import UdpSockets
from transom.wire.tap import Endpoint

INITIAL = b"\xc3\x00\x00\x00\x01" + bytes(20)


@pytest.fixture
def here() -> Generator[socket.socket]:
    with socket.socket(type=socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        yield here


@pytest.fixture
def counting() -> Generator[Datagrams]:
    """For a command that is this process."""
    with closing(Noticed()) as noticed:
        yield Datagrams(Ownership(Family(os.getpid(), "no other"), noticed, None, UdpSockets))


def datagram(source: tuple[str, int], destination: tuple[str, int]) -> Segment:
    addresses = b"".join(socket.inet_aton(host) + bytes(12) for host, _ in (source, destination))
    ports = b"".join(port.to_bytes(2, "big") for _, port in (source, destination))
    return Segment(1, time.time_ns(), b"\x04" + addresses + ports, 0, 0, 0, 0, 1200, len(INITIAL))


def take(counting: Datagrams, data: bytes, *several: Segment) -> None:
    counting.take(several, memoryview(data), lambda _: 1)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_socket_is_found_connected_or_not(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with (
        socket.socket(family, socket.SOCK_DGRAM) as one,
        socket.socket(family, socket.SOCK_DGRAM) as other,
        closing(UdpSockets()) as sockets,
    ):
        other.bind((address, 0))
        one.connect(other.getsockname())
        ends = Endpoint(*one.getsockname()[:2]), Endpoint(*other.getsockname()[:2])
        assert sockets.inode(*ends) == os.fstat(one.fileno()).st_ino
        assert sockets.inode(ends[1], ends[0]) == os.fstat(other.fileno()).st_ino
        listener = sockets.listener(ends[1])
        assert listener is not None
        assert listener.inode == os.fstat(other.fileno()).st_ino


def test_both_directions_are_counted_for_the_server_that_the_first_was_for(
    counting: Datagrams, here: socket.socket
) -> None:
    there = ("192.0.2.1", 443)
    take(counting, INITIAL, datagram(here.getsockname(), there))
    take(counting, b"\x40" * len(INITIAL), datagram(there, here.getsockname()), datagram(here.getsockname(), there))
    (unread,) = counting.unread()
    assert (str(unread.server), unread.is_quic, unread.datagrams, unread.length) == ("192.0.2.1:443", True, 3, 3600)


def test_what_begins_otherwise_is_not_called_quic_whatever_its_port(counting: Datagrams, here: socket.socket) -> None:
    for version in (b"\x00\x00\x00\x00", b"\x16\xfe\xfd\x00"):
        take(counting, b"\xc3" + version + bytes(20), datagram(here.getsockname(), ("192.0.2.1", 443)))
    assert [unread.is_quic for unread in counting.unread()] == [False]


def test_that_of_others_is_nowhere(counting: Datagrams) -> None:
    take(counting, INITIAL, datagram(("192.0.2.9", 7), ("192.0.2.1", 443)))
    with socket.socket(type=socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        end = closed.getsockname()
    take(counting, INITIAL, datagram(end, ("192.0.2.1", 443)))
    assert counting.unread() == []


def test_of_a_great_many_as_many_are_remembered_as_there_are_places(
    counting: Datagrams, here: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datagrams, "MOST_FLOWS", 10)
    take(counting, INITIAL, *(datagram(here.getsockname(), ("192.0.2.1", port)) for port in range(1, 101)))
    assert 0 < len(counting.unread()) <= 10
