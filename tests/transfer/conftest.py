from __future__ import annotations

import hashlib
from pathlib import Path

import pytest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder to serve, with a secret beside it."""
    shared = tmp_path / "shared"
    (shared / "sub").mkdir(parents=True)
    (shared / "hello.txt").write_text("hello, world\n")
    (shared / "empty.bin").write_bytes(b"")
    (shared / "f.bin").write_bytes(pattern(1_000_003))
    (shared / "sub" / "한글 이름.txt").write_text("안녕\n")
    (shared / ".hidden").write_text("hidden\n")
    (tmp_path / "secret.txt").write_text("secret\n")
    return shared


def pattern(size: int) -> bytes:
    """Bytes of which no two parts are alike, so that a part in the wrong place is seen."""
    return hashlib.shake_128(b"transom").digest(size)
