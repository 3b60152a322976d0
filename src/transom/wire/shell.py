"""Words as they are typed for a shell, whatever a peer put in them."""

from __future__ import annotations

import re
import shlex

_OTHER = re.compile(r"[\\'!]|[^ -~]")
"""And `!`, which an interactive bash may take for a line of before where a quote mark is spelled out."""


def quote(word: str) -> str:
    r"""`word` as one word of bash, zsh or ksh (POSIX.1-2024 §2.2.4), in visible ASCII and letters that are printable.

    What no terminal takes as it stands when it is pasted, an ESC, a line's end, a mark that turns the reading order, is
    spelled out within `$'…'`. A character that stands for a byte which is not UTF-8 (surrogateescape) is that byte. No
    argument of a program holds NUL: ValueError.
    """
    if "\0" in word:
        raise ValueError(f"a NUL at place {word.index(chr(0))} of what would be one word")
    if word.isprintable():
        return shlex.quote(word)
    return f"$'{_OTHER.sub(_spelled, word)}'"


def _spelled(found: re.Match[str]) -> str:
    character = found[0]
    if character not in "\\'!" and character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
