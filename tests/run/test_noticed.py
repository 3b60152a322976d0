"""The sockets that a command connects are noted before it connects, and the command is none the worse for it."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.real.programs import ENVIRONMENT
from transom.run import keeper
from transom.run.child import Spawn, spawn
from transom.run.noticed import Noticed
from transom.run.programs import Program

CONNECT = """
import socket, struct, sys
def connect():
    with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as there:
        print(struct.unpack("=Q", there.getsockopt(socket.SOL_SOCKET, 57, 8))[0], flush=True)
"""
AT_ONCE = CONNECT + "connect()"
IN_A_THREAD = CONNECT + "import threading; one = threading.Thread(target=connect); one.start(); one.join()"
IN_A_NAMED_THREAD = (
    CONNECT
    + """
import threading
def named():
    with open("/proc/thread-self/comm", "w") as name:
        name.write("worker")
    connect()
one = threading.Thread(target=named)
one.start()
one.join()
"""
)
IN_A_GRANDCHILD = CONNECT + "import os\nif os.fork(): os.wait()\nelif os.fork(): os.wait()\nelse: connect()"
WHEN_TOLD_TO = CONNECT + "print('ready', flush=True); sys.stdin.readline(); connect()"

UNDER_SIGNALS = """
import signal, socket, sys
signal.signal(signal.SIGALRM, lambda *_: None)
signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
for _ in range(300):
    with socket.socket() as one:
        one.setblocking(False)
        number = one.connect_ex((sys.argv[1], int(sys.argv[2])))
        assert number in (0, 115), number
signal.setitimer(signal.ITIMER_REAL, 0)
"""
"""As Go interrupts its own threads: no call is to end by it. Of a socket that does not block, connect_ex would tell."""

CONNECTS_NOWHERE = """
import ctypes, os, socket, struct
local = socket.socket(socket.AF_UNIX)
print(struct.unpack("=Q", local.getsockopt(socket.SOL_SOCKET, 57, 8))[0])
print(local.connect_ex("/nonexistent"))
for descriptor in (os.pipe()[0], 999):
    print(ctypes.CDLL(None).connect(descriptor, b"", 0))
"""

WHAT_IT_HAS = """
import json, os, signal
print(json.dumps({
    "descriptors": sorted(os.listdir("/proc/self/fd")),
    "environment": dict(os.environ),
    "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
    "status": [line for line in open("/proc/self/status") if line.startswith(("SigIgn", "SigCgt", "Cap"))],
    "group": os.getpgid(0) == os.getpgid(os.getppid()),
    "folder": os.getcwd(),
}))
try:
    os.wait()
except ChildProcessError:
    print("no children")
"""


@pytest.fixture
def there_before() -> set[str]:
    return own_pipes()


@pytest.fixture
def noticed(there_before: set[str]) -> Generator[Noticed]:
    assert there_before is not None
    noticed = Noticed()
    yield noticed
    with suppress(OSError):  # it is closed by the test
        noticed.close()


@pytest.fixture
def pipes(there_before: set[str], noticed: Noticed) -> set[str]:
    """Those of the reports, by which their keeper is found."""
    assert noticed
    return own_pipes() - there_before


@pytest.fixture
def listening() -> Generator[tuple[str, str]]:
    """Where somebody takes connections, as words."""
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as server:
        yield "127.0.0.1", str(server.getsockname()[1])


class Started:
    """A command behind the filter, with pipes in the place of standard input and output."""

    def __init__(self, noticed: Noticed, *words: str) -> None:
        reads, self.input = os.pipe()
        output, writes = os.pipe()
        for descriptor in (reads, writes):
            os.set_inheritable(descriptor, True)
        self.output = os.fdopen(output)
        onto_pipes = ["bash", "-c", f'exec "$@" <&{reads} >&{writes} {reads}<&- {writes}>&-', "bash", *words]
        try:
            self.pid = noticed.spawn(onto_pipes, ENVIRONMENT, ())
        finally:
            os.close(reads)
            os.close(writes)

    def go(self) -> None:
        os.write(self.input, b"go\n")

    def read(self) -> list[str]:
        """All that it says, to its end."""
        with self.output:
            said = self.output.read().splitlines()
        os.close(self.input)
        assert os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) == 0
        return said


def python(program: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program, *arguments)


def own_pipes() -> set[str]:
    found = set[str]()
    for path in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.add(str(path.readlink()))
    return {name for name in found if name.startswith("pipe:")}


def holders(pipes: set[str]) -> set[int]:
    """The other processes that have one of them open."""
    found = set[int]()
    for path in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(path.readlink()) in pipes:
                found.add(int(path.parts[2]))
    return found - {os.getpid()}


def await_end(pid: int) -> None:
    until = time.monotonic() + 50
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < until, f"process {pid} is there still"
        time.sleep(0.01)


@pytest.mark.parametrize("program", [AT_ONCE, IN_A_THREAD, IN_A_GRANDCHILD], ids=["at once", "thread", "grandchild"])
def test_a_socket_is_noted_by_the_number_that_is_its_own(
    noticed: Noticed, listening: tuple[str, str], program: str
) -> None:
    (cookie,) = Started(noticed, *python(program, *listening)).read()
    noticed.take()
    assert int(cookie) in noticed
    assert noticed.complete
    assert noticed.why_not == ""


def test_with_it_is_noted_which_program_uses_it(noticed: Noticed, listening: tuple[str, str]) -> None:
    """Behind a shell, and from a thread with a name of its own."""
    cookies = Started(noticed, "sh", "-c", '"$@"; "$@"; true', "sh", *python(IN_A_NAMED_THREAD, *listening)).read()
    noticed.take()
    assert len(set(cookies)) == 2
    python_itself = os.path.realpath(sys.executable)
    assert [noticed.program(int(cookie)) for cookie in cookies] == [
        Program(Path(sys.executable).name, python_itself)
    ] * 2
    assert noticed.program(0) is None


def test_it_is_noted_when_its_first_packet_can_be_there(noticed: Noticed, listening: tuple[str, str]) -> None:
    """The other end has accepted it by now, and nobody has read a report since."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = Started(noticed, *python(AT_ONCE, *map(str, server.getsockname())))
        server.accept()[0].close()
        noticed.take()
        (cookie,) = command.read()
    assert int(cookie) in noticed


