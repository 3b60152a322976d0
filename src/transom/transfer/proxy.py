"""HTTP proxies: which URL goes through which, by the user's word or by the environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

from transom.errors import UsageError
from transom.http.messages import NO_HEADERS, Headers
from transom.transfer.login import Login
from transom.transfer.url import Url
from transom.value import value
from transom.wire.escape import escape

DEFAULT_PORT = 1080
"""As in curl."""


@value
class Proxy:
    """An HTTP proxy, and the account there. `source` is what named it: an option, or a variable of the environment."""

    host: str
    port: int
    login: Login | None = None
    source: str = ""

    @property
    def headers(self) -> Headers:
        """The fields for the proxy alone."""
        return Headers([("Proxy-Authorization", self.login.header[1])]) if self.login else NO_HEADERS


ProxyChoice = Callable[[Url], Proxy | None]
"""The proxy for a URL, None for none."""


def choose_proxy(option: str | None, environ: Mapping[str, str]) -> ProxyChoice:
    """By `option` (an empty one is no proxy at all), else by the environment; `NO_PROXY` excepts hosts from either.

    The environment's variables are those of curl: `http_proxy` in lower case alone, since a web server gives its
    programs an `HTTP_PROXY` that a client chose (CVE-2016-5385); the others in lower or upper case. Raises UsageError
    for what is no proxy, at once for `option` and when it is to be used for a variable.
    """
    asked_for = parse_proxy(option, "--proxy") if option else None
    exempt = _variable(environ, "no_proxy", "NO_PROXY")

    def choice(url: Url) -> Proxy | None:
        if option == "" or is_exempt(url.host, exempt):
            return None
        return asked_for or _from_environment(url, environ)

    return choice


def parse_proxy(text: str, source: str) -> Proxy:
    """`[http://][USER:PASSWORD@]HOST[:PORT]`. Raises UsageError, which shows nothing before the "@"."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        raise UsageError("{source} {text}: expected http://HOST:PORT", source=source, text=_shown(text)) from None
    if parts.scheme != "http" or not parts.hostname:
        raise UsageError(
            "{source} {text}: expected http://HOST:PORT; no other kind of proxy is spoken to",
            source=source,
            text=_shown(text),
        )
    login = None if parts.username is None else Login(unquote(parts.username), unquote(parts.password or ""))
    return Proxy(parts.hostname, DEFAULT_PORT if port is None else port, login, source)


def is_exempt(host: str, exempt: str) -> bool:
    """Whether a list as in `NO_PROXY` has the host: `*`, names and what ends in them, addresses, networks as CIDR."""
    return any(_covers(entry.lower(), host) for entry in re.split(r"[\s,]+", exempt) if entry)


def _covers(entry: str, host: str) -> bool:
    if entry == "*":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        name = entry.strip(".")
        return bool(name) and (host.rstrip(".") == name or host.rstrip(".").endswith(f".{name}"))
    try:
        return address in ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False


def _from_environment(url: Url, environ: Mapping[str, str]) -> Proxy | None:
    names = (("https_proxy", "HTTPS_PROXY") if url.secure else ("http_proxy",)) + ("all_proxy", "ALL_PROXY")
    for name in names:
        if text := environ.get(name):
            return parse_proxy(text, name)
    return None


def _variable(environ: Mapping[str, str], *names: str) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def _shown(text: str) -> str:
    return escape(text.rpartition("@")[2])
