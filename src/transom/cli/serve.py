"""Hand out a folder or one file over HTTPS: by default on 127.0.0.1:8443, with a certificate from your local CA."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from transom.channel.interface import Channel
from transom.channel.own_tls import OwnTlsChannel
from transom.cli.home import open_local_ca, owner
from transom.cli.lookers import Lookers
from transom.cli.terminal import Terminal
from transom.cli.words import Words, choose_language, words
from transom.errors import UsageError
from transom.tls.config import KeyLogWriter, ServerConfig
from transom.transfer.access_log import Access
from transom.transfer.serve import Server, run_server
from transom.transfer.site import Site
from transom.trust.identity import Identity, load_identity
from transom.wire.escape import escape
from transom.wire.tap import Endpoint

EXAMPLES = """examples:
  transom serve .
  transom serve --port 0 --http-port 0 big.iso
  transom serve --tls-cert cert.pem --tls-key key.pem --bind 0.0.0.0 /srv/files
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.epilog = EXAMPLES
    parser.add_argument("path", metavar="PATH", type=Path, help="the folder, or the one file")
    parser.add_argument("-b", "--bind", metavar="ADDRESS", default="127.0.0.1", help="(default: 127.0.0.1)")
    parser.add_argument(
        "-p", "--port", metavar="PORT", type=_port, default=8443, help="HTTPS; 0 takes a free one (8443)"
    )
    parser.add_argument("--http-port", metavar="PORT", type=_port, help="plain HTTP as well; 0 takes a free one")
    parser.add_argument("--upload", action="store_true", help="take files by PUT, never over another one")
    parser.add_argument("-q", "--quiet", action="store_true", help="no access log")
    parser.add_argument("--lang", metavar="LANG", help="en or ko (default: by the locale)")
    tls = parser.add_argument_group("TLS")
    tls.add_argument("--tls-cert", metavar="FILE", type=Path, help="the certificate chain (PEM), leaf first")
    tls.add_argument("--tls-key", metavar="FILE", type=Path, help="its private key (PEM)")
    tls.add_argument("--trace", metavar="FILE", type=Path, help="leave a pcapng of every connection, keys included")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    text = words(choose_language(options.lang, os.environ))
    identity = _identity(options)
    lookers = Lookers.by_environment(options.trace)
    channels = _channels(identity, lookers.keylog(wanted=False))

    async def start() -> Server:
        site = Site(options.path, upload=options.upload)
        server = Server(site, log=None if options.quiet else _print_log_line)
        https = await server.listen(options.bind, options.port, channels, lookers.traced)
        http: tuple[Endpoint, ...] = ()
        if options.http_port is not None:
            http = await server.listen(options.bind, options.http_port, tap_factory=lookers.traced)
        _announce(options, text, identity, https, http)
        return server

    try:
        run_server(start)
    finally:
        lookers.close()
    return 0


def _identity(options: argparse.Namespace) -> Identity:
    if (options.tls_cert is None) != (options.tls_key is None):
        given, missing = ("--tls-cert", "--tls-key") if options.tls_key is None else ("--tls-key", "--tls-cert")
        raise UsageError(f"{given} needs {missing} as well")
    if options.tls_cert is not None:
        return load_identity(options.tls_cert, options.tls_key)
    return open_local_ca().issue(_names(options.bind), datetime.now(UTC))


def _names(bind: str) -> list[str]:
    """What the leaf is for: this machine's names, and the address it is reached at."""
    names = ["localhost", "127.0.0.1", "::1", owner().host]
    try:
        address = ip_address(bind)
    except ValueError:
        return [*names, bind] if bind not in names else names
    if not address.is_unspecified and str(address) not in names:
        names.append(str(address))
    return names


def _channels(identity: Identity, keylog: KeyLogWriter | None) -> Callable[[], Channel]:
    config = ServerConfig(identities=(identity,), alpn=("http/1.1",), keylog=keylog)
    return lambda: OwnTlsChannel.server(config)


def _announce(
    options: argparse.Namespace,
    text: Words,
    identity: Identity,
    https: tuple[Endpoint, ...],
    http: tuple[Endpoint, ...],
) -> None:
    terminal = Terminal.on(sys.stdout, os.environ)
    terminal.line(text.say("serve.here", what=escape(str(options.path))))
    urls = [f"https://{_shown(endpoint)}/" for endpoint in https] + [f"http://{_shown(endpoint)}/" for endpoint in http]
    for url in urls:
        terminal.line(f"  {url}")
    if all(ip_address(endpoint.address).is_loopback for endpoint in https):
        terminal.line(text.say("serve.only_here", command=f"transom serve --bind 0.0.0.0 {escape(str(options.path))}"))
    if https:
        terminal.line(text.say("serve.trust"))
        terminal.line(f"  transom get --pin {identity.pin} {urls[0]}…")
    terminal.line(text.say("serve.stop"))
    sys.stdout.flush()  # through a pipe too: whoever started us reads the ports here


def _shown(endpoint: Endpoint) -> str:
    """The name people type: the leaf is for it, and for the address too."""
    return f"localhost:{endpoint.port}" if ip_address(endpoint.address).is_loopback else str(endpoint)


def _print_log_line(access: Access) -> None:
    with suppress(OSError):  # a log that nobody reads any more is no reason to serve nobody
        print(access, file=sys.stderr, flush=True)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port: expected 0 to 65535")
    return number
