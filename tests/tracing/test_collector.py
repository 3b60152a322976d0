"""Both ends of a connection within one process are one conversation, whenever they are told of."""

from __future__ import annotations

import pytest

from transom.dissect.recording import Recording
from transom.taps.events import GONE, OPENED, RECEIVED, SENT
from transom.tracing import collector
from transom.tracing.collector import Collector
from transom.wire.tap import Finishing

CLIENT, SERVER = b"client 127.0.0.1 40000 127.0.0.1 80", b"server 127.0.0.1 80 127.0.0.1 40000"
ASK, ANSWER = b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"


class Conversation(Recording):
    def finish(self) -> None:
        """It is over."""


class Watching:
    """Counts conversations."""

    def __init__(self) -> None:
        self.conversations: list[Recording] = []

    def conversation(self) -> Finishing:
        self.conversations.append(one := Conversation())
        return one

    def secret(self, line: str, *, shared: bool) -> None:
        """There are none."""


class Ends:
    """A collector that is told of both ends of connections."""

    def __init__(self) -> None:
        self.watching = Watching()
        self.collector = Collector(self.watching)

    def client(self, number: int, begins: int, goes: int) -> None:
        for event in (
            (OPENED, number, begins, CLIENT),
            (SENT, number, begins, ASK),
            (RECEIVED, number, goes, ANSWER),
            (GONE, number, goes, b""),
        ):
            self.collector.receive(0, event)

    def server(self, number: int, begins: int, goes: int) -> None:
        for event in (
            (OPENED, number, begins, SERVER),
            (RECEIVED, number, begins, ASK),
            (SENT, number, goes, ANSWER),
            (GONE, number, goes, b""),
        ):
            self.collector.receive(0, event)


def test_a_client_that_is_kept_waiting_until_its_server_has_closed_is_no_second_conversation() -> None:
    ends = Ends()
    ends.server(1, begins=20, goes=30)
    ends.client(2, begins=10, goes=50)
    assert len(ends.watching.conversations) == 1


def test_a_server_that_is_kept_waiting_until_its_client_has_closed_is_no_second_conversation() -> None:
    ends = Ends()
    ends.client(1, begins=10, goes=50)
    ends.server(2, begins=20, goes=60)
    assert len(ends.watching.conversations) == 1


def test_what_begins_when_an_end_is_gone_is_another_connection_of_the_same_ports() -> None:
    ends = Ends()
    ends.client(1, begins=10, goes=50)
    ends.server(2, begins=60, goes=70)
    assert len(ends.watching.conversations) == 2


def test_ends_that_are_gone_are_remembered_for_a_while_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "_GONE_LATELY", 1)
    ends = Ends()
    ends.client(1, begins=10, goes=50)
    for event in ((OPENED, 3, 10, b"client ::1 1 ::1 2"), (SENT, 3, 10, ASK), (GONE, 3, 50, b"")):
        ends.collector.receive(0, event)
    ends.server(2, begins=20, goes=60)
    assert len(ends.watching.conversations) == 3
