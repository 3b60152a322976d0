from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.browser import Browser
from tests.real.chromium import chromium
from tests.web.pages import demo_trace, served


@pytest.fixture(scope="session")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `transom demo` leaves: see `demo_trace`."""
    return demo_trace(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(trace: Path) -> Generator[str]:
    """The live page of that trace, with its keys."""
    with served(trace) as address:
        yield address
