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

_CHANGING = (
    (r"[0-9a-f]{6}…[0-9a-f]{4}(?!\w)", "<digest>"),
    (r"(?<![\w.])(?:0x)?[0-9a-f]{8,}(?![\w.])", lambda found: f"<{len(found[0])} digits>"),
    (r"(?:[0-9A-F]{2}:){7,}[0-9A-F]{2}", lambda found: f"<{len(found[0])} digits>"),
    (r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "<date>"),
    (r"(?m)^ *\d+\.\d(?=  )", "<time>"),
    (r"(?m)^( +\d+ +)\d+\.\d{6}(?=  )", r"\1<time>"),
    (r"[\d.,]+(?= (?:ms|s)\b|초)", "<time>"),
    (r"(?<=▏)([^\d▏\n]+) [\d.]+|(?<=DNS) [\d.]+", r"\1 <time>"),
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
