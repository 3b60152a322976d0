"""Asking a person for a password, where neither an option nor the environment has it."""

from __future__ import annotations

import argparse
import os

from transom.cli.words import choose_language, words
from transom.errors import UsageError
from transom.wire.escape import escape


def ask_password(options: argparse.Namespace, owner: str) -> str:
    """The password of `owner` (an account, a file), typed unseen at the terminal. Raises UsageError for ^D there."""
    from getpass import getpass

    text = words(choose_language(options.lang, os.environ))
    try:
        return getpass(text.say("asking.password", owner=escape(owner)))
    except EOFError:
        raise UsageError("no password was typed for {owner}", owner=owner) from None
