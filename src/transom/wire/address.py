"""IP addresses as people type them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

IPAddress = IPv4Address | IPv6Address


def as_address(name: str) -> IPAddress | None:
    """The IP address this text is, or None for a DNS name."""
    try:
        return ip_address(name)
    except ValueError:
        return None
