"""Opens any capture: which format it is, its packets window by window, and the TLS secrets it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transom.capture.blocks import is_pcapng
from transom.capture.pcap import is_pcap, read_pcap
from transom.capture.pcapng import read_pcapng, read_secrets
from transom.capture.problems import Findings
from transom.capture.source import Source, open_source
from transom.errors import NoCapture, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from transom.capture.growth import Growth
    from transom.capture.window import Window


def read_windows(path: Path, findings: Findings) -> Iterator[Window]:
    """The packets of a pcap or pcapng file, plain or in gzip; what is odd about the file goes to `findings`.

    A pipe, or `-` for standard input, is copied to a temporary file first. Raises CaptureError if it is no capture.
    """
    with open_source(path, findings) as source:
        yield from windows_of(source)


def windows_of(source: Source, growth: Growth | None = None) -> Iterator[Window]:
    """The same of a source that is open. Of a file that grows, an empty window stands for the end of what is there."""
    yield from read_pcapng(source, growth) if _has_blocks(source) else read_pcap(source, growth)


def secrets(path: Path) -> bytes:
    """The text of every TLS key log in the capture's Decryption Secrets Blocks, wherever in the file they stand.

    Wireshark uses only those before the packets they open; a first pass with this finds all. Empty for classic pcap,
    which has no place for them. Raises CaptureError if it is no capture.
    """
    return b"\n".join(secrets_by_window(path))


def secrets_by_window(path: Path) -> Iterator[bytes]:
    """The same in steps, of some MiB of the file each."""
    with open_source(path, Findings()) as source:
        if _has_blocks(source):
            yield from read_secrets(source)


def _has_blocks(source: Source) -> bool:
    """True for pcapng, False for classic pcap; anything else is refused."""
    source.refill()
    head = source.data[:12]
    if is_pcapng(head):
        return True
    if is_pcap(head):
        return False
    seen = Sentence("begins with {bytes}", bytes=head.hex(" ")) if head else Sentence("is empty")
    raise NoCapture(
        "{path}: no capture: it {seen}, expected the magic number of pcap or pcapng", path=source.name, seen=seen
    )
