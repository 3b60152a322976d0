"""What every test of the project keeps to."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The names of cases are the same in every process: the workers that share the tests compare them."""
    unstable = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if unstable:
        raise pytest.UsageError("an address in the name of a test: give its cases ids: " + unstable[0])
