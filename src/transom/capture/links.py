"""From a captured frame to its IP packet: the link types of tcpdump.org/linktypes.html that carry TCP on Linux,
macOS and Windows, each for all packets of a window at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from transom.capture.window import Column, Fields, Window

_ETHERTYPE_IPV4 = 0x0800
_ETHERTYPE_IPV6 = 0x86DD
_VLAN_TAGS = (0x8100, 0x88A8, 0x9100)
_MAX_VLAN_TAGS = 8
_AF_INET = 2
_AF_INET6 = (10, 24, 28, 30)  # Linux, NetBSD and OpenBSD, FreeBSD, macOS

Located = tuple["Column", "Column"]
"""Where the network layer begins, and the IP version there: 4, 6, or 0 for anything else."""


def network_layer(fields: Fields, window: Window) -> Located:
    """Finds the IP header of every packet; the version is 0 where the link type is not supported either."""
    start = window.offset.copy()
    version = np.zeros_like(start)
    for link_type, (_, locate) in _LINKS.items():
        rows = np.flatnonzero(window.link_type == link_type)
        if len(rows):
            start[rows], version[rows] = locate(fields, window.offset[rows])
    return start, version


def is_supported(link_type: int) -> bool:
    """Whether packets of this link type can be read."""
    return link_type in _LINKS


def link_type_name(link_type: int) -> str:
    """The name without its LINKTYPE_ prefix, or the number of one that is not supported."""
    return _LINKS[link_type][0] if link_type in _LINKS else str(link_type)


def _ethernet(fields: Fields, at: Column) -> Located:
    return _by_ethertype(fields, fields.u16(at + 12), at + 14)


def _linux_sll(fields: Fields, at: Column) -> Located:
    return _by_ethertype(fields, fields.u16(at + 14), at + 16)


def _linux_sll2(fields: Fields, at: Column) -> Located:
    return _by_ethertype(fields, fields.u16(at), at + 20)


def _by_ethertype(fields: Fields, ethertype: Column, start: Column) -> Located:
    """VLAN tags are stepped over: each is two bytes of tag and the EtherType of what follows (IEEE 802.1Q)."""
    for _ in range(_MAX_VLAN_TAGS):
        tagged = np.isin(ethertype, _VLAN_TAGS)
        if not tagged.any():
            break
        ethertype = np.where(tagged, fields.u16(start + 2), ethertype)
        start = start + 4 * tagged
    version = np.where(ethertype == _ETHERTYPE_IPV4, 4, np.where(ethertype == _ETHERTYPE_IPV6, 6, 0))
    return start, version


def _null(fields: Fields, at: Column) -> Located:
    """The address family stands in the byte order of the machine that captured: whichever order makes it small."""
    low_first = fields.u8(at) | fields.u8(at + 1) << 8 | fields.u8(at + 2) << 16 | fields.u8(at + 3) << 24
    return at + 4, _by_family(np.minimum(low_first, fields.u32(at)))


def _loop(fields: Fields, at: Column) -> Located:
    return at + 4, _by_family(fields.u32(at))


def _by_family(family: Column) -> Column:
    return np.where(family == _AF_INET, 4, np.where(np.isin(family, _AF_INET6), 6, 0))


def _raw(fields: Fields, at: Column) -> Located:
    version = fields.u8(at) >> 4
    return at, np.where((version == 4) | (version == 6), version, 0)


def _ipv4(_: Fields, at: Column) -> Located:
    return at, np.full_like(at, 4)


def _ipv6(_: Fields, at: Column) -> Located:
    return at, np.full_like(at, 6)


_LINKS: dict[int, tuple[str, Callable[[Fields, Column], Located]]] = {
    0: ("NULL", _null),
    1: ("ETHERNET", _ethernet),
    12: ("RAW", _raw),
    14: ("RAW", _raw),
    101: ("RAW", _raw),
    108: ("LOOP", _loop),
    113: ("LINUX_SLL", _linux_sll),
    228: ("IPV4", _ipv4),
    229: ("IPV6", _ipv6),
    276: ("LINUX_SLL2", _linux_sll2),
}
