"""The client certificate: who the user is by a key, shown to a server that asks (curl's --cert and --key)."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.options.asking import ask_password
from transom.cli.options.file_name import file_name
from transom.errors import TransferError, UsageError

if TYPE_CHECKING:
    from transom.trust.identity import Identity

KEY_PASSWORD_VARIABLE = "TRANSOM_KEY_PASSWORD"  # noqa: S105  (the name of the variable, not what is in it)

LOCAL_CERTIFICATE = 58
"""curl's exit code for a certificate of one's own that cannot be used."""


def add_identity_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    group = parser.add_argument_group("client certificate")
    group.add_argument(
        "-E", "--cert", metavar="FILE", type=file_name, help="who you are: a certificate chain (PEM), leaf first"
    )
    group.add_argument(
        "--key", metavar="FILE", type=file_name, help="its private key (PEM), if that is not in the same file"
    )


def identity_of(options: argparse.Namespace) -> Identity | None:
    """Who the user says they are, None when they do not.

    Raises UsageError for what cannot be together, TransferError for files that cannot be used: better now than in the
    midst of a handshake.
    """
    if options.cert is None:
        if options.key is not None:
            raise UsageError("--key is the key of a client certificate: --cert FILE is needed as well")
        return None
    if options.tls != "openssl":
        raise UsageError(
            "--cert: client certificates come with OpenSSL so far, and --tls {engine} was chosen", engine=options.tls
        )
    # Imported here: most downloads show no certificate.
    from transom.channel.openssl import check_identity
    from transom.trust.identity import load_identity

    try:
        identity = load_identity(options.cert, options.key or options.cert, partial(_password, options))
        check_identity(identity)
    except UsageError as error:
        raise TransferError(
            "the client certificate cannot be used: {error}", error=error, exit_code=LOCAL_CERTIFICATE
        ) from error
    return identity


def _password(options: argparse.Namespace, key: Path) -> bytes:
    from_environment = os.environ.get(KEY_PASSWORD_VARIABLE)
    if from_environment is not None:
        return os.fsencode(from_environment)
    if not sys.stdin.isatty():
        raise UsageError(
            "{key}: the private key is encrypted, and nobody is here to ask; set {variable}",
            key=key,
            variable=KEY_PASSWORD_VARIABLE,
        )
    return os.fsencode(ask_password(options, str(key)))
