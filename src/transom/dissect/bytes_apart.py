"""The first byte of each side at which two captures of one conversation differ.

Memory grows by eight bytes for each 4 KiB that crossed.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from transom.dissect.one import hear_wire
from transom.value import value
from transom.wire.tap import Buffer, Side

BLOCK = 4096
_DIGEST = 8


@value
class Apart:
    """`offset` counts from 0 in the side's stream, whose byte is `a` in one and `b` in the other."""

    side: Side
    offset: int
    a: int
    b: int


def bytes_apart(a: tuple[Path, int], b: tuple[Path, int]) -> dict[Side, Apart]:
    """Where each side's bytes part, of those that both have; `a` and `b` are a capture and a number in it.

    Raises CaptureError.
    """
    blocks = [_Blocks.of(*place) for place in (a, b)]
    found: dict[Side, Apart] = {}
    for side in Side:
        for block in blocks[0].differing(blocks[1], side):
            one, other = (_block(*place, side, block) for place in (a, b))
            at = next((at for at, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), None)
            if at is not None:
                found[side] = Apart(side, block * BLOCK + at, one[at], other[at])
                break
    return found


class _Blocks:
    """A digest for each block of each side; `lost` are those with bytes that were not captured."""

    def __init__(self) -> None:
        self._digests = {side: bytearray() for side in Side}
        self._left = {side: bytearray() for side in Side}
        self._lost: dict[Side, set[int]] = {side: set() for side in Side}

    @classmethod
    def of(cls, path: Path, number: int) -> _Blocks:
        blocks = cls()
        hear_wire(path, number, blocks.take, blocks.miss)
        for side in Side:
            if blocks._left[side]:
                blocks._digests[side] += _digest(blocks._left[side])
        return blocks

    def take(self, side: Side, data: Buffer) -> None:
        left = self._left[side]
        left += data
        whole = len(left) // BLOCK * BLOCK
        for at in range(0, whole, BLOCK):
            self._digests[side] += _digest(left[at : at + BLOCK])
        del left[:whole]

    def miss(self, side: Side, count: int) -> None:
        while count:
            part = min(count, BLOCK - len(self._left[side]))
            self._lost[side].add(len(self._digests[side]) // _DIGEST)
            self.take(side, bytes(part))
            count -= part

    def differing(self, other: _Blocks, side: Side) -> list[int]:
        """The blocks that are not the same, of those that both have; the first of them."""
        one, two = self._digests[side], other._digests[side]
        lost = self._lost[side] | other._lost[side]
        places = range(min(len(one), len(two)) // _DIGEST)
        span = ((at, slice(at * _DIGEST, (at + 1) * _DIGEST)) for at in places)
        return [at for at, where in span if one[where] != two[where] and at not in lost][:2]


def _digest(data: Buffer) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()


def _block(path: Path, number: int, side: Side, block: int) -> bytes:
    kept = bytearray()
    at = 0

    def take(heard: Side, data: Buffer) -> None:
        nonlocal at
        if heard is side:
            begin, end = block * BLOCK - at, (block + 1) * BLOCK - at
            kept.extend(data[max(begin, 0) : max(end, 0)])
            at += len(data)

    def miss(heard: Side, count: int) -> None:
        nonlocal at
        if heard is side:
            at += count

    hear_wire(path, number, take, miss)
    return bytes(kept)
