"""`Content-Disposition` for a file of any name, and the name in one (RFC 6266)."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

_ATTR_CHAR = "!#$&+-.^_`|~"  # RFC 8187 §3.2.1, next to letters and digits

# Quoted strings are taken as a whole, so that nothing inside one is read as a parameter.
_PARAMETER = re.compile(r""";\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;"]*)""", re.ASCII)


def content_disposition(name: str, kind: Literal["attachment", "inline"] = "attachment") -> str:
    """The field's value: the name in plain ASCII, and again in full where that lost something.

    Neither form can end the parameter or the field: a quote, a backslash, a line end or a control becomes "_" in one
    and is percent-encoded in the other. The percent sign too is "_" in the plain form, since some readers decode it.
    """
    plain = "".join(character if _is_plain(character) else "_" for character in name)
    field = f'{kind}; filename="{plain}"'
    if plain != name:
        field += "; filename*=UTF-8''" + quote(name, safe=_ATTR_CHAR, errors="replace")
    return field


def file_name(field: str) -> str | None:
    """The file name in the field's value, without whatever path was before it; None when there is none.

    `filename*` comes before `filename` (§4.3). It is what a peer wrote: `files.names.safe_name` makes it a name.
    """
    found = {match[1].lower(): match[2] for match in _PARAMETER.finditer(field)}
    name = _extended(found["filename*"]) if "filename*" in found else None
    if name is None and "filename" in found:
        name = _unquoted(found["filename"])
    return re.split(r"[/\\]", name)[-1] or None if name else None


def _extended(value: str) -> str | None:
    """What `UTF-8''%E2%82%AC` stands for (RFC 8187); None for another charset, or for what is not in it."""
    charset, _, rest = value.strip().partition("'")
    _, quote_mark, encoded = rest.partition("'")
    if charset.lower() not in ("utf-8", "iso-8859-1") or not quote_mark:
        return None
    try:
        return unquote_to_bytes(encoded).decode(charset)
    except UnicodeDecodeError:
        return None


def _unquoted(value: str) -> str:
    """A token, or a quoted string without its quotes; in UTF-8 where it is that, as most servers write it."""
    text = value.strip()
    if text.startswith('"'):
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _is_plain(character: str) -> bool:
    return " " <= character <= "~" and character not in '"\\%'
