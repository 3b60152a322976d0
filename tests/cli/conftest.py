from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.caller import Caller, new_caller
from tests.real.transom import User


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User.new(tmp_path)


@pytest.fixture
def caller(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    caplog: pytest.LogCaptureFixture,
) -> Caller:
    return new_caller(tmp_path, monkeypatch, capfdbinary, caplog)
