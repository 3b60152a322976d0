"""`read --packets`: a line a packet, as Wireshark's list has them: number, time, from, to, protocol, length, info."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from transom.capture.conversation import CaptureSummary
from transom.capture.problems import Findings
from transom.capture.rows import PacketRow, packet_rows
from transom.cli.read_table import show_verdict
from transom.cli.show.figures import SECOND
from transom.cli.show.layout import pad, pad_left
from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.dissect.captured import observe_capture
from transom.dissect.packet_info import message_info, packet_info
from transom.dissect.telling import Looking
from transom.dissect.timeline import HttpRequest, HttpResponse, Item, Message
from transom.wire.escape import escape

_ENDPOINT = 21  # an IPv4 address and a port


def show_packets(path: Path, looking: Looking, terminal: Terminal, words: Words) -> CaptureSummary:
    """Show every packet, beside it the messages that were whole with it."""
    ended_with: defaultdict[int, list[str]] = defaultdict(list)

    def take(item: Item) -> None:
        if isinstance(item, Message | HttpRequest | HttpResponse):
            ended_with[item.moment.packet].append(message_info(item, escape))

    summary = observe_capture(path, looking, lambda _: take, over=lambda _: None)
    start: int | None = None
    for row in packet_rows(path, Findings()):  # the first reading has told what is odd about the file
        start = row.time if start is None else start
        terminal.line(_line(row, start, ended_with.get(row.number, [])))
    show_verdict(summary, terminal, words)
    return summary


def _line(row: PacketRow, start: int, messages: list[str]) -> str:
    source, destination = (pad(str(end or ""), _ENDPOINT) for end in (row.source, row.destination))
    time = f"{(row.time - start) / SECOND:.6f}"
    protocol = "TCP" if not messages else "HTTP" if "HTTP/" in messages[0] else "TLS"
    shown = protocol if row.protocol == "TCP" else row.protocol
    info = packet_info(messages, row.flags, row.sequence, row.acknowledgement)
    return f"{row.number:>6}  {pad_left(time, 12)}  {source} → {destination}  {shown:<5}  {row.length:>6}  {info}"
