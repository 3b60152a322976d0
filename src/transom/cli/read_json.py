"""`read --json`: the lines of each conversation as things happen in it, its summary when it is over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from transom.capture.conversation import CaptureSummary
from transom.dissect.captured import observe_capture
from transom.dissect.exchanges import Exchanges
from transom.dissect.facts import Facts
from transom.dissect.json_lines import (
    Line,
    conversation_line,
    encode,
    http_line,
    message_line,
    problem_line,
    tls_line,
)
from transom.dissect.telling import Looking
from transom.dissect.timeline import ApplicationData, Item, Listener, Message, Problem

Write = Callable[[Line], None]


def write_json(path: Path, looking: Looking, stream: TextIO) -> CaptureSummary:
    """Write every line of the capture to `stream`."""

    def write(line: Line) -> None:
        stream.write(encode(line) + "\n")

    tellers: dict[int, ConversationLines] = {}

    def listener_for(number: int) -> Listener:
        tellers[number] = ConversationLines(number, write)
        return tellers[number].take

    summary = observe_capture(path, looking, listener_for, over=lambda facts: tellers.pop(facts.number).end(facts))
    for problem in summary.problems:
        write(problem_line(None, problem.code, problem.where, problem.what))
    return summary


class ConversationLines:
    """One conversation's lines."""

    def __init__(self, number: int, write: Write) -> None:
        self._number = number
        self._write = write
        self._exchanges = Exchanges()

    def take(self, item: Item) -> None:
        """A line for the item, if it has one, or for the exchange that it ends."""
        match item:
            case Message() | ApplicationData():
                self._write(message_line(self._number, item))
            case Problem():
                self._write(problem_line(self._number, item.code, item.where, item.what))
            case _:
                exchange = self._exchanges.receive(item)
                if exchange is not None:
                    self._write(http_line(self._number, exchange))

    def end(self, facts: Facts) -> None:
        """What was left open, and the summary."""
        for exchange in self._exchanges.unfinished():
            self._write(http_line(self._number, exchange))
        self._write(conversation_line(facts))
        if facts.tls is not None:
            self._write(tls_line(facts.number, facts.tls))
