"""A request's path as the names it consists of: decoded once, and refused where no file could be meant."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from transom.errors import HttpError

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def path_components(path: str) -> list[bytes]:
    """The names in `path`, a percent-encoded path that begins with "/"; one "/" at its end is dropped.

    It is cut at the slashes first and decoded after, once: an encoded slash makes a name that no file has, an encoded
    percent sign stays one. Raises HttpError: 400 for a broken escape or a NUL, 404 for a name that is empty, "." or
    "..", hidden (it begins with a dot), or holds a slash or backslash.
    """
    if not path.startswith("/"):
        raise HttpError("a path begins with '/', not {path!r}", path=path[:40], status=400)
    if _BAD_ESCAPE.search(path):
        raise HttpError("a percent sign in the path is not followed by two hexadecimal digits", status=400)
    pieces = path.removesuffix("/").split("/")[1:]
    return [_name(unquote_to_bytes(piece)) for piece in pieces]


def _name(name: bytes) -> bytes:
    if b"\0" in name:
        raise HttpError("a NUL in the path", status=400)
    if not is_shared_name(name):
        raise HttpError("nothing of that name is shared", status=404)
    return name


def is_shared_name(name: bytes) -> bool:
    """Whether a file of this name may be asked for: it is not hidden, and no reader could take it for a path."""
    return bool(name) and not name.startswith(b".") and b"/" not in name and b"\\" not in name
