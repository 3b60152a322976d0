"""The packet socket's filter, played by the rules of classic BPF: the kernel drops what nobody here looks at."""

from __future__ import annotations

import pytest

from transom.net import packet_socket

IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
LOOPBACK, ETHERNET = 772, 1
TO_US, OUTGOING = 0, 4
WHOLE = 0xFFFFFFFF


def taken(protocol: int, contains: int, hardware: int = ETHERNET, kind: int = TO_US) -> int:
    """Bytes that are taken of a packet whose header says that it `contains` that protocol."""
    known = {-0x1000: protocol, -0x1000 + 4: kind, -0x1000 + 28: hardware}
    header = bytearray(40)
    header[9 if protocol == IPV4 else 6] = contains
    at = accumulator = 0
    while True:
        code, yes, no, value = packet_socket.FILTER[at]
        at += 1
        if code == 0x06:
            return value
        if code in (0x28, 0x30):
            accumulator = known[value] if value < 0 else header[value]
        else:
            assert code == 0x15
            at += yes if accumulator == value else no


@pytest.mark.parametrize("protocol", [IPV4, IPV6])
def test_tcp_is_taken_whole_of_udp_how_it_begins_and_nothing_else(protocol: int) -> None:
    assert taken(protocol, 6) == WHOLE
    assert taken(protocol, 17) == 128
    extended = {0, 43, 44, 60} if protocol == IPV6 else set[int]()
    for number in range(256):
        if number not in (6, 17):
            assert taken(protocol, number) == (WHOLE if number in extended else 0)


def test_what_is_no_ip_is_not_taken() -> None:
    assert taken(ARP, 6) == 0


def test_of_loopback_what_arrives_is_taken_and_not_what_is_sent_as_well() -> None:
    assert taken(IPV4, 6, LOOPBACK, OUTGOING) == 0
    assert taken(IPV4, 6, LOOPBACK, TO_US) == WHOLE
    assert taken(IPV6, 17, ETHERNET, OUTGOING) == 128
