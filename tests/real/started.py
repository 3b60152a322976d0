"""Servers that are programs of their own: started, heard until they say that they listen, and ended."""

from __future__ import annotations

import random
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.real.programs import ENVIRONMENT

BOTH = ("127.0.0.1", "[::1]")
"""What a server of the tests listens on, so that it can be asked by IPv4 and by IPv6."""


@contextmanager
def started(
    command: list[str],
    ready: str,
    folder: Path = Path("/"),
    *,
    environment: Mapping[str, str] = ENVIRONMENT,
    user: int | None = None,
) -> Generator[str]:
    """The program, running as `user`, from the first line with `ready` in it on: that line.

    What it prints after that is not read; a server that is talkative has to be told to be quiet.
    """
    said = b""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if ready.encode() in line:
                    break
            else:
                raise AssertionError(f"{command[0]} never said {ready!r}:\n{said.decode(errors='replace')}")
            yield line.decode()
        finally:
            process.terminate()
            process.wait(10)


def free_ports(count: int, among: range = range(10_000, 32_768)) -> list[int]:
    """Ports of loopback on which nobody listens, for a program that cannot be handed a socket, or as ones that refuse.

    They are of those that no system hands out by itself (ip(7), `ip_local_port_range`): nobody has them a moment later.
    """
    found: list[int] = []
    with ExitStack() as held:
        for port in random.sample(among, 200):
            try:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise AssertionError(f"no {count} ports are free among 200 from {among.start} to {among.stop}")
