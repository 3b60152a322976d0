"""The roots that chains are judged by: the system's, the user's own CA, and what the options add."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from transom.cli.show.terminal import Terminal
from transom.cli.words import language_asked, words
from transom.errors import Sentence, UsageError
from transom.trust.roots import roots_for
from transom.trust.store import TrustStore
from transom.wire.escape import escape

Roots = Callable[[], TrustStore | None]


def trust_store(cacert: Path | None = None) -> TrustStore:
    """The system's roots (or SSL_CERT_FILE's), the user's own CA, and what was given."""
    return roots_for(os.environ, cacert, _say_that_yours_is_unread)


def _say_that_yours_is_unread(error: UsageError) -> None:
    text = words(language_asked(sys.argv[1:], os.environ))
    going_on = Sentence("{error}; going on without your Transom CA", error=error)
    Terminal.on(sys.stderr, os.environ).line(f"transom: {escape(text.tell(going_on))}")


def roots_of(options: argparse.Namespace) -> Roots:
    """The roots that servers are judged by, None when they are not; read when first asked for: HTTP needs none."""
    return cache(lambda: None if options.pin or options.insecure else trust_store(options.cacert))
