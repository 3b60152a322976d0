"""Making good bytes bad."""

from __future__ import annotations

from random import Random

_INTERESTING = (0, 1, 0x7F, 0x80, 0xFF)


def mutate(chance: Random, data: bytes) -> bytes:
    """`data` with a few small changes: bytes changed, left out, repeated, put in, or the end missing."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        if not changed:
            return chance.randbytes(chance.randrange(1, 40))
        at = chance.randrange(len(changed))
        length = chance.choice((1, 1, 2, 4, 16, 64))
        match chance.randrange(7):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at] = chance.choice(_INTERESTING)
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = chance.randbytes(length)
            case 4:
                changed[at:at] = changed[at : at + length]
            case 5:
                there = chance.randrange(len(changed))
                changed[at : at + length] = changed[there : there + length]
            case _:
                del changed[chance.randrange(at, len(changed)) :]
    return bytes(changed)


def pieces(chance: Random, data: bytes) -> list[bytes]:
    """`data` as it might arrive."""
    size = chance.choice((1, 7, 100, 2**20)) if len(data) < 20_000 else 2**20
    return [data[at : at + size] for at in range(0, len(data), size)]
