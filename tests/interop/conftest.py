from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.caller import Caller, new_caller
from tests.real.certificates import Authority
from tests.real.public import public_folder, publish
from tests.real.transom import User

CONTENT = hashlib.shake_128(b"what crosses").digest(1_000_003)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def files() -> Generator[Path]:
    """A folder to serve: `f.bin`, and `hello.txt`."""
    with public_folder() as folder:
        publish(folder / "f.bin", CONTENT)
        publish(folder / "hello.txt", b"hello\n")
        yield folder


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
