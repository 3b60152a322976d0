"""Whom `serve` lets in: accounts from the command line, a file and the environment, all of them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from transom.cli.places import Places
from transom.errors import UsageError
from transom.transfer.accounts import Accounts, accounts_in

VARIABLE = "TRANSOM_AUTH"


def accounts_of(options: argparse.Namespace, environ: Mapping[str, str]) -> Accounts | None:
    """None when nobody was named: then everybody comes in. Raises UsageError for what is no account."""
    accounts = [account for account in (options.auth, environ.get(VARIABLE)) if account is not None]
    if options.auth_file is not None:
        accounts += accounts_in(options.auth_file)
    return Accounts(accounts) if accounts else None


def refuse_in_the_clear(places: Places) -> None:
    """Raise UsageError where a password would cross a network for everybody on the way to read."""
    if not places.only_here:
        raise UsageError(
            "--http-port with passwords at {places}: over plain HTTP everyone on the way reads them; "
            "leave it out, or --bind 127.0.0.1",
            places=", ".join(places.hosts),
        )
