"""The command line called in this process: for the many cases in which starting a program would be most of the time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.programs import Ran
from tests.real.transom import choosing
from transom.cli import main


@dataclass(frozen=True)
class Caller:
    """As `tests.real.transom.User`, in the same process: the current folder and the environment are theirs."""

    home: Path
    folder: Path
    capture: pytest.CaptureFixture[bytes]
    log: pytest.LogCaptureFixture
    tls: str = "transom"

    def run(self, *arguments: str | Path) -> Ran:
        """Run a command. What asyncio had to log is an exception that nobody caught, and fails the test."""
        self.capture.readouterr()
        code = main(choosing(self.tls, arguments))
        printed = self.capture.readouterr()
        assert self.log.records == []
        return Ran(code, printed.out, printed.err.decode())


def new_caller(
    base: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes], log: pytest.LogCaptureFixture
) -> Caller:
    """One who has never run it, in an empty folder."""
    caller = Caller(base / "home", base / "folder", capture, log)
    caller.home.mkdir()
    caller.folder.mkdir()
    patch.chdir(caller.folder)
    patch.setenv("XDG_DATA_HOME", str(caller.home))
    patch.setenv("LC_ALL", "C.UTF-8")
    patch.delenv("SSLKEYLOGFILE", raising=False)
    return caller
