"""The `transom` program itself, as a user starts it: a process of its own with a home of its own."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from tests.real.programs import ENVIRONMENT, Ran

COMMAND = (sys.executable, "-W", "error", "-m", "transom")
SOURCE = Path(__file__).parents[2] / "src"
MINUTE = 60


def choosing(tls: str, arguments: tuple[str | Path, ...]) -> list[str]:
    """The words of a command, with the engine chosen where there is a choice and none was made."""
    words = list(map(str, arguments))
    if words[:1] in (["get"], ["serve"]) and "--tls" not in words:
        words[1:1] = ["--tls", tls]
    return words


@dataclass(frozen=True)
class User:
    """Somebody who runs Transom: their data is in `home`, and `folder` is where they are."""

    home: Path
    folder: Path
    tls: str = "transom"
    """Which engine they choose where there is a choice: ours is the one to be proven."""

    @classmethod
    def new(cls, base: Path) -> User:
        """A user who has never run it."""
        user = cls(base / "home", base / "folder")
        user.home.mkdir()
        user.folder.mkdir()
        return user

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "HOME": str(self.home), "XDG_DATA_HOME": str(self.home), "PYTHONPATH": str(SOURCE)}

    @property
    def ca(self) -> Path:
        """The certificate of their local CA, once there is one."""
        return self.home / "transom" / "ca" / "ca.pem"

    def run(self, *arguments: str | Path, env: Mapping[str, str] | None = None, prefix: Sequence[str] = ()) -> Ran:
        """Run a command to its end, for at most a minute; `prefix` is what starts it as somebody else, or elsewhere."""
        return self.types(*prefix, *COMMAND, *choosing(self.tls, arguments), env=env)

    def types(self, *words: str, env: Mapping[str, str] | None = None) -> Ran:
        """Run these words, in whatever way they start us. A traceback fails the test, whatever the exit code."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MINUTE,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, done.stderr.decode(errors="replace"))
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran

    def pastes(self, lines: str, folder: Path | None = None) -> Ran:
        """Give these lines to bash as they are printed somewhere, in `folder`; `transom` is on the path."""
        programs = self.home / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "transom").write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
        (programs / "transom").chmod(0o755)
        there = self if folder is None else replace(self, folder=folder)
        return there.types("bash", "-ec", lines, env={"PATH": f"{programs}:{ENVIRONMENT['PATH']}"})

    def start(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> Started:
        """Start a command and leave it running, with pipes for its output."""
        return Started(
            [*COMMAND, *choosing(self.tls, arguments)],
            cwd=self.folder,
            env={**self.environment, "PYTHONUNBUFFERED": "1", **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @contextmanager
    def serving(
        self, *arguments: str | Path, http: bool = False, env: Mapping[str, str] | None = None
    ) -> Generator[Serving]:
        """`transom serve` on free ports with these arguments, until the block ends."""
        more = ("--http-port", "0") if http else ()
        with self.start("serve", "--port", "0", *more, *arguments, env=env) as process:
            serving = Serving(process)
            try:
                serving.await_announcement()
                yield serving
            finally:
                serving.stop()
        assert "Traceback" not in serving.log, serving.log


class Started(subprocess.Popen[bytes]):
    """A test that fails while it runs ends it: else it would be waited for, and the test would fail to nobody."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, error, traceback)


@dataclass
class Serving:
    """A running `transom serve`, and what it has printed so far."""

    process: subprocess.Popen[bytes]
    announcement: str = ""
    read_log: bool = True
    _log: list[bytes] = field(default_factory=list)
    _ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._readers = (
            [threading.Thread(target=self._log.extend, args=(self.process.stderr,))] if self.read_log else []
        )
        for reader in self._readers:
            reader.start()

    def await_announcement(self) -> None:
        """Read all that it prints before it serves: the last line says how to stop it."""
        assert self.process.stdout is not None
        while "^C" not in self.announcement:
            line = self.process.stdout.readline().decode()
            assert line, f"serve ended: {self.stop()}"
            self.announcement += line
            if found := re.match(r"  (https?)://\S+:(\d+)/$", line):
                self._ports[found[1]] = int(found[2])

    @property
    def port(self) -> int:
        return self._ports["https"]

    @property
    def http_port(self) -> int:
        return self._ports["http"]

    def url(self, path: str, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{path}"

    @property
    def log(self) -> str:
        return b"".join(self._log).decode(errors="replace")

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Ask it to end; its exit code and its log."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(20)
        for reader in self._readers:
            reader.join(10)
        return code, self.log


def private_mode(path: Path) -> bool:
    """Whether the file is its owner's alone."""
    return path.stat().st_mode & 0o777 == 0o600
