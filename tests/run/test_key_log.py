"""The file of the command's keys: what programs write there is read while it grows, and costs no more than a line."""

from __future__ import annotations

import os
import tracemalloc

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
