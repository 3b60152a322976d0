"""A long run of one target, or of all in turn: `python -m tests.fuzz [TARGET] [SECONDS] [FIRST_SEED]`."""

from __future__ import annotations

import sys
import time
from random import Random

from tests.fuzz.targets import TARGETS

SLOW = 1.0
"""Seconds: an input that takes longer is a finding, too."""


def main(target: str = "all", seconds: str = "60", first_seed: str = "0") -> int:
    names = list(TARGETS) if target == "all" else [target]
    seed, until = int(first_seed), time.monotonic() + float(seconds)
    while time.monotonic() < until:
        for name in names:
            began = time.monotonic()
            try:
                TARGETS[name](Random(seed))
            except Exception:
                print(f"found: python -m tests.fuzz {name} 0.001 {seed}", file=sys.stderr)
                raise
            if (took := time.monotonic() - began) > SLOW:
                print(f"slow, {took:.1f} s: python -m tests.fuzz {name} 0.001 {seed}", file=sys.stderr)
        seed += 1
    print(f"{', '.join(names)}: seeds {first_seed} to {seed - 1}, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
