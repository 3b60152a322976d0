"""Sizes as people type them."""

from __future__ import annotations

import argparse
import re

_SIZE = re.compile(r"([0-9]{1,15})([KMGT]?)B?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def size(text: str) -> int:
    """Bytes: `500`, `10M`, `2G`, with powers of 1,024 as curl counts them. For argparse."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: expected bytes, such as 500, 10M or 2G")
    return int(match[1]) * _UNITS[match[2].upper()]
