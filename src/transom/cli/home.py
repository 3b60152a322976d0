"""Where this user's Transom keeps things, and who the user is."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.lookers import WRITE_FAILED
from transom.errors import TransferError, reason_of
from transom.trust import local_root

if TYPE_CHECKING:  # who makes one imports how; who trusts one need not
    from transom.trust.local_ca import LocalCA, Owner


def ca_folder() -> Path:
    """Where the local CA's certificate and key are."""
    return local_root.ca_folder(os.environ)


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
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise TransferError(
            "{path}: the local CA cannot be kept there: {reason}; XDG_DATA_HOME names another folder",
            path=folder,
            reason=reason_of(error),
            exit_code=WRITE_FAILED,
        ) from error
    return LocalCA.open_or_create(folder, owner(), datetime.now(UTC))
