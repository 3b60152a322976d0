"""Text out of a stream whose charset changes: heads, then a body in the charset that its Content-Type names."""

from __future__ import annotations

import codecs
import re
from typing import cast

from transom.http.messages import Headers

_EAST_ASIAN = ("euc-kr", "cp949", "euc-jp", "shift_jis", "cp932", "iso2022_jp", "gb2312", "gbk", "gb18030", "big5")
_CYRILLIC = ("koi8-r", "koi8-u", "cp866")
_WINDOWS = ("cp874", *(f"cp{number}" for number in range(1250, 1259)))
_LATIN = tuple(f"iso8859-{part}" for part in range(1, 17) if part != 12)  # part 12 was never finished
_UNICODE = ("ascii", "utf-8", "utf-16-le", "utf-16-be")
_KNOWN = frozenset(codecs.lookup(name).name for name in (*_UNICODE, *_EAST_ASIAN, *_CYRILLIC, *_WINDOWS, *_LATIN))
"""The charsets of the web (WHATWG Encoding §4.2) and their neighbours; Python knows codecs that are none."""

_MULTIBYTE = frozenset(codecs.lookup(name).name for name in (*_EAST_ASIAN, "utf-16-le", "utf-16-be"))
_LABELS = {"utf-16": "utf-16-le", "ks_c_5601-1987": "cp949", "x-sjis": "shift_jis"}
"""What the web means by a label, where Python means something else or nothing (WHATWG Encoding §4.2)."""

_PARAMETER = re.compile(r';\s*charset\s*=\s*"?([A-Za-z0-9_.:-]{1,40})', re.IGNORECASE)
_ERRORS = "transom.bytes-as-surrogates"
DEFAULT = "utf-8"

_TEXT = re.compile(
    r"\s*(text/|application/(json|javascript|xml|x-www-form-urlencoded)|[^;]*\+(json|xml)\b)", re.IGNORECASE
)
"""The media types whose bytes are meant to be read."""


def charset_of(headers: Headers) -> str:
    """The charset in Content-Type (RFC 9110 §8.3.2); without one UTF-8 for text, and ASCII for what is none.

    So a picture's bytes come out escaped, and not as letters that happen to fit.
    """
    content_type = headers.get("Content-Type") or ""
    named = _PARAMETER.search(content_type)
    if not named and content_type and not _TEXT.match(content_type):
        return "ascii"
    label = named[1].lower() if named else DEFAULT
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
    except (LookupError, ValueError):
        return DEFAULT
    return name if name in _KNOWN else DEFAULT


def is_named(headers: Headers) -> bool:
    """Whether Content-Type says which charset."""
    return _PARAMETER.search(headers.get("Content-Type") or "") is not None


class TextDecoder:
    """Decodes piece by piece; a byte that does not decode comes out as the surrogate that `escape` takes for it."""

    def __init__(self) -> None:
        self._decoder = _decoder(DEFAULT)

    def change(self, charset: str) -> str:
        """From here on in this charset; what was begun of a character before is given out."""
        left = self._decoder.decode(b"", True)
        self._decoder = _decoder(charset)
        return left

    def decode(self, data: bytes) -> str:
        """The characters that are whole with `data`."""
        return self._decoder.decode(data)


def _decoder(charset: str) -> codecs.IncrementalDecoder:
    # For bytes from 0x80 on, which is all that fails in most charsets, Python's own handler does the same in C.
    errors = _ERRORS if charset in _MULTIBYTE else "surrogateescape"
    return codecs.getincrementaldecoder(charset)(errors=errors)


def _bytes_as_surrogates(error: UnicodeError) -> tuple[str, int]:
    bad = cast(UnicodeDecodeError, error)
    return "".join(
        chr(0xDC00 + byte) if byte >= 0x80 else chr(byte) for byte in bad.object[bad.start : bad.end]
    ), bad.end


codecs.register_error(_ERRORS, _bytes_as_surrogates)
