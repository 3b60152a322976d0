"""A port that another program has: which that is, and what to type instead."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from transom.errors import Sentence, UsageError
from transom.net.bind import PortTaken, bind, close
from transom.run.family import open_files, processes
from transom.run.programs import program_of
from transom.run.sockets import TcpSockets
from transom.wire.tap import Endpoint

_LOOKED_AT = 20
"""Ports behind the one that is taken."""


def told_plainly(taken: PortTaken, option: str, hosts: Sequence[str]) -> UsageError:
    """The error of `option`, by which the port was asked for."""
    place, who = taken.endpoint, _who_has(taken.endpoint)
    port, free = str(place.port), _next_free(hosts, place.port)
    if free is None:
        return UsageError(
            "port {port} is taken by {who} at {address}; {option} 0 takes a free one",
            port=port,
            who=who,
            address=place.address,
            option=option,
        )
    return UsageError(
        "port {port} is taken by {who} at {address}; {option} {free} is free, {option} 0 takes any that is",
        port=port,
        who=who,
        address=place.address,
        option=option,
        free=str(free),
    )


def _who_has(place: Endpoint) -> Sentence:
    """As far as this user may look."""
    with closing(TcpSockets()) as sockets:
        found = sockets.listener(place)
    program = _program_with(f"socket:[{found.inode}]") if found is not None and found.inode else None
    return program or Sentence("another program")


def _program_with(file: str) -> Sentence | None:
    """The one that has it open; the oldest of several."""
    pid = next((pid for pid in sorted(processes()) if file in open_files(pid)), None)
    program = program_of(pid) if pid is not None else None
    return Sentence("{name} (process {pid})", name=program.name, pid=pid) if program is not None else None


def _next_free(hosts: Sequence[str], taken: int) -> int | None:
    """The next that is free on all of them now."""
    for port in range(taken + 1, min(taken + _LOOKED_AT, 65535) + 1):
        try:
            (sockets,) = bind(hosts, port)
        except PortTaken:
            continue
        except UsageError:
            return None
        close(sockets)
        return port
    return None
