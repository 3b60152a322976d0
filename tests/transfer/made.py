"""A body that is being made, taken as a connection takes it."""

from __future__ import annotations

import threading
from contextlib import closing

from transom.transfer.being_made import BeingMade


def made(content: BeingMade) -> bytes:
    """All of it. Raises TransferError where it does not come to its end."""
    taken = bytearray()
    with closing(content):
        while len(taken) < content.length:
            ready = threading.Event()
            count = content.at_hand(ready.set)
            if not count:
                assert ready.wait(60)
            part = bytearray(count)
            content.fill([memoryview(part)])
            taken += part
    return bytes(taken)
