"""Your local CA, made on first use: which file it is, and a certificate from it for a server of yours."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from transom.cli.home import ca_folder, open_local_ca
from transom.cli.options.file_name import file_name
from transom.errors import UsageError, reason_of
from transom.trust.local_root import CERTIFICATE_FILE


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("init", help="make it, if it is not there yet", allow_abbrev=False)
    actions.add_parser("path", help="print the file to give to others as --cacert", allow_abbrev=False)
    issue = actions.add_parser("issue", help="a certificate and its key for NAMES", allow_abbrev=False)
    issue.add_argument("names", metavar="NAME", nargs="+", help="DNS names and IP addresses, this machine's or private")
    issue.add_argument("--key-type", choices=["ecdsa", "rsa", "ed25519"], default="ecdsa", help="(default: ecdsa)")
    issue.add_argument(
        "--cert",
        metavar="FILE",
        type=file_name,
        default=Path("cert.pem"),
        help="where the certificate goes, with its chain (default: cert.pem)",
    )
    issue.add_argument(
        "--key",
        metavar="FILE",
        type=file_name,
        default=Path("key.pem"),
        help="where its key goes, mode 0600 (default: key.pem)",
    )


def run(options: argparse.Namespace) -> int:
    """Do what was asked."""
    ca = open_local_ca()
    if options.action == "issue":
        identity = ca.issue(options.names, datetime.now(UTC), options.key_type)
        _write_new(options.key, identity.private_key_pem, 0o600)
        try:
            _write_new(options.cert, identity.chain_pem, 0o644)
        except UsageError:
            options.key.unlink()
            raise
        print(f"{options.cert} and {options.key}: for {', '.join(options.names)}")
    else:
        print(ca_folder() / CERTIFICATE_FILE)
    return 0


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise UsageError(
            "{path}: {reason}; an existing file is not written over", path=path, reason=reason_of(error)
        ) from error
    except OSError as error:
        raise UsageError("{path}: cannot be made: {reason}", path=path, reason=reason_of(error)) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        path.unlink()
        raise UsageError("{path}: cannot be written: {reason}", path=path, reason=reason_of(error)) from error
