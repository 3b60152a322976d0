"""The real programs the tests talk to. A missing one fails the run: it is not skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

ENVIRONMENT = {"PATH": os.environ["PATH"] + ":/usr/sbin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
"""Without what would change a program's ways: proxies, a key log, somebody's configuration."""


@dataclass(frozen=True)
class Ran:
    """What a program left behind."""

    exit_code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout.decode()


def program(name: str) -> str:
    """The path of an installed program."""
    found = shutil.which(name, path=ENVIRONMENT["PATH"])
    assert found is not None, f"the tests need {name}: install it from the system's packages"
    return found


def run(name: str, *arguments: str, stdin: bytes = b"") -> Ran:
    """Run a program to its end, for at most a minute."""
    done = subprocess.run(
        [program(name), *arguments], input=stdin, capture_output=True, timeout=60, check=False, env=ENVIRONMENT
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def curl(*arguments: str) -> Ran:
    """Run curl, silent but for errors."""
    return run("curl", "-q", "-sS", *arguments)
