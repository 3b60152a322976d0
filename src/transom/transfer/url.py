"""The URLs of transfers (RFC 3986; the http and https schemes of RFC 9110 §4.2)."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urlsplit

from transom.errors import UsageError
from transom.value import value
from transom.wire.escape import escape

_DEFAULT_PORTS = {"http": 80, "https": 443}

# What may stand unencoded in a path or query (RFC 3986 §3.3, §3.4); "%" because what is encoded already stays so.
_PATH_CHARACTERS = "/:@!$&'()*+,;=~%"
_QUERY_CHARACTERS = _PATH_CHARACTERS + "?"


@value
class Url:
    """Where to connect (`host`, an IPv6 address without its brackets, and `port`), and what to ask for there.

    `target` is the request-target in origin-form, `authority` the value of Host.
    """

    text: str
    secure: bool
    host: str
    port: int
    target: str
    authority: str

    @property
    def host_and_port(self) -> str:
        """The request-target of a CONNECT there: with the port, whatever it is (RFC 9112 §3.2.3)."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_url(text: str) -> Url:
    """Read an absolute URL; its fragment is not sent. Raises UsageError saying what is wrong with it."""
    if any(ord(character) < 0x20 or character == "\x7f" for character in text):
        raise UsageError("the URL {text} has control characters in it", text=escape(text))
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError("the URL {text} cannot be read: {error}", text=escape(text), error=error) from None
    if not text:
        raise UsageError("an empty URL: expected http://host/path or https://host/path")
    if "://" not in text:
        raise UsageError("the URL {text} has no scheme: say https://{text}, or http://{text}", text=escape(text))
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise UsageError("the URL {text} is not of the form http://host/path or https://host/path", text=escape(text))
    if "@" in parts.netloc:
        raise UsageError(
            "a URL with a user name or password in it is not used: it is stored and shown in many places; "
            "get has -u USER and --netrc"
        )
    if port == 0:
        raise UsageError("the URL {text} has port 0, where nobody can listen", text=escape(text))
    default = _DEFAULT_PORTS[parts.scheme]
    host = _ascii_host(parts.hostname)
    named = f"[{host}]" if ":" in host else host
    authority = named if port in (None, default) else f"{named}:{port}"
    return Url(text, parts.scheme == "https", host, port or default, _target(parts), authority)


def _target(parts: SplitResult) -> str:
    path = quote(parts.path, safe=_PATH_CHARACTERS) or "/"
    return f"{path}?{quote(parts.query, safe=_QUERY_CHARACTERS)}" if parts.query else path


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UsageError(
            "the host name {host} cannot be written in ASCII: {error}", host=escape(host), error=error
        ) from None
