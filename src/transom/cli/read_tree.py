"""`read --tree`: each conversation told as `get --explain --tree` tells it, one after the other."""

from __future__ import annotations

from pathlib import Path

from transom.capture.conversation import CaptureSummary
from transom.cli.read_table import show_verdict
from transom.cli.show.explain import Explainer, write_step_zero
from transom.cli.show.kept_lines import KeptLines
from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.dissect.captured import observe_capture, udp_packets
from transom.dissect.facts import Facts
from transom.dissect.telling import Looking
from transom.dissect.timeline import Listener


def show_trees(path: Path, looking: Looking, terminal: Terminal, words: Words) -> CaptureSummary:
    """Show each conversation when it is over."""
    pages: dict[int, KeptLines] = {}

    def listener_for(number: int) -> Listener:
        pages[number] = KeptLines(terminal)
        return Explainer(pages[number], words, tree=True, before=False)

    def over(facts: Facts) -> None:
        terminal.line(words.say("read.conversation", number=facts.number))
        if facts.tls and facts.tls.certificates:
            write_step_zero(terminal, words)
        pages.pop(facts.number).write(terminal)
        terminal.line("")

    summary = observe_capture(path, looking, listener_for, over)
    show_verdict(summary, terminal, words, unread=udp_packets(path, summary))
    return summary
