"""What a copy of the kernel costs, by where its destination lies.

    python bench/copies.py [--mib 256] [--rounds 5]

A file in the page cache is read, 64 KiB at a time, to memory that begins so many bytes behind the beginning of a page.
Printed is how many times as long it takes as to the beginning itself: the median of the rounds, in each of which every
place has one turn.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from statistics import median

from programs import MIB

from transom.wire.paged import paged

PLACES = (0, 1, 8, 16, 31, 32, 64, 128, 2048, 4080)
PIECE = 64 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=256, help="the size of the file (default: 256)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each place (default: 5)")
    options = parser.parse_args()
    memory = paged(PIECE + max(PLACES))
    with tempfile.TemporaryFile() as file:
        file.truncate(options.mib * MIB)
        read(file.fileno(), options.mib * MIB, memory[:PIECE])  # into the page cache: not counted
        rounds = [
            [read(file.fileno(), options.mib * MIB, memory[place : place + PIECE]) for place in PLACES]
            for _ in range(options.rounds)
        ]
    print(f"{options.mib} MiB from the page cache to memory; median of {options.rounds} rounds")
    for index, place in enumerate(PLACES):
        print(f"{place:5} behind a page {median(one[index] / one[0] for one in rounds):6.2f}", flush=True)


def read(file: int, size: int, to: memoryview) -> float:
    start = time.perf_counter()
    for offset in range(0, size, PIECE):
        os.preadv(file, [to], offset)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
