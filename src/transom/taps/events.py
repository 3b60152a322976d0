"""What the taps tell: small, flat, the same within a process and between two of them."""

from __future__ import annotations

from collections.abc import Callable

OPENED = 1
"""Payload: `ROLE LOCAL-ADDRESS PORT PEER-ADDRESS PORT`, where ROLE is what this process seems to be."""
RECEIVED = 2
SENT = 3
PEER_ENDED = 4
"""The peer sends no more. Payload: `fin` or `reset`."""
OWN_ENDED = 5
"""This process sends no more on that connection."""
GONE = 6
"""This process has closed it: nothing more will be seen of it."""
KEYS = 7
"""Payload: whole lines of a key log (RFC 9850). They are told before the bytes that they open.

The number is `OWN_LOG` for a log that this process and its forks alone write, `SHARED_LOG` for any other.
"""

OWN_LOG = 0
SHARED_LOG = 1
"""A file that the program has chosen: others may log their sessions there too."""

CLIENT = "client"
SERVER = "server"

Event = tuple[int, int, int, bytes]
"""Kind, number of the connection within its process (for keys: whose log), nanoseconds since the epoch, payload."""

Sink = Callable[[int, int, int, bytes], None]
"""Is told the four parts of each event, in order within a connection, from any thread. It never raises.

What it knows by itself it says in attributes: `known_log`, the name of a key log that it is not to be told of, and
`outlives_a_fork`.
"""

EDITION = 1
"""Of what stands here, and of the functions of `installed`: it changes with them."""
