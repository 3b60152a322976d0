"""A capture that is still being written: its readers wait at its end for more, and hear its secrets as they come."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Growth:
    """`over` is set once nothing more is written. `hear` is told key-log text, some of it more than once."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.over = False
        self.hear = hear

    def is_over(self) -> bool:
        """Whether nothing more is written: asked at the end of what there is."""
        return self.over

    def before_packets(self) -> None:
        """Packets were read, and are about to be told."""


class GrowingSecrets:
    """The Decryption Secrets Blocks that one reader has passed, and that may have been filled since.

    Our traces have a block before the packets it opens and write the secrets into it later, each before the first
    packet that it opens (`capture.trace_secrets`). So a reader looks again before it takes packets: those that were
    read by then have their secrets in the file. Once another block has begun, nothing is added to those before it.
    """

    def __init__(self, growth: Growth) -> None:
        self._growth = growth
        self._places: list[tuple[int, int]] = []
        self._heard: dict[tuple[int, int], bytes] = {}

    def add(self, at: int, length: int) -> None:
        """A block whose text lies here in the file."""
        self._places.append((at, length))

    def look_again(self, descriptor: int) -> None:
        """Hear what is new in them."""
        for place in self._places:
            at, length = place
            text = os.pread(descriptor, length, at)
            if text != self._heard.get(place):
                self._heard[place] = text
                self._growth.hear(text)
        self._places = self._places[-1:]
        self._heard = {place: self._heard[place] for place in self._places}
