"""The one way a peer's bytes reach a terminal or a log: with everything that is not a visible character spelled out.

A file name, a header or a certificate's subject may hold sequences that recolour, retitle or rewrite a terminal, or
turn the reading order of a line around. No filter knows them all, so nothing is filtered: whatever Unicode does not
call printable becomes its number, and so does the backslash, so that what is shown means one thing only.
"""

from __future__ import annotations

import unicodedata


def escape(text: str | bytes) -> str:
    r"""`text` with controls, bidi and other format characters, line separators and backslashes as their numbers.

    ASCII controls and the backslash become `\xNN`, as do bytes that are not UTF-8 (in a str: the surrogates Python
    keeps them as); other characters become `\uNNNN` or `\UNNNNNNNN`. Letters of every script and spaces stay.
    """
    decoded = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
    if decoded.isprintable() and "\\" not in decoded:
        return decoded
    return "".join(map(_escaped, decoded))


def escape_message(text: str) -> str:
    """The same for a message of ours that may quote a peer, part of it escaped already: its backslashes stay."""
    return "\\".join(map(escape, text.split("\\")))


def escape_lines(text: str | bytes) -> str:
    """The same for text of several lines: LF, CRLF and tabs stay. A CR alone, which overwrites a line, does not."""
    decoded = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
    lines = decoded.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(map(escape, line.split("\t"))) for line in lines)


def _escaped(character: str) -> str:
    if character != "\\" and (character.isprintable() or unicodedata.category(character) == "Zs"):
        return character
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x80:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
