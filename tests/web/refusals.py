"""Transfers that fail: a chain that the client does not trust, no suite in common, nobody who listens."""

from __future__ import annotations

from pathlib import Path

from tests.capture.build import ACK, RST, SYN, ethernet, pcap, tcp
from tests.real.programs import run
from tests.real.transom import User

NOT_TRUSTED = 60
"""The exit code, as curl's."""


def refusals(base: Path) -> Path:
    """What `transom serve` kept: 0 a download, 1 one whose client does not know the CA, 2 a client without its suites.

    1 ends with the client's alert, sealed in TLS 1.3; 2 with the server's, in the open.
    """
    user = User.new(base)
    shared = user.folder / "shared"
    shared.mkdir()
    (shared / "f.bin").write_bytes(bytes(range(256)) * 64)
    (base / "other").mkdir()
    other = User.new(base / "other")
    with user.serving("--trace", "served.pcapng", shared) as serving:
        url = serving.url("/f.bin")
        assert user.run("get", url).exit_code == 0
        assert other.run("get", url).exit_code == NOT_TRUSTED
        address = f"localhost:{serving.port}"
        ran = run("openssl", "s_client", "-connect", address, "-tls1_2", "-cipher", "DHE-RSA-AES256-SHA")
        assert "alert handshake failure" in ran.stderr, ran.stderr
    return user.folder / "served.pcapng"


def refused(path: Path) -> Path:
    """A connection that is refused: a SYN, answered by a reset."""
    client, server = ("192.0.2.1", 40000), ("192.0.2.2", 443)
    syn = tcp(client, server, 1000, flags=SYN)
    reset = tcp(server, client, 0, 1001, RST | ACK)
    path.write_bytes(pcap([ethernet(packet) for packet in (syn, reset)]))
    return path
