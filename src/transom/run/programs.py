"""What program a process is, as Linux tells it in /proc: behind `sh -c`, `env` or `make` it is not what was typed."""

from __future__ import annotations

import os

from transom.value import value

_LONGEST = 15
"""Bytes of a name that the kernel keeps (proc_pid_comm(5))."""


@value
class Program:
    """`name` is what it was called by, of a script the script's; `file` is what runs, of a script its interpreter.

    The process says both, and may have changed the first: they are escaped before anybody sees them.
    """

    name: str
    file: str


def program_of(pid: int) -> Program | None:
    """None when it is gone, or is none of this user's."""
    try:
        name = _read(f"/proc/{pid}/comm").removesuffix(b"\n")
        file = os.readlink(f"/proc/{pid}/exe".encode())  # noqa: PTH115 (which path objects do not take as bytes)
    except OSError:
        return None
    base = os.path.basename(file)  # noqa: PTH119 (as above)
    if len(name) == _LONGEST and base.startswith(name):
        name = base
    return Program(name.decode(errors="replace"), os.fsdecode(file))


def _read(path: str) -> bytes:
    """A connect(2) may wait for it, and a file object takes half as long again."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 64)
    finally:
        os.close(descriptor)
