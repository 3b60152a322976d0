"""What `serve` says when it begins: where, and the lines to type on the other machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

from transom.cli.places import reached_at
from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.files.names import name_from_url
from transom.trust.identity import Identity
from transom.wire import shell
from transom.wire.escape import escape
from transom.wire.tap import Endpoint


def announce(
    terminal: Terminal,
    text: Words,
    path: Path,
    identity: Identity,
    https: Sequence[Endpoint],
    http: Sequence[Endpoint],
    ca: Path | None = None,
    users: Sequence[str] = (),
    *,
    upload: bool = False,
) -> None:
    """Say what is served where; when others can reach it, how they do. `ca` is the file of who issued `identity`.

    Of `users`, where nobody else is let in, one alone is named. With `upload` it says as well how a file comes here.
    """
    https, http = reached_at(https), reached_at(http)
    terminal.line(text.say("serve.here", what=escape(str(path))))
    for scheme, endpoints in (("https", https), ("http", http)):
        for endpoint in endpoints:
            terminal.line(f"  {scheme}://{_shown(endpoint)}/")
    abroad = [endpoint for endpoint in https if not ip_address(endpoint.address).is_loopback]
    urls = [f"https://{_shown(endpoint)}/{_name(path)}" for endpoint in abroad or https[:1]]
    if not abroad:
        if users:  # a line without them would let everybody in
            terminal.line(text.say("serve.only_here_by_account"))
        else:
            terminal.line(text.say("serve.only_here", command=f"transom serve --lan {shell.quote(str(path))}"))
        if ca is not None:
            _say_how_by_ca(terminal, text, ca, urls, _user(users))
    _say_how_by_key(terminal, text.say("serve.trust" if abroad else "serve.trust_here"), identity, urls, _user(users))
    if not path.is_file():
        terminal.line(text.say("serve.choose"))
        if upload:
            _say_how_to_upload(terminal, text, identity, abroad or https[:1], _user(users))
    if abroad:
        terminal.line(text.say("serve.browser"))
        terminal.line(f"  {fingerprint(identity)}")
    terminal.line(text.say("serve.stop"))


def _user(users: Sequence[str]) -> str:
    """Who logs in, as it is typed: each program asks for the password itself. Empty where everybody comes in."""
    return shell.quote_for_any(users[0]) if len(users) == 1 else "USER" if users else ""


def _say_how_by_ca(terminal: Terminal, text: Words, ca: Path, urls: Sequence[str], user: str) -> None:
    """`get` trusts the user's own CA unasked."""
    terminal.line(text.say("serve.trusted"))
    login = f"-u {user} " if user else ""
    for url in urls:
        terminal.line(f"  transom get {login}{_typed(url)}")
        terminal.line(f"  curl {login}--cacert {shell.quote(str(ca))} {_kept_by_curl(url)} {_typed(url)}")


def _say_how_by_key(terminal: Terminal, to_whom: str, identity: Identity, urls: Sequence[str], user: str) -> None:
    """A pin needs no quotes: it is of base64's characters, none of which a shell takes for itself within a word."""
    terminal.line(to_whom)
    login, wget_login = (f"-u {user} ", f"--user={user} --ask-password ") if user else ("", "")
    for url in urls:
        terminal.line(f"  transom get {login}--pin {identity.pin} {_typed(url)}")
        terminal.line(f"  curl {login}-k --pinnedpubkey {identity.pin} {_kept_by_curl(url)} {_typed(url)}")
        terminal.line(f"  wget {wget_login}--no-check-certificate --pinnedpubkey={identity.pin} {_typed(url)}")


def _say_how_to_upload(
    terminal: Terminal, text: Words, identity: Identity, https: Sequence[Endpoint], user: str
) -> None:
    """Behind the slash curl puts the file's name, as a URL spells it."""
    terminal.line(text.say("serve.upload"))
    login = f"-u {user} " if user else ""
    for endpoint in https:
        url = _typed(f"https://{_shown(endpoint)}/")
        terminal.line(f"  curl {login}-k --pinnedpubkey {identity.pin} -T FILE {url}")


def _kept_by_curl(url: str) -> str:
    """`-O`, or the name that `get` and wget make of the URL: curl would leave `%20` in it as it stands."""
    name = name_from_url(url)
    return "-O" if name == url.rpartition("/")[2] else f"-o {shell.quote_for_any(name)}"


def _typed(url: str) -> str:
    """As a shell takes it, and cmd.exe: the brackets of an IPv6 address are a pattern to some."""
    return f'"{url}"' if "[" in url else url


def fingerprint(identity: Identity) -> str:
    """The leaf's SHA-256 as browsers show it: `AB:CD:…`."""
    return bytes.fromhex(identity.leaf.sha256).hex(":").upper()


def _name(path: Path) -> str:
    """The one file that is shared, as a URL has it; of a folder's, the reader chooses."""
    return quote(os.fsencode(path.name)) if path.is_file() else "…"


def _shown(endpoint: Endpoint) -> str:
    """The name people type: the leaf is for it, and for the address too."""
    return f"localhost:{endpoint.port}" if ip_address(endpoint.address).is_loopback else str(endpoint)
