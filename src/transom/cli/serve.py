"""Hand out a folder or one file over HTTPS: by default on 127.0.0.1:8443, with a certificate from your local CA."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from transom.channel.interface import Channel
from transom.channel.own_tls import OwnTlsChannel
from transom.cli.announcement import announce
from transom.cli.home import ca_folder, open_local_ca
from transom.cli.lookers import looked_on
from transom.cli.options.accounts import accounts_of, refuse_in_the_clear
from transom.cli.options.file_name import file_name
from transom.cli.options.sizes import size
from transom.cli.options.tls import add_engine_option
from transom.cli.places import Places, on_the_lan
from transom.cli.serving import Offer, serve, taken_ports
from transom.cli.show.terminal import Terminal
from transom.cli.words import Words, choose_language, words
from transom.errors import UsageError
from transom.net.descriptors import room_for
from transom.net.listen import MOST_CONNECTIONS
from transom.tls.config import KeyLogWriter, ServerConfig
from transom.tls.record.sealing_room import SealingRooms
from transom.transfer.access_log import Access
from transom.transfer.accounts import Accounts
from transom.transfer.limits import ServerLimits
from transom.transfer.site import Site
from transom.trust.checks import Moment, check_dates
from transom.trust.identity import Identity, load_identity
from transom.trust.local_root import CERTIFICATE_FILE
from transom.trust.verdict import Finding
from transom.wire.escape import escape
from transom.wire.tap import Endpoint

MOST_WORKERS = 256
"""More than the processors of any machine that files are handed out from; each has its sockets before one serves."""

EXAMPLES = """examples:
  transom serve .
  transom serve --lan big.iso
  transom serve --port 0 --http-port 0 big.iso
  transom serve --tls-cert cert.pem --tls-key key.pem --auth-file accounts /srv
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.epilog = EXAMPLES
    parser.add_argument("path", metavar="PATH", type=named, help="the folder, or the one file")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "-b", "--bind", metavar="ADDRESS", default="127.0.0.1", help="the address or host name to listen on (127.0.0.1)"
    )
    where.add_argument(
        "--lan", action="store_true", help="on all private addresses of this machine, and say how to ask"
    )
    parser.add_argument(
        "-p", "--port", metavar="PORT", type=port, default=8443, help="HTTPS; 0 takes a free one (8443)"
    )
    parser.add_argument("--http-port", metavar="PORT", type=port, help="plain HTTP as well; 0 takes a free one")
    parser.add_argument("--workers", metavar="N", type=count, default=1, help="so many processes share the ports (1)")
    parser.add_argument(
        "--max-connections", metavar="N", type=count, help=f"so many at a time for each worker ({MOST_CONNECTIONS})"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no access log")
    parser.add_argument("--lang", metavar="LANG", help="en or ko (default: by the locale)")
    uploads = parser.add_argument_group("uploads")
    uploads.add_argument("--upload", action="store_true", help="take files by PUT, never over another one")
    uploads.add_argument("--overwrite", action="store_true", help="with --upload: over another one too")
    uploads.add_argument(
        "--max-upload", metavar="SIZE", type=size, help="with --upload: the largest file, as 500M or 2G"
    )
    who = parser.add_argument_group("who may come in (and TRANSOM_AUTH=USER:PASSWORD)")
    who.add_argument("-a", "--auth", metavar="USER:PASSWORD", help="this account; whoever lists processes reads it")
    who.add_argument(
        "--auth-file", metavar="FILE", type=file_name, help="lines of user:password, in a file of mode 0600"
    )
    add_engine_option(parser)
    tls = parser.add_argument_group("TLS")
    tls.add_argument("--tls-cert", metavar="FILE", type=file_name, help="the certificate chain (PEM), leaf first")
    tls.add_argument("--tls-key", metavar="FILE", type=file_name, help="its private key (PEM)")
    look = parser.add_argument_group("looking on")
    look.add_argument("--view", action="store_true", help="show the page, which fills with every connection")
    look.add_argument(
        "--trace", metavar="FILE", type=file_name, help="leave a pcapng of every connection, keys included"
    )


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    text = words(choose_language(options.lang, os.environ))
    _check(options)
    limits = ServerLimits.holding(_connections(options))
    places = on_the_lan() if options.lan else Places((options.bind,))
    accounts = accounts_of(options, os.environ)
    site = _site(options, places, accounts)
    identity = _identity(options, places)
    _note(options, text, places, identity)

    def say(https: Sequence[Endpoint], http: Sequence[Endpoint]) -> None:
        ca = ca_folder() / CERTIFICATE_FILE if options.tls_cert is None else None
        users = accounts.users if accounts is not None else ()
        terminal = Terminal.on(sys.stdout, os.environ)
        announce(terminal, text, options.path, identity, https, http, ca, users, upload=options.upload)
        sys.stdout.flush()  # through a pipe too: whoever started us reads the ports here

    def broke(code: int, left: int) -> None:
        how = signal.Signals(-code).name if code < 0 else text.say("serve.worker_code", code=code)
        told = text.say("serve.worker_broke", how=how, left=left, count=options.workers)
        with suppress(OSError):  # as of the log
            Terminal.on(sys.stderr, os.environ).line(told)

    log = None if options.quiet else _print_log_line
    name = f"serve {options.path.resolve().name}"
    with (
        looked_on(options, text, name, stays=False) as lookers,
        taken_ports(places.hosts, options.port, options.http_port, options.workers) as ports,
    ):
        channels = _channels(options.tls, identity, lookers.keylog(wanted=False))
        serve(Offer(site, channels, lookers.traced, log, limits), ports, say, broke)
    return 0


def _check(options: argparse.Namespace) -> None:
    """What cannot be together."""
    if (options.tls_cert is None) != (options.tls_key is None):
        given, missing = ("--tls-cert", "--tls-key") if options.tls_key is None else ("--tls-key", "--tls-cert")
        raise UsageError("{given} needs {missing} as well", given=given, missing=missing)
    if not options.upload and (options.overwrite or options.max_upload is not None):
        raise UsageError(
            "{option} needs --upload as well", option="--overwrite" if options.overwrite else "--max-upload"
        )
    if not options.bind:
        raise UsageError("--bind '': expected an address or a host name, such as 127.0.0.1")
    if options.workers > MOST_WORKERS:
        raise UsageError("--workers {given}: expected {most} at most", given=options.workers, most=MOST_WORKERS)
    if options.http_port and options.http_port == options.port:
        raise UsageError("--port and --http-port are both {port}: HTTPS and HTTP need one each", port=str(options.port))
    if options.workers > 1 and (options.trace is not None or options.view):
        option = "--trace" if options.trace is not None else "--view"
        raise UsageError("{option} is of one file, which several --workers cannot write", option=option)


def _connections(options: argparse.Namespace) -> int:
    """How many a worker takes at a time: as many as were asked for, or else as there is room for."""
    wanted = options.max_connections or MOST_CONNECTIONS
    room = room_for(wanted)
    if options.max_connections is not None and room < wanted:
        raise UsageError(
            "--max-connections {wanted}: the system lets a process hold {room} (ulimit -Hn)", wanted=wanted, room=room
        )
    return max(min(wanted, room), 1)


def _site(options: argparse.Namespace, places: Places, accounts: Accounts | None) -> Site:
    if accounts is not None and options.http_port is not None:
        refuse_in_the_clear(places)
    return Site(
        options.path,
        upload=options.upload,
        overwrite=options.overwrite,
        max_upload=options.max_upload,
        accounts=accounts,
    )


def _note(options: argparse.Namespace, text: Words, places: Places, identity: Identity) -> None:
    notes = Terminal.on(sys.stderr, os.environ)
    if options.auth is not None:
        notes.line(text.say("serve.argv"))
    if places.public:
        notes.line(text.say("serve.public", addresses=", ".join(places.public)))
    if options.tls_cert is not None and (finding := _outside_its_dates(identity)):
        problem = text.say(f"problem.{finding.code}", **finding.parts)
        notes.line(text.say("serve.dates", file=escape(str(options.tls_cert)), problem=problem))


def _outside_its_dates(identity: Identity) -> Finding | None:
    return check_dates(identity.leaf, Moment(datetime.now(UTC), live=True)).finding


def _identity(options: argparse.Namespace, places: Places) -> Identity:
    if options.tls_cert is not None:
        return load_identity(options.tls_cert, options.tls_key)
    ca = open_local_ca()
    try:
        return ca.issue(places.names, datetime.now(UTC))
    except UsageError as error:
        raise UsageError("{error}; --tls-cert and --tls-key give a certificate for another", error=error) from error


def _channels(engine: str, identity: Identity, keylog: KeyLogWriter | None) -> Callable[[], Channel]:
    config = ServerConfig(identities=(identity,), alpn=("http/1.1",), keylog=keylog)
    if engine == "transom":
        rooms = SealingRooms()
        return lambda: OwnTlsChannel.server(config, rooms)
    from transom.channel.openssl import OpenSslChannel, OpenSslContext

    context = OpenSslContext.server(config)
    return lambda: OpenSslChannel(context, config, None)


def _print_log_line(access: Access) -> None:
    with suppress(OSError):  # a log that nobody reads any more is no reason to serve nobody
        print(access, file=sys.stderr, flush=True)


def named(text: str) -> Path:
    """For argparse: an empty name, of a variable that is not set say, would be this folder."""
    if not text:
        raise argparse.ArgumentTypeError("'' names nothing: expected a folder or a file, such as .")
    return Path(text)


def port(text: str) -> int:
    """For argparse, which says `invalid port value` of what is no number."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port: expected 0 to 65535")
    return number


def count(text: str) -> int:
    """For argparse, as `port` is."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} serve nobody: expected 1 or more")
    return number
