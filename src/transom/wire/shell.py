"""Words as they are typed for a shell, whatever a peer put in them."""

from __future__ import annotations

import re
import shlex

_OTHER = re.compile(r"[\\'!]|[^ -~]")
"""And `!`, which an interactive bash may take for a line of before where a quote mark is spelled out."""
_BARE = re.compile(r"[\w./:+-][\w./:@+=-]*", re.ASCII)
_TAKEN = re.compile('["$`\\\\!%\u201c\u201d\u201e]')
"""What one of them takes for itself within double quotes: PowerShell ends them with typographic ones too."""


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


def quote_for_any(word: str) -> str:
    """`word` as bash, zsh, cmd.exe and PowerShell all read it, where there is such a spelling; else as `quote`.

    It is for who types on another machine, whatever that is: cmd.exe knows double quotes alone, and within those a
    shell takes nothing for itself but what is not plain here.
    """
    if _BARE.fullmatch(word):
        return word
    return f'"{word}"' if word.isprintable() and not _TAKEN.search(word) else quote(word)


def _spelled(found: re.Match[str]) -> str:
    character = found[0]
    if character not in "\\'!" and character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
