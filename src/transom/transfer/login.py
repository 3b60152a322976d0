"""Who the user is, for a server that asks: from the command line or from a netrc file."""

from __future__ import annotations

import base64
from dataclasses import field
from pathlib import Path

from transom.errors import UsageError, reason_of
from transom.value import value


@value
class Login:
    """An account at a server. Its password is never part of how it is shown."""

    user: str
    password: str = field(repr=False)

    @property
    def header(self) -> tuple[str, str]:
        """The request's field for it, in the `Basic` scheme (RFC 7617): UTF-8, since a server that asks can say so.

        Raises UsageError for a user name with a colon in it, which the scheme cannot tell from the password's.
        """
        if ":" in self.user:
            raise UsageError("a user name with ':' in it cannot be sent by the Basic scheme")
        token = base64.b64encode(f"{self.user}:{self.password}".encode(errors="surrogateescape"))
        return "Authorization", f"Basic {token.decode()}"


def login_from_netrc(path: Path, host: str) -> Login | None:
    """The account that the file has for exactly this host, in whatever case, else its `default`, else None.

    `host` is one that `parse_url` gave: what looks like a host in another part of a URL never chooses an account
    (CVE-2024-47081). Raises UsageError for a file that cannot be read; what it says of it has no line of the file.
    """
    import netrc

    try:
        entries = netrc.netrc(path)
    except OSError as error:
        raise UsageError("the netrc file {path} cannot be read: {reason}", path=path, reason=reason_of(error)) from None
    except netrc.NetrcParseError as error:
        raise UsageError(
            "the netrc file {path} does not parse at line {line}: expected entries such as "
            "machine HOST login USER password PASSWORD",
            path=path,
            line=error.lineno,
        ) from None
    except UnicodeDecodeError:
        raise UsageError("the netrc file {path} is not UTF-8", path=path) from None
    named = next((name for name in entries.hosts if name.lower() == host), host)
    found = entries.authenticators(named)
    if found is None:
        return None
    user, _account, password = found
    return Login(user or "", password or "")
