"""What the kernel drops of the packets on this machine's interfaces, before they are copied: classic BPF.

Standard library alone: `run.keeper` has nothing else. A program is instructions of struct sock_filter: code, jump if
true, jump if false, value (linux/filter.h).
"""

from __future__ import annotations

import ctypes
import socket
from collections.abc import Collection, Sequence
from struct import Struct

MOST_PORTS = 64
"""Beyond so many all TCP is taken: each port costs a packet of others two comparisons, and a jump has 8 bits."""

Instruction = tuple[int, int, int, int]

_IPV4, _IPV6 = 0x0800, 0x86DD
_OUTGOING = 4
"""The type of a packet that this machine sends (PACKET_OUTGOING of packet(7))."""

_LOOPBACK = 772
"""The kind of device (ARPHRD_LOOPBACK) on which every packet is seen twice: when it is sent and when it arrives."""

_ABOUT = -0x1000  # SKF_AD_OFF: what the kernel knows of a packet, in place of its bytes
_PROTOCOL, _TYPE, _HARDWARE = _ABOUT, _ABOUT + 4, _ABOUT + 28
_IPV4_FRAGMENT, _IPV4_PROTOCOL, _IPV6_NEXT, _IPV6_LENGTH = 6, 9, 6, 40
"""Where the header says what is in the packet, and how long that of IPv6 is (RFC 791 §3.1, RFC 8200 §3)."""

_IS_FRAGMENT = 0x3FFF
"""More fragments, or an offset (RFC 791 §3.1). No fragment is asked for its ports: all but the first have none."""

_SOURCE, _DESTINATION = 0, 2
"""Where TCP has its ports (RFC 9293 §3.1)."""

_TCP, _UDP = 6, 17
_EXTENDED = (0, 43, 44, 60)
"""Of IPv6, headers that may have TCP or UDP behind them: hop-by-hop options, routing, fragment, destination options."""

_WHOLE, _OF_UDP = 0xFFFFFFFF, 128
"""Bytes that are taken of a packet. UDP is counted alone: of it the headers and how the payload begins."""

_LOAD, _LOAD_BYTE, _LOAD_BEHIND = 0x28, 0x30, 0x48  # BPF_LD with BPF_H|BPF_ABS, BPF_B|BPF_ABS, BPF_H|BPF_IND
_IPV4_LENGTH, _LENGTH = 0xB1, 0x01  # BPF_LDX with BPF_B|BPF_MSH, BPF_IMM
_EQUALS, _HAS, _RETURN = 0x15, 0x45, 0x06  # BPF_JMP with BPF_JEQ, BPF_JSET; BPF_RET
_SO_ATTACH_FILTER = 26

INSTRUCTION = Struct("=HBBI")

_Line = str | tuple[int, int] | tuple[int, int, str, str]
"""A label; or code and value, and of a jump the labels to go to if true and if false ("": to what comes next)."""

_IP: tuple[_Line, ...] = (
    (_LOAD, _HARDWARE),
    (_EQUALS, _LOOPBACK, "", "once"),
    (_LOAD, _TYPE),
    (_EQUALS, _OUTGOING, "drop", ""),
    "once",
    (_LOAD, _PROTOCOL),
    (_EQUALS, _IPV4, "", "not IPv4"),
    (_LOAD_BYTE, _IPV4_PROTOCOL),
    (_EQUALS, _TCP, "TCP over IPv4", "not TCP"),
    "not IPv4",
    (_EQUALS, _IPV6, "", "drop"),
    (_LOAD_BYTE, _IPV6_NEXT),
    *((_EQUALS, number, "take", "") for number in _EXTENDED),
    (_EQUALS, _TCP, "TCP over IPv6", ""),
    "not TCP",
    (_EQUALS, _UDP, "", "drop"),
    (_RETURN, _OF_UDP),
)
"""Of loopback only what arrives; UDP over IPv4 and IPv6; and TCP, which the lines below judge."""

_END: tuple[_Line, ...] = ("drop", (_RETURN, 0), "take", (_RETURN, _WHOLE))


def instructions(ports: Collection[int] | None = None) -> list[Instruction]:
    """Take TCP from and to these ports, all TCP if None; of each UDP datagram how it begins; and nothing else."""
    if ports is None or len(ports) > MOST_PORTS:
        return _assembled((*_IP, "TCP over IPv4", "TCP over IPv6", (_RETURN, _WHOLE), *_END))
    return _assembled(
        (
            *_IP,
            "TCP over IPv4",
            (_LOAD, _IPV4_FRAGMENT),
            (_HAS, _IS_FRAGMENT, "take", ""),
            (_IPV4_LENGTH, 0),
            (_EQUALS, 0, "ports", "ports"),  # whatever it is
            "TCP over IPv6",
            (_LENGTH, _IPV6_LENGTH),
            "ports",
            (_LOAD_BEHIND, _SOURCE),
            *((_EQUALS, port, "take", "") for port in sorted(ports)),
            (_LOAD_BEHIND, _DESTINATION),
            *((_EQUALS, port, "take", "") for port in sorted(ports)),
            *_END,
        )
    )


def attach(there: socket.socket, ports: Collection[int] | None = None) -> None:
    """Put `instructions` before a packet socket of datagrams, in the place of what was there. Raises OSError."""
    listed = instructions(ports)
    program = b"".join(INSTRUCTION.pack(code, yes, no, number & 0xFFFFFFFF) for code, yes, no, number in listed)
    kept = ctypes.create_string_buffer(program, len(program))
    pointer = Struct("@HP").pack(len(listed), ctypes.addressof(kept))  # struct sock_fprog
    there.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)


def _assembled(lines: Sequence[_Line]) -> list[Instruction]:
    places: dict[str, int] = {}
    rows: list[tuple[int, int] | tuple[int, int, str, str]] = []
    for line in lines:
        if isinstance(line, str):
            places[line] = len(rows)
        else:
            rows.append(line)
    found: list[Instruction] = []
    for at, (code, number, *labels) in enumerate(rows, 1):
        yes, no = (places[label] - at if label else 0 for label in (labels or ("", "")))
        found.append((code, yes, no, number))
    return found
