"""Wireshark's opinion of a trace, with nothing set up but which protocol a port has."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.real.programs import run


class Wireshark:
    """tshark on one trace; `ports` says what is spoken where ({8443: "tls"}), as nobody can guess it."""

    def __init__(self, trace: Path, ports: dict[int, str]) -> None:
        self._trace = trace
        self._decode = [word for port, name in ports.items() for word in ("-d", f"tcp.port=={port},{name}")]

    def __call__(self, *arguments: str) -> str:
        ran = run("tshark", "-r", str(self._trace), *self._decode, *arguments)
        assert ran.exit_code == 0, ran.stderr
        return ran.text

    def field(self, name: str, condition: str = "frame") -> list[str]:
        """The values of a field, in order of packets; several in one packet are separated by commas."""
        return [line for line in self("-Y", condition, "-T", "fields", "-e", name).splitlines() if line]

    def exported(self, folder: Path) -> list[str]:
        """The SHA-256 of each file that crossed by HTTP, sorted."""
        self("-q", "--export-objects", f"http,{folder}")
        return sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir())

    def oddities(self) -> str:
        """What Wireshark's experts find wrong: checksums, sequence numbers, structure."""
        wrong = (
            "ip.checksum.status == Bad || tcp.checksum.status == Bad || tcp.analysis.flags || _ws.malformed || "
            "tls.alert_message.level == 2"
        )
        return self("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-Y", wrong)
