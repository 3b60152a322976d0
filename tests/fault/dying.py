"""A download killed before each of its calls to the system in turn, and the next one that finds what is left.

Run as a program: it forks, which a process with threads had better not. Prints how many deaths there were.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transom.files.sidecar import Origin
from transom.files.sink import open_sink

CALLS = ("open", "write", "lseek", "ftruncate", "fsync", "fdatasync", "link", "unlink", "rename", "replace", "pread")
CONTENT = bytes(range(256)) * 40
PIECE = len(CONTENT) // 4
ORIGIN = Origin("http://localhost/f.bin", '"one"', None, len(CONTENT))
OLD = b"the file before"


def main() -> None:
    folder, overwrite = Path(sys.argv[1]), sys.argv[2] == "overwrite"
    deaths, alive = 0, False
    while not alive:
        prepare(folder, overwrite=overwrite)
        alive = _survives(lambda: download(folder / "f.bin", overwrite=overwrite), after=deaths)
        check(folder, overwrite=overwrite, finished=alive)
        # Whoever comes next, and lives, has the file whole.
        assert _survives(lambda: download(folder / "f.bin", overwrite=True), after=1000)
        check(folder, overwrite=overwrite, finished=True)
        deaths += 1
    print(deaths - 1)


def prepare(folder: Path, *, overwrite: bool) -> None:
    """A file to be replaced; or a part of the new one, as a transfer leaves it that failed in good order."""
    for left in folder.iterdir():
        left.unlink()
    if overwrite:
        (folder / "f.bin").write_bytes(OLD)
        return
    sink = open_sink(folder / "f.bin", resume=True)
    sink.begin(ORIGIN)
    sink.write(CONTENT[:PIECE])
    sink.leave()


def download(target: Path, *, overwrite: bool) -> None:
    """What a transfer does to the disk."""
    sink = open_sink(target, overwrite=overwrite, resume=True)
    if sink.held is None:
        sink.begin(ORIGIN)
    else:
        sink.go_on(min(sink.held.durable, len(CONTENT) - 1))
        sink.keep_hash("sha-256")
    while sink.written < len(CONTENT):
        sink.write(CONTENT[sink.written : sink.written + PIECE])
        sink.checkpoint()
    sink.finish()


def check(folder: Path, *, overwrite: bool, finished: bool = False) -> None:
    """The target is whole, or what it was before."""
    target = folder / "f.bin"
    content = target.read_bytes() if target.exists() else None
    before = OLD if overwrite else None
    assert content == CONTENT or (content == before and not finished), content
    if finished:
        assert [path.name for path in folder.iterdir()] == ["f.bin"]


def _survives(work: Callable[[], None], after: int) -> bool:
    """Do it in a process that is killed before its call number `after` (from 0); whether it came through."""
    child = os.fork()
    if not child:
        _die_before(after)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, status
    return not os.WIFSIGNALED(status)


def _die_before(number: int) -> None:
    left = [number]

    def deadly(true: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return true(*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, deadly(getattr(os, name)))
    from transom.files import partial

    partial._sync_data = os.fdatasync


if __name__ == "__main__":
    main()
