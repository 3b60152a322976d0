"""The file of the command's keys: what programs write there is read while it grows, and costs no more than a line."""

from __future__ import annotations

import os
import tracemalloc

import pytest

from transom.run.key_log import KeyLogFile

LINE = f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}\n"


def test_a_line_is_there_when_it_has_ended() -> None:
    log = KeyLogFile()
    try:
        with log.path.open("a") as program:
            program.write(LINE + LINE[:20])
            program.flush()
            assert log.read() == [LINE]
            program.write(LINE[20:])
            program.flush()
            assert log.read() == [LINE]
            assert log.read() == []
    finally:
        log.close()


def test_a_line_without_end_takes_no_memory_and_hides_no_line_behind_it() -> None:
    log = KeyLogFile()
    try:
        os.truncate(log.path, 2**26)
        tracemalloc.start()
        assert log.read() == []
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 2**20
        with log.path.open("a") as program:
            program.write("\n" + LINE)
        assert log.read() == [LINE]
    finally:
        log.close()


OTHER = f"CLIENT_RANDOM {'12' * 32} {'34' * 48}\n"


@pytest.mark.parametrize("count", [1, 3, 10], ids=["shorter", "as long", "longer"])
def test_a_program_that_begins_the_file_anew_hides_none_of_its_keys(count: int) -> None:
    """Opened to be written, and not to be appended to: what others wrote, and was read, is gone from it."""
    log = KeyLogFile()
    try:
        with log.path.open("a") as program:
            program.write(LINE * 3 + LINE[:20])
        assert log.read() == [LINE] * 3
        anew = OTHER * count
        log.path.write_text(anew[:-20])
        assert log.read() == [OTHER] * (count - 1)
        with log.path.open("a") as program:
            program.write(anew[-20:])
        assert log.read() == [OTHER]
        log.path.write_text("")
        assert log.read() == []
        with log.path.open("a") as program:
            program.write(LINE)
        assert log.read() == [LINE]
    finally:
        log.close()
