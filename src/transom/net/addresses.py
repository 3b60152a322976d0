"""The addresses at which other machines reach this one."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

Address = IPv4Address | IPv6Address

_FIB_TRIE = Path("/proc/net/fib_trie")
_IF_INET6 = Path("/proc/net/if_inet6")

_LOCAL = re.compile(r"\|-- (\S+)\n\s*/32 host LOCAL")

_TENTATIVE, _DAD_FAILED = 0x40, 0x08  # IFA_F_TENTATIVE, IFA_F_DADFAILED: nobody can listen there, yet or at all

_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses for documentation (RFC 5737, RFC 3849), which no machine has."""


def machine_addresses() -> tuple[Address, ...]:
    """This machine's unicast addresses, IPv4 before IPv6, without its loopback ones.

    Nor with IPv6 link-local ones: those mean nothing without a zone, which no URL of a browser has. On Linux all that
    its interfaces have, elsewhere those that its name stands for and those it would send from.
    """
    found = list(_of_interfaces()) or [*_of_name(), *_of_routes()]
    usable = {address for address in map(ip_address, found) if _is_reached_by_others(address)}
    return tuple(sorted(usable, key=lambda address: (address.version, int(address))))


def ipv4_in_fib_trie(text: str) -> list[str]:
    """The machine's own addresses in Linux's table of IPv4 routes; each stands there once or twice."""
    return _LOCAL.findall(text)


def ipv6_in_if_inet6(text: str) -> list[str]:
    """The addresses in Linux's table of IPv6 interfaces (address, index, prefix, scope, flags, name; all in hex)."""
    rows = (line.split() for line in text.splitlines())
    return [
        str(IPv6Address(int(address, 16)))
        for address, _, _, _, flags, _ in rows
        if not int(flags, 16) & (_TENTATIVE | _DAD_FAILED)
    ]


def _of_interfaces() -> Iterator[str]:
    with suppress(OSError):
        yield from ipv4_in_fib_trie(_FIB_TRIE.read_text("ascii"))
    with suppress(OSError):
        yield from ipv6_in_if_inet6(_IF_INET6.read_text("ascii"))


def _of_name() -> Iterable[str]:
    with suppress(OSError):
        return [str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None)]
    return []


def _of_routes() -> Iterator[str]:
    """What this machine would send from: to connect a UDP socket chooses that, and sends nothing."""
    for family, elsewhere in _ELSEWHERE:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as unsent:
            unsent.connect((elsewhere, 9))
            yield str(unsent.getsockname()[0])


def _is_reached_by_others(address: Address) -> bool:
    link_local = address.version == 6 and address.is_link_local
    return not (address.is_loopback or address.is_unspecified or address.is_multicast or link_local)
