"""One connection as two captures have it: at the client, and at the server behind a NAT whose clock is another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.capture.build import ACK, SYN, enhanced, ethernet, interface, section, tcp
from tests.cli.crossing import Wire
from transom.wire.tap import Side

INSIDE, OUTSIDE, SERVER = ("10.0.0.5", 40000), ("203.0.113.9", 61000), ("198.51.100.2", 443)
CLIENT_START, SERVER_START = 4_000_000_000, 77_000
SEGMENT = 1000
CLOCK, WAY = 5_000_000, 5_000
"""Microseconds that the server's clock is ahead, and that the way between the two places takes."""

Change = Callable[[Side, bytes], bytes]


def at_both(folder: Path, wire: Wire, change: Change = lambda _, data: data, lost: int | None = None) -> list[Path]:
    """`a.pcapng` at the client and `b.pcapng` at the server, who hear `wire` with what `change` makes of it.

    The client's segment number `lost` is sent twice, and comes once.
    """
    sent = list(_segments(wire))
    here: list[_Segment] = []
    there: list[_Segment] = []
    mine = [number for number, (side, *_) in enumerate(sent) if side is Side.CLIENT]
    for number, (side, at, data, time) in enumerate(sent):
        early, late = (here, there) if side is Side.CLIENT else (there, here)
        clock, other = (0, CLOCK) if side is Side.CLIENT else (CLOCK, 0)
        is_lost = lost is not None and number == mine[lost]
        if is_lost:
            early.append((side, at, data, time + clock))
        early.append((side, at, data, time + clock + is_lost * 100))
        late.append((side, at, data, time + other + WAY + is_lost * 100))
    (folder / "a.pcapng").write_bytes(_file(here, INSIDE, 0, 2 * WAY + 1000))
    changed = [(side, at, change(side, data), time) for side, at, data, time in there]
    (folder / "b.pcapng").write_bytes(_file(changed, OUTSIDE, CLOCK + WAY, 1000))
    return [folder / "a.pcapng", folder / "b.pcapng"]


_Segment = tuple[Side, int, bytes, int]


def _segments(wire: Wire) -> Iterable[_Segment]:
    places, time = dict.fromkeys(Side, 0), 20_000
    for side, data in wire:
        for at in range(0, len(data), SEGMENT):
            part = bytes(data[at : at + SEGMENT])
            yield side, places[side], part, time
            places[side] += len(part)
            time += 300
        time += 2 * WAY


def _file(segments: Iterable[_Segment], client: tuple[str, int], opened: int, answer: int) -> bytes:
    """The SYN at `opened` and its answer so much later, in microseconds; then the segments by their time."""
    frames = [
        (opened, tcp(client, SERVER, CLIENT_START - 1, flags=SYN)),
        (opened + answer, tcp(SERVER, client, SERVER_START - 1, CLIENT_START, flags=SYN | ACK)),
    ]
    for side, at, data, time in sorted(segments, key=lambda segment: segment[3]):
        if side is Side.CLIENT:
            frames.append((time, tcp(client, SERVER, CLIENT_START + at, SERVER_START, payload=data)))
        else:
            frames.append((time, tcp(SERVER, client, SERVER_START + at, CLIENT_START, payload=data)))
    return section() + interface() + b"".join(enhanced(ethernet(frame), time) for time, frame in frames)
