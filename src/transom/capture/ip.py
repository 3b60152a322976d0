"""IPv4 (RFC 791) and IPv6 (RFC 8200) headers of all packets of a window at once: as far as the transport header."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from transom.value import value

if TYPE_CHECKING:
    from transom.capture.window import Column, Fields, Mask, Octets

_IPV4_HEADER = 20
_IPV6_HEADER = 40
_MORE_FRAGMENTS_OR_OFFSET = 0x3FFF

_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
_EXTENSION_HEADERS = (_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION)
_MAX_EXTENSION_HEADERS = 8


class Fate(IntEnum):
    """What became of a packet on the way up the layers."""

    OTHER = 0  # no IP, or a transport nobody asks for
    READ = 1
    CUT = 2  # its headers were not captured whole
    FRAGMENT = 3
    MALFORMED = 4


@value
class Datagrams:
    """What the IP headers say. `end` is where the payload ends by its own account, perhaps beyond what was captured."""

    fate: Column
    protocol: Column
    transport: Column
    end: Column
    addresses: Octets
    """Source and destination, sixteen bytes each; an IPv4 address stands in the first four."""


def ipv4(fields: Fields, at: Column, captured_end: Column, frame_end: Column) -> Datagrams:
    """Packets whose IPv4 headers begin at `at`; the frames end at `frame_end`, captured up to `captured_end`."""
    header = (fields.u8(at) & 0x0F) * 4
    total = fields.u16(at + 2)
    # The total length is 0 when the network card was left to cut up a larger packet (TSO): it ends with the frame.
    end = np.where(total == 0, frame_end, at + total)
    malformed = (fields.u8(at) >> 4 != 4) | (header < _IPV4_HEADER) | (end < at + header)
    fragment = fields.u16(at + 6) & _MORE_FRAGMENTS_OR_OFFSET != 0
    addresses = np.zeros((len(at), 32), np.uint8)
    addresses[:, 0:4] = fields.octets(at + 12, 4)
    addresses[:, 16:20] = fields.octets(at + 16, 4)
    fate = _fate(at + _IPV4_HEADER > captured_end, malformed, fragment)
    return Datagrams(fate, fields.u8(at + 9), at + header, end, addresses)


def ipv6(fields: Fields, at: Column, captured_end: Column, frame_end: Column) -> Datagrams:
    """The same for IPv6; extension headers are stepped over, up to eight of them."""
    length = fields.u16(at + 4)
    end = np.where(length == 0, frame_end, at + _IPV6_HEADER + length)
    protocol, transport, fragment = _extension_headers(fields, fields.u8(at + 6), at + _IPV6_HEADER)
    malformed = (fields.u8(at) >> 4 != 6) | (end < transport)
    fate = _fate(at + _IPV6_HEADER > captured_end, malformed, fragment)
    return Datagrams(fate, protocol, transport, end, fields.octets(at + 8, 32))


def _extension_headers(fields: Fields, protocol: Column, at: Column) -> tuple[Column, Column, Mask]:
    """The transport protocol, where its header begins, and whether this is one fragment of several (§4.5)."""
    fragment = np.zeros(len(at), np.bool_)
    for _ in range(_MAX_EXTENSION_HEADERS):
        present = np.isin(protocol, _EXTENSION_HEADERS)
        if not present.any():
            break
        fragmenting = protocol == _FRAGMENT
        fragment |= fragmenting & (fields.u16(at + 2) & 0xFFF9 != 0)
        units = fields.u8(at + 1)
        size = np.where(protocol == _AUTHENTICATION, (units + 2) * 4, (units + 1) * 8)
        size = np.where(fragmenting, 8, size)
        protocol = np.where(present, fields.u8(at), protocol)
        at = np.where(present, at + size, at)
    return protocol, at, fragment


def _fate(cut: Mask, malformed: Mask, fragment: Mask) -> Column:
    return np.select([cut, malformed, fragment], [Fate.CUT, Fate.MALFORMED, Fate.FRAGMENT], Fate.READ)
