"""What was asked for, as far as it decides what helps when it fails."""

from __future__ import annotations

import argparse

from transom.cli.options.login import netrc_without_entry
from transom.transfer.request import GetRequest
from transom.value import value


@value
class Asked:
    """One download: its URL; whether it has been tried again already, as often as was wanted.

    `netrc` is the file that has no entry for the URL's host, though it was to say who the user is.
    """

    url: str = ""
    retries: bool = False
    netrc: str | None = None


def asked(options: argparse.Namespace, request: GetRequest) -> Asked:
    """By what was typed."""
    return Asked(request.url, options.retry > 0, netrc_without_entry(options, request.headers))
