"""The JSON lines of one conversation, as things happen in it: `read --json` and `run --json`."""

from __future__ import annotations

from collections.abc import Callable

from transom.dissect.exchanges import Exchanges
from transom.dissect.facts import Facts
from transom.dissect.json_lines import Line, conversation_line, http_line, message_line, problem_line, tls_line
from transom.dissect.timeline import ApplicationData, Item, Message, Problem

Write = Callable[[Line], None]


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

    def end(self, facts: Facts, more: Line | None = None) -> None:
        """What was left open, and the summary, with `more` that is known of the conversation besides."""
        for exchange in self._exchanges.unfinished():
            self._write(http_line(self._number, exchange))
        self._write(conversation_line(facts) | (more or {}))
        if facts.tls is not None:
            self._write(tls_line(facts.number, facts.tls))
