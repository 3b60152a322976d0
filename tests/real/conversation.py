"""JSON messages with a program: commands are answered under their number, and events come in between.

Chromium's DevTools protocol and WebDriver BiDi are both this, one through a pipe, the other through a WebSocket.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Message = dict[str, Any]


class Transport(Protocol):
    """Whole messages, in order."""

    def send(self, message: bytes) -> None: ...

    def receive(self, deadline: float) -> bytes:
        """The next one. Raises TimeoutError when none is there by `deadline` (of `time.monotonic`)."""
        ...


class Declined(Exception):
    """A command was answered with an error."""


class Conversation:
    """Both directions. `listeners` are called with each event, whenever something is waited for."""

    def __init__(self, transport: Transport, patience: float) -> None:
        self._transport = transport
        self._patience = patience
        self._numbers = itertools.count(1)
        self.listeners: list[Callable[[Message], None]] = []

    def call(self, method: str, parameters: Message, **more: str) -> Message:
        """What a command is answered. Raises Declined."""
        number = next(self._numbers)
        self._transport.send(json.dumps({"id": number, "method": method, "params": parameters, **more}).encode())
        answer = self._receive_until(lambda message: message if message.get("id") == number else None, method)
        if "error" in answer:
            raise Declined(f"{method}: {answer.get('message') or answer['error']}")
        result: Message = answer["result"]
        return result

    def wait(self, look: Callable[[], T | None], what: str) -> T:
        """What `look` returns, once an event has made it something; `what` is for the error when none does."""
        found = look()
        return self._receive_until(lambda _: look(), what) if found is None else found

    def _receive_until(self, look: Callable[[Message], T | None], what: str) -> T:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                message: Message = json.loads(self._transport.receive(deadline))
            except TimeoutError:
                raise AssertionError(f"{self._patience} s went by without this: {what}") from None
            if "id" not in message:
                for listener in self.listeners:
                    listener(message)
            if (found := look(message)) is not None:
                return found
