"""The run behind the page that answers the study note: its commands, each once, and what each printed.

A page shows ports 8443 and 8080. What listens is any two that are free and have four digits as well, so that no length
in the output depends on which; they are spelled as the page has them, in the commands and in what was printed.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.real.programs import ENVIRONMENT
from tests.real.started import free_ports
from tests.real.transom import Serving, User

SHOWN_PORTS = ("8443", "8080")
MINUTE = 60


class NoteRun:
    """A folder in which commands are run, and the output of each by the words it was typed with."""

    def __init__(self, base: Path, ports: Sequence[str]) -> None:
        self._user = User.new(base)
        self._ports = ports
        self._outputs: dict[str, str] = {}
        self._serving: Serving | None = None

    def set_up(self, commands: Sequence[str]) -> None:
        """The commands that make what others look at, in their order; `&` leaves a server behind, `kill %1` ends it."""
        for command in commands:
            if command.endswith(" &"):
                self._serve(command.removesuffix(" &"))
            elif command == "kill %1":
                self.stop()
            else:
                self.output(command)

    def write(self, name: str, content: str) -> None:
        """Put a file into the folder."""
        (self._user.folder / name).write_text(content, "utf-8")

    def output(self, command: str) -> str:
        """What the command prints. `…` stands for the middle of one that was run already."""
        begins, elided, ends = command.partition("…")
        if elided:
            (command,) = [one for one in self._outputs if one.startswith(begins) and one.endswith(ends)]
        if command not in self._outputs:
            self._outputs[command] = self._run(command)
        return self._outputs[command]

    def stop(self) -> None:
        """End the server, if there is one."""
        serving, self._serving = self._serving, None
        if serving:
            with serving.process:  # which closes its pipes
                code, log = serving.stop()
            assert code == 0, log

    def _run(self, command: str) -> str:
        if command.startswith("transom "):
            ran = self._user.run(*shlex.split(self._meant(command))[1:])
            assert ran.exit_code == 0, f"{command}: exit code {ran.exit_code}, {ran.text[-400:]}{ran.stderr}"
            return self._shown(ran.text)
        done = subprocess.run(
            ["sh", "-c", self._meant(command)],
            cwd=self._user.folder,
            env={**self._user.environment, "PATH": ENVIRONMENT["PATH"]},
            capture_output=True,
            timeout=MINUTE,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')}"
        return self._shown(done.stdout.decode())

    def _serve(self, command: str) -> None:
        process = self._user.start(*shlex.split(self._meant(command))[1:])
        self._serving = Serving(process)
        self._serving.await_announcement()

    def _meant(self, command: str) -> str:
        return _replaced(command, dict(zip(SHOWN_PORTS, self._ports, strict=True)))

    def _shown(self, text: str) -> str:
        return _replaced(text, dict(zip(self._ports, SHOWN_PORTS, strict=True)))


def _replaced(text: str, ports: dict[str, str]) -> str:
    return re.sub(rf"(?<=[: ])({'|'.join(ports)})(?!\d)", lambda found: ports[found[0]], text)


@contextmanager
def note_run(base: Path) -> Generator[NoteRun]:
    """A run in a new folder beneath `base`; nothing is left running after it."""
    # Of four digits, as those that are shown.
    run = NoteRun(base, [str(port) for port in free_ports(len(SHOWN_PORTS), range(2000, 8000))])
    try:
        yield run
    finally:
        run.stop()
