"""The options that say who the user is, and where the password comes from when it is not among them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from transom.cli.options.asking import ask_password
from transom.cli.options.file_name import file_name
from transom.errors import UsageError
from transom.http.messages import Headers
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
    group.add_argument("--netrc-file", metavar="FILE", type=file_name, help="the same with FILE")


def logins_of(options: argparse.Namespace) -> Callable[[str], Login | None]:
    """Who to log in as at a URL: by -u at each of them, else by netrc, as in curl. A password is asked for once."""
    if options.user is not None:
        user, colon, password = options.user.partition(":")
        if not options.user:
            raise UsageError("-u '': expected USER or USER:PASSWORD, such as alice")
        login = Login(user, password if colon else _password(options, user))
        return lambda _url: login
    if options.netrc or options.netrc_file:
        path = options.netrc_file or Path.home() / ".netrc"
        return lambda url: login_from_netrc(path, parse_url(url).host)
    return lambda _url: None


def netrc_without_entry(options: argparse.Namespace, headers: Headers) -> str | None:
    """The netrc file that was to say who the user is and did not, in a request with these fields; None for no such."""
    if "Authorization" in headers or not (options.netrc or options.netrc_file):
        return None
    return str(options.netrc_file or "~/.netrc")


def _password(options: argparse.Namespace, user: str) -> str:
    from_environment = os.environ.get(PASSWORD_VARIABLE)
    if from_environment is not None:
        return from_environment
    if not sys.stdin.isatty():
        raise UsageError(
            "-u {user}: no password, and nobody to ask; set {variable}", user=user, variable=PASSWORD_VARIABLE
        )
    return ask_password(options, user)
