"""What two outputs of one command have in common, whichever run they are of.

Words, labels and lengths have to be the same. Left out is only what is drawn or read from a clock anew each time:
randoms, keys and hashes (not their length), times, dates, ports. Line breaks are left out too, because a wider number
may move them.
"""

from __future__ import annotations

import re

ON_THE_WIRE = "--follow 1 --without-keys"
ISLANDS = re.compile(r"── C [→←] S ──|\[(?:localhost|http/1\.1|Example CA)\]")
"""Of bytes on the wire only these can be foretold."""

_TIME = r"(?:\d+\.\d+|\d{1,3}(?:,\d{3})+)"
"""As the program writes one in a column: with decimals, or from 1,000 ms on, as on a busy machine, with commas."""

_DURATION = rf"(?:{_TIME}(?: ms\b| s\b|초)|\d+(?: min|분) \d+(?: s\b|초)|\d+(?: h|시간) \d+(?: min\b|분))"
"""As it stands elsewhere, in the unit of its size."""

_IN_LINES = (
    (rf"(?m)^ *{_TIME}(?=  )", "<time>"),
    (r"(?m)^( +\d+ +)\d+\.\d{6}(?=  )", r"\1<time>"),
)
"""What is known by where in its line it stands; the rest is looked for when there are no lines any more."""

_CHANGING = (
    (r"[0-9a-f]{6}…[0-9a-f]{4}(?!\w)", "<digest>"),
    (r"(?<![\w.])(?:0x)?[0-9a-f]{8,}(?![\w.])", lambda found: f"<{len(found[0])} digits>"),
    (r"(?:[0-9A-F]{2}:){7,}[0-9A-F]{2}", lambda found: f"<{len(found[0])} digits>"),
    (r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "<date>"),
    (rf"(?<=▏)(\w+(?: \w+)?) (?:{_DURATION}|{_TIME})|(?<=DNS) (?:{_DURATION}|{_TIME})", r"\1 <time>"),
    (_DURATION, "<time>"),
    (r"(?<=[0-9t]:)\d{5}\b", "<port>"),
    (r"\d+일(?= 남음)", "<days>"),  # one less as soon as a second has passed
)
_SIZE = re.compile(r"\d{1,3}(?:,\d{3})+")
_SIGNATURE = 16
"""An ECDSA signature, and a serial number, are a byte or two shorter once in a while: so is whatever holds them."""


def shape(output: str) -> list[str]:
    """The words of an output that begins with its command, what changes masked."""
    command, _, rest = output.partition("\n")
    if ON_THE_WIRE in command:
        return ISLANDS.findall(rest)
    for pattern, shown in _IN_LINES:
        output = re.sub(pattern, shown, output)
    output = " ".join(output.split())
    for pattern, mask in _CHANGING:
        output = re.sub(pattern, mask, output)
    return output.split()


def same(first: list[str], second: list[str]) -> bool:
    """Whether two shapes are of one command, run twice."""
    return len(first) == len(second) and all(map(_alike, first, second))


def _alike(first: str, second: str) -> bool:
    if _SIZE.fullmatch(first) and _SIZE.fullmatch(second):
        return abs(_number(first) - _number(second)) <= _SIGNATURE
    return first == second


def _number(text: str) -> int:
    return int(text.replace(",", ""))
