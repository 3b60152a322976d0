"""Where this user's Transom keeps things, and who the user is."""

from __future__ import annotations

import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.show.terminal import Terminal
from transom.errors import UsageError
from transom.trust.local_root import local_ca_store
from transom.trust.store import TrustStore
from transom.wire.escape import escape

if TYPE_CHECKING:  # who makes one imports how; who trusts one need not
    from transom.trust.local_ca import LocalCA, Owner


def data_folder() -> Path:
    """$XDG_DATA_HOME/transom, or ~/.local/share/transom."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "transom"


def ca_folder() -> Path:
    """Where the local CA's certificate and key are."""
    return data_folder() / "ca"


def local_ca_roots() -> TrustStore:
    """The user's own CA as a root, if there is one. One that cannot be read is a note: most servers do without it."""
    try:
        return local_ca_store(ca_folder())
    except UsageError as error:
        Terminal.on(sys.stderr, os.environ).line(f"transom: {escape(str(error))}; going on without your Transom CA")
        return TrustStore()


def owner() -> Owner:
    """The user's name and this machine's, as the CA's certificate will say."""
    import getpass

    from transom.trust.local_ca import Owner

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in a container
        user = "user"
    return Owner(user, socket.gethostname())


def open_local_ca() -> LocalCA:
    """The user's CA; made on first use."""
    from transom.trust.local_ca import LocalCA

    folder = ca_folder()
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalCA.open_or_create(folder, owner(), datetime.now(UTC))
