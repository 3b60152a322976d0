from __future__ import annotations

from pathlib import Path

import pytest

from transom.errors import TransferError
from transom.net.file_sender import AT_ONCE
from transom.transfer.content import whole_file


def test_the_last_of_a_file_that_was_changed_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(bytes(AT_ONCE + 10))
    part = whole_file(path)
    place = part.place()
    assert place is not None
    place.has_gone(10)
    path.write_bytes(bytes([1]) * (AT_ONCE + 10))
    assert part.place() is None
    with pytest.raises(TransferError, match="changed while it was sent"):
        part.fill([memoryview(bytearray(AT_ONCE))])
    part.close()
