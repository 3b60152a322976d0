"""The options about the way to the server."""

from __future__ import annotations

import argparse
import os

from transom.cli.options.patience import rate_of, timeouts_of
from transom.errors import UsageError
from transom.transfer.client import ANY_HOST, ChannelFactory, Road
from transom.transfer.proxy import choose_proxy
from transom.wire.address import as_address

Channels = tuple[ChannelFactory | None, ChannelFactory | None]
"""Make TLS channels to who was named, and to where that leads."""


def add_way_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    group = parser.add_argument_group("the way there")
    group.add_argument("-L", "--location", action="store_true", help="go where redirects lead, 10 at most")
    group.add_argument(
        "--resolve",
        metavar="HOST:PORT:ADDRESS[,…]",
        action="append",
        default=[],
        help="HOST (or *, any) is at ADDRESS, whatever DNS says",
    )
    group.add_argument(
        "-x", "--proxy", metavar="URL", help="through this HTTP proxy: [http://][USER:PASSWORD@]HOST:PORT"
    )
    group.add_argument("--http1.1", dest="http11", action="store_true", help="HTTP/1.1 (what is spoken anyway)")


def road_of(options: argparse.Namespace, channels: Channels) -> Road:
    """How to get there, with nobody looking on; `channels` make what speaks TLS: with who was named, and elsewhere."""
    there, elsewhere = channels
    return Road(
        there,
        factory_elsewhere=elsewhere,
        timeouts=timeouts_of(options),
        rate=rate_of(options),
        addresses=dict(_addresses(text) for text in options.resolve),
        proxy=choose_proxy(options.proxy, os.environ),
    )


def _addresses(text: str) -> tuple[tuple[str, int], tuple[str, ...]]:
    """As curl has it; a `+` in front says there how long the entry is to hold, which for one command is no matter."""
    host, _, rest = text.removeprefix("+").partition(":")
    port, _, addresses = rest.partition(":")
    plain = tuple(address.removeprefix("[").removesuffix("]") for address in addresses.split(","))
    named = host and not host.startswith("-") and (host == ANY_HOST or "*" not in host)
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= 65535
    if not named or not is_port or None in map(as_address, plain):
        raise UsageError(
            "--resolve {text!r}: expected HOST:PORT:ADDRESS[,ADDRESS], such as files.example:443:127.0.0.1", text=text
        )
    return (host.lower(), int(port)), plain
