"""`Content-Disposition` for a file of any name (RFC 6266)."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

_ATTR_CHAR = "!#$&+-.^_`|~"  # RFC 8187 §3.2.1, next to letters and digits


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


def _is_plain(character: str) -> bool:
    return " " <= character <= "~" and character not in '"\\%'
