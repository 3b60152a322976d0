"""A request as the `curl` command that asks for the same again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transom.dissect.timeline import HttpRequest
from transom.value import value
from transom.web.model.context import Context
from transom.wire.shell import quote
from transom.wire.tap import Side

MOST_OF_A_BODY = 4 * 1024
"""Bytes of a request's body that the command carries itself; a longer one it takes from a file."""

FILE = "request-body"
"""That file's name."""

_AUTHORITY = re.compile(r"(?:[\w.~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?", re.ASCII)
"""A host and a port, as nobody writes them who means to mislead (RFC 3986 §3.2)."""

_CURLS_OWN = {"content-length", "transfer-encoding", "connection", "keep-alive", "accept-encoding", "expect"}
"""Of these curl writes its own: they say how this message is framed, or what becomes of this connection."""

_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
"""A field's name (RFC 9110 §5.6.2). What begins with `@` would be the name of a file to curl."""

_BY_DEFAULT = ("User-Agent", "Accept")
"""What curl sends unless it is told not to."""

_DECODED = {"gzip", "deflate", "br", "zstd"}

_VERSIONS = {"1.0": "--http1.0", "1.1": "--http1.1"}


@value
class Command:
    """`line` is one for bash, zsh or ksh. `is_masked`: it has masks where secrets were.

    `needs_file`: the request's body has to be saved as `FILE` first.
    """

    line: str
    is_masked: bool
    needs_file: bool


def as_curl(
    request: HttpRequest, body: bytes | None, context: Context, *, tells_digests: bool = False
) -> Command | None:
    """None for what nobody asks for by a URL: a tunnel (CONNECT), `OPTIONS *`, and what a server promises to answer.

    `body` is all of the request's, empty where there is none, None where it was not kept whole. The command asks whom
    the request named; which certificates it takes, and through which proxy it goes, is for whoever types it.
    `tells_digests` is as `Masking.header` takes it.
    """
    url = _url(request, context)
    if url is None or "\0" in url or request.side is Side.SERVER:
        return None
    masking = context.masking
    has_body = body != b"" or "Content-Length" in request.headers
    headers = list(_headers(request, has_body=has_body))
    shown = [
        (name, content[:1] + masking.header(name, content[1:], tells_digests=tells_digests))
        for name, content in headers
    ]
    carried = body if body is not None and _is_carried(body) else None
    said = None if carried is None else masking.body(carried, request.headers)
    words = [
        "curl",
        *_how(request, context),
        *_method(request.method, has_body=has_body),
        *(word for name, content in shown for word in ("-H", _text(name + content))),
        *(["--compressed"] if set(request.headers.members("Accept-Encoding")) & _DECODED else []),
        *(_data(said) if has_body else []),
        _text(masking.text(url)),
    ]
    is_masked = shown != headers or said != carried or masking.text(url) != url
    return Command(" ".join(map(quote, words)), is_masked, needs_file=carried is None)


def _text(latin: str) -> str:
    """What a head says is bytes, which are kept as Latin-1."""
    return latin.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _authority(request: HttpRequest) -> str | None:
    return request.authority if _AUTHORITY.fullmatch(request.authority or "") else None


def _url(request: HttpRequest, context: Context) -> str | None:
    """Of the request's own name for the server, where it has one that is one; of its address where it has none."""
    if request.target.lower().startswith(("http://", "https://")):
        return request.target
    if not request.target.startswith("/") or (ends := context.seen.facts.endpoints) is None:
        return None
    scheme = "http" if context.seen.facts.tls is None else "https"
    return f"{scheme}://{_authority(request) or ends.server}{request.target}"


def _how(request: HttpRequest, context: Context) -> Iterator[str]:
    """That the URL is taken as it stands, and the version that was spoken."""
    if set(request.target) & set("[]{}"):
        yield "--globoff"
    if "/." in request.target:
        yield "--path-as-is"
    if request.version != "2":
        yield _VERSIONS.get(request.version, "--http1.1")
    else:
        yield "--http2" if context.seen.facts.tls is not None else "--http2-prior-knowledge"


def _method(method: str, *, has_body: bool) -> tuple[str, ...]:
    if method == "HEAD" and not has_body:
        return ("--head",)
    return () if method == ("POST" if has_body else "GET") else ("-X", method)


def _headers(request: HttpRequest, *, has_body: bool) -> Iterator[tuple[str, str]]:
    """Names, and what follows them. One that curl would send of itself and that is not there is told to be nothing."""
    own = {*_CURLS_OWN, "host"} if _authority(request) else _CURLS_OWN
    for name, content in request.headers:
        if name.lower() not in own and _TOKEN.fullmatch(name) and not set(content) & set("\0\r\n"):
            yield name, f": {content}" if content else ";"
    for name in (*_BY_DEFAULT, *(("Content-Type",) if has_body else ())):
        if name not in request.headers:
            yield name, ":"


def _is_carried(body: bytes) -> bool:
    """Whether it is text that a command line has room for: no argument holds NUL, and no reader wants noise."""
    if len(body) > MOST_OF_A_BODY or b"\0" in body:
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _data(body: bytes | None) -> list[str]:
    if body is None:
        return ["--data-binary", f"@{FILE}"]
    return ["--data-raw", body.decode("utf-8", "surrogateescape")]
