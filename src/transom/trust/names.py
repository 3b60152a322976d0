"""The names of servers: the reference name a person asked for, and which names a certificate may speak for.

RFC 9525 rules: only subjectAltName counts, `*` stands for exactly one whole leftmost label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from cryptography import x509

from transom.wire.address import IPAddress, as_address

LONGEST_HOST_NAME = 253

_LABEL = "(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def reference_name(name: str) -> str:
    """The name to look for: an IPv6 zone and the final dot of a full DNS name are no part of it."""
    return name.partition("%")[0] if ":" in name else name.removesuffix(".")


def is_host_name(text: str) -> bool:
    """Can a certificate say this name? Letters, digits and hyphens in labels of up to 63 (RFC 1123 §2.1)."""
    return len(text) <= LONGEST_HOST_NAME and as_address(text) is None and _HOST_NAME.fullmatch(text) is not None


def name_matches(name: str, names: Sequence[str]) -> bool:
    """Is `name`, a reference name, among the names of a certificate?"""
    if address := as_address(name):
        return any(as_address(other) == address for other in names)
    return any(as_address(other) is None and _dns_matches(name.lower(), other.lower()) for other in names)


def outside_constraints(name: str, constraints: x509.NameConstraints) -> bool:
    """Does a CA with these constraints have no right to issue for `name`, a DNS name or an address?

    RFC 5280 §4.2.1.10: a kind of name with no permitted subtree of its kind is not limited by the permitted ones.
    """
    address = as_address(name)
    permitted = _subtrees_of_kind(constraints.permitted_subtrees, address)
    excluded = _subtrees_of_kind(constraints.excluded_subtrees, address)
    allowed = not permitted or any(_within(name, address, subtree) for subtree in permitted)
    return not allowed or any(_within(name, address, subtree) for subtree in excluded)


def _dns_matches(name: str, pattern: str) -> bool:
    if not pattern.startswith("*."):
        return name == pattern
    first, dot, parent = name.partition(".")
    return bool(first and dot) and parent == pattern.removeprefix("*.")


def _subtrees_of_kind(
    subtrees: Sequence[x509.GeneralName] | None, address: IPAddress | None
) -> list[x509.DNSName | x509.IPAddress]:
    kind = x509.DNSName if address is None else x509.IPAddress
    return [subtree for subtree in subtrees or () if isinstance(subtree, kind)]


def _within(name: str, address: IPAddress | None, subtree: x509.DNSName | x509.IPAddress) -> bool:
    if isinstance(subtree, x509.IPAddress):
        network = subtree.value
        return address is not None and isinstance(network, IPv4Network | IPv6Network) and address in network
    parent = subtree.value.lower().removeprefix(".")
    return not parent or name.lower() == parent or name.lower().endswith(f".{parent}")
