"""Who may come in: names and passwords, by Basic authentication.

The passwords are kept as they are typed, in a file that only its owner can read, as private keys are. A slow hash would
protect them once that file is lost; but it would have to be computed for each attempt of anybody, and each would hold
up every transfer there is.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from transom.errors import HttpError, Sentence, UsageError, reason_of
from transom.http.basic_auth import basic_credentials
from transom.http.messages import Request
from transom.trust.private_folder import require_private


class Accounts:
    """Those who may come in, each as `user:password`. Raises UsageError for what is not that."""

    def __init__(self, accounts: Iterable[str]) -> None:
        checked = [_checked(account) for account in accounts]
        self.users = tuple(account.partition(":")[0] for account in checked)
        """Their names, without the passwords."""
        self._known = [_hashed(account.encode()) for account in checked]

    def admit(self, request: Request) -> None:
        """Raise HttpError (401) unless the request names one of them with the right password.

        All are compared, in a time that tells neither which names there are nor how much of a password was right.
        """
        given = basic_credentials(request.headers.get("Authorization"))
        offered = _hashed(given or b"")
        found = False
        for known in self._known:
            found |= hmac.compare_digest(known, offered)
        if not found:
            what = "a name and a password are needed" if given is None else "no such name, or not its password"
            raise HttpError(what, status=401)


def accounts_in(path: Path) -> list[str]:
    """The accounts in a file: `user:password`, one a line; empty lines and those that begin with # are none.

    Raises UsageError when it cannot be read, has none, or can be read by others.
    """
    try:
        require_private(path)
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else Sentence("it is not UTF-8")
        raise UsageError("{path} cannot be read: {reason}", path=path, reason=reason) from None
    accounts = [line for line in lines if line and not line.startswith("#")]
    if not accounts:
        raise UsageError("{path}: nobody is in it; expected lines of user:password", path=path)
    return accounts


def _checked(account: str) -> str:
    user, colon, password = account.partition(":")
    if not user or not colon or not password:
        raise UsageError("an account is written user:password, neither of them empty, such as alice:secret")
    return account


def _hashed(credentials: bytes) -> bytes:
    """Of one length, whatever is compared."""
    return hashlib.sha256(credentials).digest()
