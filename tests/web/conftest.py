from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.pages import demo_trace


@pytest.fixture(scope="session")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `transom demo` leaves: see `demo_trace`."""
    return demo_trace(tmp_path_factory.mktemp("demo"))
