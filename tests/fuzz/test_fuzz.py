"""A short slice of each target in every run; README.md tells how to run long ones."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.targets import TARGETS

CASES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_slice(name: str) -> None:
    for seed in range(CASES):
        TARGETS[name](Random(seed))
