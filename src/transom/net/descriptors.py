"""The descriptors of this process: which are open, and how many connections it may hold, which count as such."""

from __future__ import annotations

import os
from contextlib import suppress

OWN = 64
"""What a process has besides its connections: standard streams, the loop's, listening sockets, folders on the way."""


def open_descriptors() -> list[int]:
    """Those that are open, and the one by which they were listed, which has gone. Raises OSError without /proc."""
    return [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 (names are all there is to them)


def room_for(connections: int) -> int:
    """Take the descriptors for so many connections, as far as the system allows; how many of them there is room for.

    Each may have a file open as well: where only the connections fit, a request too many is answered 503.
    """
    try:
        import resource
    except ImportError:  # not POSIX: there is no such limit
        return connections
    wanted = 2 * connections + OWN
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        unlimited = hard == resource.RLIM_INFINITY
        with suppress(OSError, ValueError):  # macOS has a limit beneath its hard one
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if unlimited else min(wanted, hard), hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections if soft == resource.RLIM_INFINITY else max(min(connections, soft - OWN), 0)
