"""How fast a capture is read, beside tshark.

    python bench/captures.py [--mib 1024] [--conversations 20000] [--rounds 3]

Three captures, in frames of 1,448 bytes with an acknowledgement for each two: one file over HTTP; the same over HTTPS
(TLS 1.3, AES-128-GCM), its secrets inside the capture; and many small conversations, half of them HTTP and half a
ClientHello. In a round each of `transom read`, `transom read --json` and tshark has one turn with each. tshark is asked
for what `read` tells, the conversations and the HTTP in them (`-q -z conv,tcp -z http,tree`). Printed are the medians:
of the capture's bytes a second of processor time, and of tshark's processor time to ours within one round; and the most
memory.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from unittest.mock import patch

from programs import MIB, TRANSOM, Home, Ran, new_home, run, transom_get, transom_serve

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.web.many import capture

from transom.capture import write
from transom.capture.conversation import Conversation
from transom.capture.reader import secrets
from transom.capture.tcp import read_conversations
from transom.capture.write import TraceWriter
from transom.wire.tap import Buffer, Side, Tap, Taps

NAME = "file.bin"
SEGMENT = 1448
"""Bytes of payload in a frame of 1,514 bytes with TCP's time stamps."""

TSHARK = ("-q", "-z", "conv,tcp", "-z", "http,tree")
WAYS = ("tshark", "transom read", "transom read --json")


def main() -> None:
    options = arguments()
    with new_home() as home:
        captures = [
            ("HTTP", transferred(home, "http", options.mib)),
            ("HTTPS, with keys", transferred(home, "https", options.mib)),
            (f"{options.conversations:,} conversations", capture(home.path / "many.pcapng", options.conversations)),
        ]
        for name, path in captures:
            rounds = [[looked(home, way, path) for way in WAYS] for _ in range(options.rounds)]
            report(name, path, rounds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024, help="the file that is transferred (default: 1024)")
    parser.add_argument("--conversations", type=int, default=20_000, help="small ones (default: 20000)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each program (default: 3)")
    return parser.parse_args()


def transferred(home: Home, scheme: str, mib: int) -> Path:
    """A capture of a download of zeros."""
    home.add_file(NAME, mib * MIB)
    trace, cut = home.path / "trace.pcapng", home.path / f"{scheme}.pcapng"
    with transom_serve(home) as server:
        transom_get(home, server.url(scheme, NAME), "--trace", str(trace))
    cut_up(trace, cut)
    trace.unlink()
    return cut


def cut_up(trace: Path, into: Path) -> None:
    """The same conversations in frames of an ordinary network: a trace has them as large as there are."""
    with patch.object(write, "MAX_SEGMENT", SEGMENT), TraceWriter(into, "transom bench") as writer:
        for line in secrets(trace).decode().splitlines():
            if not line.startswith("#"):
                writer.secret(line)

        def tap_for(_: Conversation) -> Tap:
            return _InPairs([writer.conversation()])

        read_conversations(trace, tap_for)


class _InPairs(Taps):
    """Tells a tap two segments at a time: that is acknowledged."""

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        for at in range(0, len(data), 2 * SEGMENT):
            super().data(side, data[at : at + 2 * SEGMENT], time, packet)


def looked(home: Home, way: str, path: Path) -> Ran:
    """One run of a program over a capture."""
    program = [home.program("tshark"), *TSHARK, "-r"] if way == "tshark" else [*TRANSOM, *way.split()[1:]]
    _, ran = run([*program, str(path)], home)
    return ran(0)


def report(name: str, path: Path, rounds: Sequence[Sequence[Ran]]) -> None:
    size = path.stat().st_size
    print(f"{name}: {size / 1e6:,.0f} MB; median of {len(rounds)} rounds")
    print(f"{'':24}{'seconds':>9}{'MB/s':>8}{'× tshark':>10}{'MiB':>7}")
    for column, way in enumerate(WAYS):
        seconds = median(row[column].processor for row in rounds)
        ratio = median(row[0].processor / row[column].processor for row in rounds)
        peak = max(row[column].peak for row in rounds)
        print(f"{way:24}{seconds:9.2f}{size / 1e6 / seconds:8.1f}{ratio:10.2f}{peak:7.0f}")


if __name__ == "__main__":
    main()
