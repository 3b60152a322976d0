"""Memory that begins where a page does, for bytes that come in bulk.

The kernel copies with `rep movsb`, and on AMD's Zen 3 that is five times slower where the destination lies 1 to 31
bytes behind the source, counted within a page of 4,096: the processor takes each load for one of what it has just
stored. A file's pages begin at 0, and so do those that sendfile(2) puts into a socket; a large bytearray begins at 16
(`bench/run copies`, decision 23).
"""

from __future__ import annotations

import mmap


def paged(size: int) -> memoryview:
    """So many bytes of zeros, at least one, at the beginning of a page. They take memory as far as they are used."""
    return memoryview(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
