"""The TLS options that several sub-commands share, named as curl names them. What they come to is in `cli.channels`.

Nothing of TLS is imported here: a download over plain HTTP has these options too.
"""

from __future__ import annotations

import argparse

from transom.cli.options.file_name import file_name
from transom.cli.options.identity import add_identity_options

ENGINES = ("openssl", "transom")
"""OpenSSL first, until our own engine has been through BoringSSL's test suite: see docs/decisions."""

MAXIMA = ("1.2", "1.3", "default")


def add_client_options(parser: argparse.ArgumentParser) -> None:
    """Trust and TLS, as curl spells them."""
    trust = parser.add_argument_group("trust")
    trust.add_argument("--cacert", metavar="FILE", type=file_name, help="trust the certificates in FILE (PEM) as well")
    trust.add_argument("--pin", metavar="PINS", help="trust a server by its key alone: sha256//BASE64[;sha256//…]")
    trust.add_argument("--pinnedpubkey", metavar="PINS", help="the server's key must be this one, besides all else")
    trust.add_argument("-k", "--insecure", action="store_true", help="do not ask who the server is")
    add_identity_options(parser)
    add_engine_option(parser)
    tls = parser.add_argument_group("TLS")
    tls.add_argument("--tlsv1.2", dest="tls12", action="store_true", help="TLS 1.2 or later (the default)")
    tls.add_argument("--tlsv1.3", dest="tls13", action="store_true", help="TLS 1.3 or later")
    tls.add_argument("--tls-max", metavar="VERSION", choices=MAXIMA, default="default", help="1.2 or 1.3 at most")
    tls.add_argument("--ciphers", metavar="LIST", help="cipher suites by IANA name, in order, separated by ':' or ','")
    tls.add_argument("--curves", metavar="LIST", help="groups for the key exchange, in order: X25519, P-256, P-384")


def has_tls_options(options: argparse.Namespace) -> bool:
    """Whether something was said that is to be judged even if TLS turns out not to be spoken."""
    said = (options.pin, options.pinnedpubkey, options.cert, options.key, options.ciphers, options.curves)
    return any(word is not None for word in said) or options.tls13


def add_engine_option(parser: argparse.ArgumentParser) -> None:
    """Who speaks TLS."""
    parser.add_argument(
        "--tls",
        metavar="ENGINE",
        choices=ENGINES,
        default=ENGINES[0],
        help="who speaks TLS: openssl (the default) or transom",
    )
