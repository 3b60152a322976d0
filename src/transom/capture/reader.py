"""Opens any capture: which format it is, its packets window by window, and the TLS secrets it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transom.capture.blocks import is_pcapng
from transom.capture.pcap import is_pcap, read_pcap
from transom.capture.pcapng import read_pcapng, read_secrets
from transom.capture.problems import Findings
from transom.capture.source import Source, open_source
from transom.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from transom.capture.window import Window


def read_windows(path: Path, findings: Findings) -> Iterator[Window]:
    """The packets of a pcap or pcapng file, plain or in gzip; what is odd about the file goes to `findings`.

    A pipe, or `-` for standard input, is copied to a temporary file first. Raises CaptureError if it is no capture.
    """
    with open_source(path, findings) as source:
        yield from read_pcapng(source) if _has_blocks(source) else read_pcap(source)


def secrets(path: Path) -> bytes:
    """The text of every TLS key log in the capture's Decryption Secrets Blocks, wherever in the file they stand.

    Wireshark uses only those before the packets they open; a first pass with this finds all. Empty for classic pcap,
    which has no place for them. Raises CaptureError if it is no capture.
    """
    with open_source(path, Findings()) as source:
        return b"\n".join(read_secrets(source)) if _has_blocks(source) else b""


def _has_blocks(source: Source) -> bool:
    """True for pcapng, False for classic pcap; anything else is refused."""
    source.refill()
    head = source.data[:12]
    if is_pcapng(head):
        return True
    if is_pcap(head):
        return False
    seen = f"begins with {head.hex(' ')}" if head else "is empty"
    raise CaptureError(f"{source.name}: no capture: it {seen}, expected the magic number of pcap or pcapng")