def test_a_socket_of_the_machine_itself_is_not_noted_and_what_cannot_connect_is_no_loss(noticed: Noticed) -> None:
    said = Started(noticed, *python(CONNECTS_NOWHERE)).read()
    noticed.take()
    assert said[1:] == [str(errno.ENOENT), "-1", "-1"]
    assert int(said[0]) not in noticed
    assert noticed.complete


def test_what_could_connect_without_being_noted_is_known(noticed: Noticed) -> None:
    ring = "import ctypes; ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(120))"
    assert Started(noticed, *python(ring)).read() == []
    noticed.take()
    assert not noticed.complete
    assert noticed.why_not == ""


def test_a_signal_that_ends_no_call_does_not_end_a_connect_that_waits_for_us(
    noticed: Noticed, listening: tuple[str, str]
) -> None:
    assert Started(noticed, *python(UNDER_SIGNALS, *listening)).read() == []


def test_the_command_has_what_it_would_have_without(noticed: Noticed, tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "ODD": "a\udcff=\n", "PYTHONSAFEPATH": "1"}

    def said(by: Spawn, name: str) -> str:
        file = tmp_path / name
        words = ["sh", "-c", 'exec "$@" >"$0"', str(file), *python(WHAT_IT_HAS)]
        assert os.waitpid(by(words, environment, {signal.SIGUSR2}), 0)[1] == 0
        return file.read_text()

    with_it = said(noticed.spawn, "with")
    assert with_it == said(spawn, "without")
    assert json.loads(with_it.splitlines()[0])["environment"]["ODD"] == "a\udcff=\n"
    assert with_it.endswith("no children\n")


def test_one_that_cannot_be_started_is_an_error_with_the_systems_number(noticed: Noticed, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("exit 0")
    (tmp_path / "text").chmod(0o755)
    for words, number in ((["no-such-program"], errno.ENOENT), ([str(tmp_path / "text")], errno.ENOEXEC)):
        with pytest.raises(OSError, match=re.escape(os.strerror(number))) as caught:
            noticed.spawn(words, ENVIRONMENT, ())
        assert caught.value.errno == number


def test_what_is_left_running_connects_when_we_are_gone_and_its_keeper_ends_with_it(
    noticed: Noticed, listening: tuple[str, str], pipes: set[str]
) -> None:
    command = Started(noticed, *python(WHEN_TOLD_TO, *listening))
    assert command.output.readline() == "ready\n"
    (kept,) = holders(pipes)
    noticed.close()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        os.kill(kept, number)
    command.go()
    assert len(command.read()) == 1
    await_end(kept)


def test_a_keeper_holds_nothing_that_the_command_had_open(
    noticed: Noticed, listening: tuple[str, str], pipes: set[str]
) -> None:
    command = Started(noticed, *python(WHEN_TOLD_TO, *listening))
    assert command.output.readline() == "ready\n"
    (kept,) = holders(pipes)
    held = [str(path.readlink()) for path in Path(f"/proc/{kept}/fd").iterdir()]
    assert sorted(name for name in held if name != os.devnull) == sorted([*pipes, "anon_inode:seccomp notify"])
    command.go()
    command.read()


def test_behind_a_filter_of_the_same_kind_nothing_is_noted_and_it_says_why(tmp_path: Path) -> None:
    """The kernel has one listener for a process, whoever put it there first."""
    again = tmp_path / "again.py"
    again.write_text(
        "import os, sys\nfrom transom.run.noticed import Noticed\nnoticed = Noticed()\n"
        "code = os.waitstatus_to_exitcode(os.waitpid(noticed.spawn(['true'], os.environ, ()), 0)[1])\n"
        "print(code, noticed.complete, noticed.why_not)"
    )
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    outer = Noticed()
    said = Started(outer, "env", *(f"{name}={text}" for name, text in environment.items()), sys.executable, str(again))
    assert said.read() == [f"0 False {os.strerror(errno.EBUSY)}"]
    outer.close()


def test_reports_that_nobody_reads_hold_a_call_up_once_and_are_known_to_be_missing() -> None:
    reads, writes = os.pipe()
    reporting = keeper.Reporting(writes)
    room = 2**16 // keeper.REPORT.size
    for number in range(room + 100):
        reporting.report(keeper.USES, number)
    came = os.read(reads, 2**16)
    reporting.report(keeper.USES, 7)
    came += os.read(reads, 2**16)
    assert list(keeper.REPORT.iter_unpack(came)) == [
        *((keeper.USES, number, 0) for number in range(room)),
        (keeper.MISSED, 0, 0),
        (keeper.USES, 7, 0),
    ]
    os.close(reads)
    reporting.report(keeper.USES, 8)
    os.close(writes)
