"""Asks the real tshark about a capture."""

from __future__ import annotations

import subprocess
from pathlib import Path


def tshark(path: Path, *arguments: str) -> str:
    """What tshark prints; a failure of tshark fails the test."""
    command = ["tshark", "-r", str(path), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def fields(path: Path, *names: str, options: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """One row a packet, with the named fields as text."""
    selection = [argument for name in names for argument in ("-e", name)]
    lines = tshark(path, *options, "-T", "fields", *selection).splitlines()
    return [tuple(line.split("\t")) for line in lines]


def followed(path: Path, count: int) -> list[tuple[bytes, bytes]]:
    """The bytes of the first `count` TCP streams, each of the side that sent the first packet, and of the other."""
    selection = [argument for stream in range(count) for argument in ("-z", f"follow,tcp,raw,{stream}")]
    streams = {}
    for part in tshark(path, "-q", *selection).split("Filter: tcp.stream eq ")[1:]:
        number, *lines = part.splitlines()
        hexadecimal = [line for line in lines if line and not line.startswith(("=", "Node", "Follow"))]
        first = "".join(line for line in hexadecimal if not line.startswith("\t"))
        other = "".join(line.strip() for line in hexadecimal if line.startswith("\t"))
        streams[int(number)] = bytes.fromhex(first), bytes.fromhex(other)
    return [streams[stream] for stream in range(count)]
