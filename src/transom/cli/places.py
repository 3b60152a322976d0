"""Where `serve` listens, and under which names it is reached there."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network

from transom.cli.home import owner
from transom.errors import Sentence, UsageError
from transom.net.addresses import Address, machine_addresses
from transom.trust.issue import PRIVATE_NETWORKS
from transom.value import value
from transom.wire.address import as_address
from transom.wire.tap import Endpoint

_NETWORKS = [ip_network(network) for network in PRIVATE_NETWORKS]


@value
class Places:
    """`hosts` are listened on, addresses or names; `public` are addresses of this machine that are not."""

    hosts: tuple[str, ...]
    public: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """What a leaf is to be for: this machine's names, and the addresses it is reached at."""
        names = ["localhost", "127.0.0.1", "::1", owner().host]
        for host in self.hosts:
            address = as_address(host)
            if address and address.is_unspecified:
                names += [str(each) for each in _reached_at(address) if _is_private(each) and str(each) not in names]
            elif (name := str(address) if address else host) not in names:
                names.append(name)
        return names

    @property
    def only_here(self) -> bool:
        """Whether no other machine can reach any of them."""
        return all(_is_loopback(host) for host in self.hosts)


def reached_at(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Where somebody reaches these that are listened at: "every address" is none that can be typed."""
    found: list[Endpoint] = []
    for endpoint in endpoints:
        address = as_address(endpoint.address)
        if address is None or not address.is_unspecified:
            found.append(endpoint)
            continue
        loopback = "::1" if address.version == 6 else "127.0.0.1"
        found += [Endpoint(each, endpoint.port) for each in (loopback, *map(str, _reached_at(address)))]
    return found


def _reached_at(unspecified: Address) -> list[Address]:
    """This machine's addresses of that version."""
    return [address for address in machine_addresses() if address.version == unspecified.version]


def on_the_lan(addresses: Sequence[Address] | None = None) -> Places:
    """Loopback, and this machine's addresses in private networks: the local CA may certify those, and no others.

    A public address is no LAN, though it may stand beside one on the same card. Raises UsageError when there is no
    private one.
    """
    addresses = machine_addresses() if addresses is None else addresses
    private = tuple(str(address) for address in addresses if _is_private(address))
    public = tuple(str(address) for address in addresses if not _is_private(address))
    if not private:
        others = Sentence("only {addresses}", addresses=", ".join(public)) if public else Sentence("none but loopback")
        raise UsageError(
            "--lan: this machine has no private address, {others}; --bind names one to serve at", others=others
        )
    return Places(("127.0.0.1", *private), public)


def _is_private(address: Address) -> bool:
    return any(address in network for network in _NETWORKS if network.version == address.version)


def _is_loopback(host: str) -> bool:
    address = as_address(host)
    return host == "localhost" if address is None else address.is_loopback
