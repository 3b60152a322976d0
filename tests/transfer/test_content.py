from __future__ import annotations

import os
from pathlib import Path

import pytest

from transom.errors import TransferError
from transom.files.opened import OpenFile
from transom.files.source import share
from transom.http.ranges import select_ranges
from transom.transfer.content import COPIED, whole_file
from transom.transfer.selected import selected


def test_what_may_still_be_on_its_way_when_the_last_of_a_file_is_checked_is_not_the_files_own_memory(
    tmp_path: Path,
) -> None:
    """nginx, for one, sends by `sendfile` to the end: what is written to the file behind its back is received."""
    path = tmp_path / "file.bin"
    path.touch()
    os.truncate(path, COPIED + 10)
    part = whole_file(path)
    place = part.place()
    assert place is not None
    place.has_gone(10)
    assert part.place() is None
    os.utime(path, ns=(1, 1))
    buffer = memoryview(bytearray(COPIED - 1))
    part.fill([buffer])
    with pytest.raises(TransferError, match="changed while it was sent"):
        part.fill([buffer[:1]])
    part.close()


@pytest.mark.parametrize("ranges", ["bytes=0-4", "bytes=2-5", "bytes=-3", "bytes=0-1,900-901"])
def test_the_last_of_a_part_of_a_file_that_was_changed_is_not_sent(tmp_path: Path, ranges: str) -> None:
    (tmp_path / "file.bin").write_bytes(bytes(1000))
    file = share(tmp_path / "file.bin").open("/")
    assert isinstance(file, OpenFile)
    content = selected(file, select_ranges(ranges, file.size)).content
    content.fill([memoryview(bytearray(content.length - 60 if "," in ranges else 1))])
    (tmp_path / "file.bin").write_bytes(b"now another file".ljust(1000))
    os.utime(tmp_path / "file.bin", ns=(1, 1))
    with pytest.raises(TransferError, match="changed while it was sent"):
        content.fill([memoryview(bytearray(60 if "," in ranges else content.length - 1))])
    content.close()
