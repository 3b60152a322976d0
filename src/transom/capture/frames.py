"""Ethernet frames with IP and TCP in them, built from the bytes of a connection: header fields and checksums."""

from __future__ import annotations

import sys
from ipaddress import ip_address
from struct import Struct
from typing import TYPE_CHECKING

import numpy as np

from transom.capture.packets import SYN, TCP

if TYPE_CHECKING:
    from transom.wire.tap import Buffer, Endpoint

MAX_SEGMENT = 65483
"""Payload bytes that fit one IPv4 packet of 65,535 bytes, with room for twelve bytes of TCP options."""

_WINDOW_SHIFT = 14  # the largest there is (RFC 7323 §2.3): no rebuilt sender ever fills the window
_WINDOW = 0xFFFF
_SYN_OPTIONS = Struct(">BBHBBBB").pack(2, 4, MAX_SEGMENT, 1, 3, 3, _WINDOW_SHIFT)  # MSS, NOP, window scale
_HOP_LIMIT = 64
_DO_NOT_FRAGMENT = 0x4000

_IPV4 = Struct(">BxHHHBBH")
_IPV6 = Struct(">IHBB")
_TCP = Struct(">HHIIHHHxx")
_WORDS = Struct(">10H")


class Way:
    """One direction of one connection: what all its frames have in common is computed once."""

    def __init__(self, source: Endpoint, destination: Endpoint, ethernet: bytes) -> None:
        """`ethernet` are the two hardware addresses, destination first."""
        addresses = ip_address(source.address).packed + ip_address(destination.address).packed
        self._is_ipv4 = len(addresses) == 8
        self._ethernet = ethernet + (b"\x08\x00" if self._is_ipv4 else b"\x86\xdd")
        self._addresses = addresses
        self._ports = (source.port, destination.port)
        self._address_sum = words_sum(addresses)

    def header(self, sequence: int, acknowledgement: int, flags: int, payload: Buffer = b"") -> bytes:
        """All that stands before the payload of one frame; the numbers are taken modulo 2^32."""
        options = _SYN_OPTIONS if flags & SYN else b""
        tcp = self._tcp(sequence % 2**32, acknowledgement % 2**32, flags, options, payload)
        length = len(tcp) + len(payload)
        return self._ethernet + (self._ipv4(length) if self._is_ipv4 else self._ipv6(length)) + tcp

    def _tcp(self, sequence: int, acknowledgement: int, flags: int, options: bytes, payload: Buffer) -> bytes:
        """RFC 9293 §3.1; the checksum also covers a pseudo header of addresses, protocol and length."""
        size = _TCP.size + len(options)
        offset_and_flags = size // 4 << 12 | flags
        fields = (*self._ports, sequence, acknowledgement, offset_and_flags, _WINDOW)
        pseudo = self._address_sum + TCP + size + len(payload)
        words = sum(_WORDS.unpack(_TCP.pack(*fields, 0))) + words_sum(options) + words_sum(payload)
        return _TCP.pack(*fields, checksum(pseudo + words)) + options

    def _ipv4(self, length: int) -> bytes:
        """RFC 791 §3.1. An unfragmented packet needs no identification (RFC 6864 §4.1)."""
        total = 20 + length
        fields = (0x45, total, 0, _DO_NOT_FRAGMENT, _HOP_LIMIT, TCP)
        words = words_sum(_IPV4.pack(*fields, 0)) + self._address_sum
        return _IPV4.pack(*fields, checksum(words)) + self._addresses

    def _ipv6(self, length: int) -> bytes:
        """RFC 8200 §3."""
        return _IPV6.pack(6 << 28, length, TCP, _HOP_LIMIT) + self._addresses


def words_sum(data: Buffer) -> int:
    """The sum of the big-endian 16-bit words of `data`, an odd last byte filled up with zero, modulo 65,535."""
    if not data:
        return 0
    even = len(data) & ~1
    total = int(np.frombuffer(data, np.uint16, even // 2).sum(dtype=np.uint64))
    # One's complement sums may be made in either byte order, and swapped at the end (RFC 1071 §2.B).
    total %= 0xFFFF
    if sys.byteorder == "little":
        total = total >> 8 | (total & 0xFF) << 8
    return total + (data[even] << 8 if even < len(data) else 0)


def checksum(words: int) -> int:
    """The Internet checksum (RFC 1071) of a sum of 16-bit words, which are not all zero."""
    return -words % 0xFFFF
