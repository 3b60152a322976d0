"""Where this user's Transom keeps things, and who the user is."""

from __future__ import annotations

import getpass
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from transom.trust.local_ca import LocalCA, Owner


def data_folder() -> Path:
    """$XDG_DATA_HOME/transom, or ~/.local/share/transom."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "transom"


def ca_folder() -> Path:
    """Where the local CA's certificate and key are."""
    return data_folder() / "ca"


def owner() -> Owner:
    """The user's name and this machine's, as the CA's certificate will say."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in a container
        user = "user"
    return Owner(user, socket.gethostname())


def open_local_ca() -> LocalCA:
    """The user's CA; made on first use."""
    folder = ca_folder()
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalCA.open_or_create(folder, owner(), datetime.now(UTC))
