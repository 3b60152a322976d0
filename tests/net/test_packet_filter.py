"""The packet socket's filter: the kernel drops what nobody here looks at."""

from __future__ import annotations

import socket
from collections.abc import Collection

import pytest

from tests.net.played_filter import ARP, ETHERNET, IPV4, IPV6, LOOPBACK, OUTGOING, TO_US, taken
from transom.net import packet_filter

WHOLE = 0xFFFFFFFF


def header(protocol: int, contains: int, *, options: int = 0, fragment: int = 0) -> bytes:
    """Of IPv4 or IPv6."""
    if protocol != IPV4:
        return bytes(6) + bytes([contains]) + bytes(33)
    begins = bytes([0x45 + options, 0, 0, 0, 0, 0]) + fragment.to_bytes(2) + bytes([64, contains])
    return begins + bytes(10 + 4 * options)


def judged(
    protocol: int,
    contains: int,
    hardware: int = ETHERNET,
    kind: int = TO_US,
    ports: Collection[int] | None = None,
    pair: tuple[int, int] = (40000, 443),
    **odd: int,
) -> int:
    """Bytes that are taken of a packet whose header says that it `contains` that protocol, with these ports."""
    packet = header(protocol, contains, **odd) + pair[0].to_bytes(2) + pair[1].to_bytes(2) + bytes(16)
    return taken(packet_filter.instructions(ports), packet, protocol, hardware, kind)


@pytest.mark.parametrize("protocol", [IPV4, IPV6])
def test_tcp_is_taken_whole_of_udp_how_it_begins_and_nothing_else(protocol: int) -> None:
    assert judged(protocol, 6) == WHOLE
    extended = {0, 43, 44, 60} if protocol == IPV6 else set[int]()
    for ports in (None, (), (443,)):
        assert judged(protocol, 17, ports=ports) == 128
        for number in range(256):
            if number not in (6, 17):
                assert judged(protocol, number, ports=ports) == (WHOLE if number in extended else 0)


@pytest.mark.parametrize("ports", [None, (), (443,)])
def test_what_is_no_ip_is_not_taken(ports: Collection[int] | None) -> None:
    assert judged(ARP, 6, ports=ports) == 0


@pytest.mark.parametrize("ports", [None, (443,)])
def test_of_loopback_what_arrives_is_taken_and_not_what_is_sent_as_well(ports: Collection[int] | None) -> None:
    assert judged(IPV4, 6, LOOPBACK, OUTGOING, ports) == 0
    assert judged(IPV4, 6, LOOPBACK, TO_US, ports) == WHOLE
    assert judged(IPV6, 17, ETHERNET, OUTGOING, ports) == 128


@pytest.mark.parametrize("protocol", [IPV4, IPV6])
@pytest.mark.parametrize("options", [0, 1, 10])
def test_of_ports_tcp_from_and_to_them_is_taken_and_no_other(protocol: int, options: int) -> None:
    many = [*range(1, 63), 443, 65535]
    assert len(many) == packet_filter.MOST_PORTS
    for ports in ((443,), (80, 443), many):
        for pair in ((40000, 443), (443, 40000), (443, 443)):
            assert judged(protocol, 6, ports=ports, pair=pair, options=options) == WHOLE
        for pair in ((40000, 444), (444, 40000), (0, 0), (443 << 8 & 0xFFFF, 1000)):
            assert judged(protocol, 6, ports=ports, pair=pair, options=options) == 0
    for port in many:
        assert judged(protocol, 6, ports=many, pair=(40000, port), options=options) == WHOLE
    assert judged(protocol, 6, ports=(), options=options) == 0


def test_beyond_so_many_ports_all_tcp_is_taken() -> None:
    assert judged(IPV4, 6, ports=range(1000, 1065)) == WHOLE


@pytest.mark.parametrize("fragment", [0x2000, 0x0001, 0x1FFF, 0x2010])
def test_a_fragment_is_taken_whatever_stands_where_its_ports_would_be(fragment: int) -> None:
    assert judged(IPV4, 6, ports=(80,), fragment=fragment) == WHOLE
    assert judged(IPV4, 6, ports=(80,), fragment=0x4000) == 0  # "don't fragment" alone


@pytest.mark.parametrize("ports", [None, (), (443,), range(1000, 1064), range(1000, 1065)])
def test_the_kernel_takes_the_program(ports: Collection[int] | None) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as there:
        packet_filter.attach(there, ports)
