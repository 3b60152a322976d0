"""Events without the accidents of how the bytes came: neighbouring pieces of a body are one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from transom.http.events import BodyData


def condensed(receive: Callable[[bytes], Sequence[object]], *pieces: bytes) -> list[object]:
    """What `receive` gives for `pieces`, every run of BodyData as its bytes."""
    found: list[object] = []
    for piece in pieces:
        for event in receive(piece):
            found.append(bytes(event.data) if isinstance(event, BodyData) else event)
            if len(found) > 1 and isinstance(found[-1], bytes) and isinstance(found[-2], bytes):
                found[-2:] = [found[-2] + found[-1]]
    return found


def splits(data: bytes) -> list[tuple[bytes, ...]]:
    """`data` cut in two at every place, and byte by byte."""
    return [(data[:at], data[at:]) for at in range(1, len(data))] + [tuple(bytes([byte]) for byte in data)]
