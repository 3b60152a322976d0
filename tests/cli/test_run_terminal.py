"""`transom run` between a shell and a command: the command has the terminal, the shell its job control."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.programs import program
from tests.real.transom import COMMAND, MINUTE, User

RUN = " ".join(map(str, COMMAND)) + " run --lang en"


WAITS = """
import os, signal
signal.signal(signal.SIGCONT, lambda *_: os.write(1, b"it goes on\\n"))
signal.signal(signal.SIGINT, signal.SIG_DFL)
print("it is ready", flush=True)
while True:
    signal.pause()
"""


SIZED = """
import os, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
print("it is ready", flush=True)
count = 0
while signal.sigwait([signal.SIGWINCH]):
    count += 1
    size = os.get_terminal_size(0)
    print(f"{size.columns}x{size.lines} after {count}", flush=True)
"""


class Typing:
    """A shell on a terminal, and who types there."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._said = b""

    def types(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def resizes(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def reads(self, expected: str) -> str:
        """What comes up to this text, which must come within a minute."""
        while expected.encode() not in self._said:
            readable, _, _ = select.select([self._terminal], [], [], MINUTE)
            assert readable, f"{expected!r} never came: {self._said.decode(errors='replace')}"
            self._said += os.read(self._terminal, 65536)
        before, _, self._said = self._said.partition(expected.encode())
        return before.decode(errors="replace")


@contextmanager
def shell(user: User) -> Generator[Typing]:
    ours, theirs = os.openpty()
    command = [program("setsid"), "--ctty", "--wait", program("bash"), "--norc", "--noediting", "-i"]
    environment = {**user.environment, "PS1": "$ ", "TERM": "dumb"}
    with subprocess.Popen(
        command, cwd=user.folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        try:
            yield Typing(ours)
        finally:
            os.close(ours)  # the terminal hangs up: the shell ends, and so do its jobs
            process.wait(MINUTE)


@pytest.fixture
def here(tmp_path: Path) -> User:
    return User.new(tmp_path)


def test_the_command_has_the_terminal_and_reads_from_it(here: User) -> None:
    with shell(here) as typing:
        asks = "test -t 0 && test -t 1 && test -t 2 && echo on a term''inal; read a; echo =$a="
        typing.types(f"{RUN} sh -c '{asks}'\n")
        typing.reads("on a terminal")
        typing.types("this line\n")
        typing.reads("=this line=")
        typing.reads("sh ended with exit code 0")


def test_the_command_is_stopped_and_goes_on_and_is_interrupted_from_the_keyboard(here: User) -> None:
    (here.folder / "waits.py").write_text(WAITS)
    with shell(here) as typing:
        typing.types(f"{RUN} {sys.executable} waits.py\n")
        typing.reads("it is ready")
        typing.types("\x1a")
        typing.reads("Stopped")
        typing.reads("$ ")
        typing.types("fg\n")
        typing.reads("it goes on")
        typing.types("\x03")
        typing.reads("was ended by SIGINT")
        typing.types("echo code=$?\n")
        typing.reads("code=130")


def test_a_command_that_takes_an_interrupt_for_something_else_goes_on(here: User) -> None:
    with shell(here) as typing:
        typing.types(f"{RUN} sh -c 'trap \"echo once more\" INT; echo rea''dy; read a; read a; echo got $a; exit 5'\n")
        typing.reads("ready")
        typing.types("\x03")
        typing.reads("once more")
        typing.types("line\nline\n")
        typing.reads("got")
        typing.reads("exit code 5")


def test_within_a_pipeline_the_others_keep_the_terminal_too(here: User) -> None:
    with shell(here) as typing:
        typing.types(f"{RUN} -s sh -c 'echo from the com''mand' | sh -c 'read a; read b </dev/tty; echo $a, $b'\n")
        typing.types("from the keyboard\n")
        typing.reads("from the command, from the keyboard")


def test_a_new_size_of_the_terminal_reaches_the_command_once(here: User) -> None:
    (here.folder / "sized.py").write_text(SIZED)
    with shell(here) as typing:
        typing.types(f"{RUN} {sys.executable} sized.py\n")
        typing.reads("it is ready")
        typing.resizes(100, 40)
        typing.reads("100x40 after 1")
        typing.resizes(90, 30)
        typing.reads("90x30 after 2")
        typing.types("\x03")
        typing.reads("was ended by SIGINT")
