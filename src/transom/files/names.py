"""The name a download is saved under: chosen by a peer or a URL, and still never outside the folder."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote_to_bytes, urlsplit

from transom.errors import UsageError
from transom.files.partial import PARTIAL_PREFIX, PARTIAL_SUFFIX

_LONGEST = 255 - len(PARTIAL_PREFIX + PARTIAL_SUFFIX)  # NAME_MAX of Linux and macOS, in bytes

# Controls, formats (bidi among them), surrogates, line and paragraph separators: what a terminal would act on.
_UNSHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def name_from_url(url: str) -> str:
    """The last segment of the URL's path, percent-decoded once and made safe by `safe_name`.

    Raises UsageError when the path ends with "/": there is no name then, and one must be given with -o.
    """
    try:
        segment = urlsplit(url).path.rpartition("/")[2]
    except ValueError as error:
        raise UsageError("the URL cannot be read: {error}", error=error) from None
    if not segment:
        raise UsageError("the URL names no file; say with -o FILE what to save it as")
    try:
        return safe_name(unquote_to_bytes(segment).decode())
    except UnicodeDecodeError:
        return safe_name(segment)  # not UTF-8: its percent-encoding is a name that every system can hold


def safe_name(name: str) -> str:
    """`name` as a single visible file name: "_" for slashes, backslashes, unshown characters and a leading dot.

    And for a "-" alone, which means standard output where a name is expected: a peer is not to send the file there.
    Cut, its suffix kept, to what a file system holds with the partial file's affixes. Raises UsageError for an empty
    name.
    """
    if not name:
        raise UsageError("an empty file name; say with -o FILE what to save it as")
    shown = "".join("_" if _is_unsafe(character) else character for character in name)
    visible = "_" + shown[1:] if shown.startswith(".") or shown == "-" else shown
    return _cut(visible)


def _is_unsafe(character: str) -> bool:
    return character in "/\\" or unicodedata.category(character) in _UNSHOWN


def _cut(name: str) -> str:
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > _LONGEST // 2:
        stem, dot, suffix = name, "", ""
    room = _LONGEST - len((dot + suffix).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + suffix
