"""What programs the command's processes were: behind `sh -c` or `make` the one that went its own way is none of those.

They are looked at while they are there, now and then, since nobody tells of them without rights. One that is there for
milliseconds is missed; it is for advice alone.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from transom.run.family import Family, open_files
from transom.run.programs import Program, program_of

MOST_PROGRAMS = 64

_OFTEN, _SELDOM = 0.02, 1.0
"""Seconds between two looks: at first, and at most."""

REST, _SHARE = 20, 20
"""A look takes no more than a twentieth of the time; and it is looked again when a twentieth more of it has passed."""


class Ran:
    """The process `command` and its descendants; `key_log` is the file that they have in their environment."""

    def __init__(self, command: int, key_log: Path) -> None:
        self._family = Family(command, str(key_log))
        self._key_log = key_log
        self._size = 0
        self._programs: dict[Program, bool] = {}

    @property
    def programs(self) -> list[Program]:
        """All that were seen, in that order."""
        return list(self._programs)

    @property
    def with_keys(self) -> list[Program]:
        """Those of them that had the key log open when keys were in it."""
        return [program for program, has_keys in self._programs.items() if has_keys]

    def look(self) -> None:
        """Who is there now."""
        grown = self._has_grown()
        for pid in self._family.members():
            program = program_of(pid)
            if program is None or (program not in self._programs and len(self._programs) >= MOST_PROGRAMS):
                continue
            has_keys = self._programs.get(program, False)
            self._programs[program] = has_keys or (grown and str(self._key_log) in open_files(pid))

    def _has_grown(self) -> bool:
        with suppress(OSError):  # the command has removed it
            size, self._size = self._size, self._key_log.stat().st_size
            return self._size > size
        return False

    async def keep_looking(self) -> None:
        """Until it is cancelled."""
        began = time.monotonic()
        while True:
            before = time.monotonic()
            self.look()
            now = time.monotonic()
            await asyncio.sleep(max(REST * (now - before), min(max(_OFTEN, (now - began) / _SHARE), _SELDOM)))
