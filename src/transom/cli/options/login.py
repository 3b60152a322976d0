"""The options that say who the user is, and where the password comes from when it is not among them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from transom.errors import UsageError
from transom.transfer.login import Login, login_from_netrc
from transom.transfer.url import parse_url

PASSWORD_VARIABLE = "TRANSOM_PASSWORD"  # noqa: S105  (the name of the variable, not what is in it)


def add_login_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    group = parser.add_argument_group("who you are")
    group.add_argument(
        "-u",
        "--user",
        metavar="USER[:PASSWORD]",
        help=f"log in by Basic; without a password {PASSWORD_VARIABLE} has it, or you are asked",
    )
    group.add_argument("-n", "--netrc", action="store_true", help="log in with what ~/.netrc has for the URL's host")
    group.add_argument("--netrc-file", metavar="FILE", type=Path, help="the same with FILE")


def login_fields(options: argparse.Namespace, url: str) -> Iterator[tuple[str, str]]:
    """The request's field that logs in at `url`, if there is anybody to log in as: -u before netrc, as in curl."""
    login = _login(options, url)
    if login is not None:
        yield login.header


def _login(options: argparse.Namespace, url: str) -> Login | None:
    if options.user is not None:
        user, colon, password = options.user.partition(":")
        return Login(user, password if colon else _password(user))
    if options.netrc or options.netrc_file:
        return login_from_netrc(options.netrc_file or Path.home() / ".netrc", parse_url(url).host)
    return None


def _password(user: str) -> str:
    from_environment = os.environ.get(PASSWORD_VARIABLE)
    if from_environment is not None:
        return from_environment
    if not sys.stdin.isatty():
        raise UsageError(f"-u {user}: no password, and nobody to ask; set {PASSWORD_VARIABLE}")
    from getpass import getpass

    return getpass(f"{user}: ")
