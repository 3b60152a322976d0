"""How often Python looks for garbage while a capture is read."""

from __future__ import annotations

import gc

_NEW_BETWEEN_LOOKS = 20_000
"""So many more objects there are before it looks again (usually 700). A conversation that is over leaves next to none
for it to find, and to look through what is kept, again and again, took an eighth of the time for a capture of many."""


def look_seldom() -> None:
    """From now on, in all of this process."""
    gc.set_threshold(_NEW_BETWEEN_LOOKS)
