"""A packet socket's filter, played by the rules of classic BPF (linux/filter.h)."""

from __future__ import annotations

from collections.abc import Sequence

IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
LOOPBACK, ETHERNET = 772, 1
TO_US, OUTGOING = 0, 4


def taken(
    program: Sequence[tuple[int, int, int, int]],
    packet: bytes,
    protocol: int,
    hardware: int = ETHERNET,
    kind: int = TO_US,
) -> int:
    """Bytes that are taken of a packet, which begins with its network header."""
    known = {-0x1000: protocol, -0x1000 + 4: kind, -0x1000 + 28: hardware}
    at = accumulator = index = 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        match code:
            case 0x06:
                return value
            case 0x28 if value < 0:
                accumulator = known[value]
            case 0x28 | 0x48:
                place = value + (index if code == 0x48 else 0)
                if place + 2 > len(packet):
                    return 0  # as the kernel has it of what is not there
                accumulator = int.from_bytes(packet[place : place + 2])
            case 0x30:
                accumulator = packet[value]
            case 0xB1:
                index = 4 * (packet[value] & 15)
            case 0x01:
                index = value
            case 0x45:
                at += yes if accumulator & value else no
            case _:
                assert code == 0x15
                at += yes if accumulator == value else no
