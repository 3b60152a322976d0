"""A capture is read in steps, and answers what is read; one that is still being written is read as it grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dissect.told import ENDPOINTS, START, write_trace
from tests.web.many import capture
from transom.capture.conversation import Conversation
from transom.capture.growth import Growth
from transom.capture.reader import secrets
from transom.capture.tcp import read_conversations
from transom.capture.write import TraceWriter
from transom.cli.show.compared import tell_compared
from transom.cli.show.narration import InEveryLanguage, page_texts
from transom.dissect.telling import Looking
from transom.errors import CaptureError
from transom.tls.keys.keylog import KeyLog
from transom.web.model import passes
from transom.web.model.document import document
from transom.web.model.opened import OpenedCapture, Telling
from transom.web.model.parts import PARTS
from transom.web.model.passes import KEPT_AT_FIRST, LaterPass
from transom.wire.tap import Buffer, Endpoint, Endpoints, Side, Tap, Taps

TLS13 = 3
"""The conversation of `demo` that has it."""


def page_of(path: Path, growth: Growth | None = None, keys: KeyLog | None = None) -> OpenedCapture:
    """Of which nothing is read yet."""
    looking = Looking(KeyLog() if keys is None else keys, hash_bodies=True)
    telling = Telling(InEveryLanguage, page_texts(), "en", tell_compared)
    return OpenedCapture(path, looking, telling, path.name, "masked", growth is None, growth)


def ask(page: OpenedCapture, address: str, **parameters: str) -> Any:
    return page.answer(address, parameters)


def read_on(page: OpenedCapture) -> None:
    """All that can be read now."""
    while page.reader.step():
        pass


class Noted(Taps):
    """A tap that notes what it is told, to be told to another."""

    def __init__(self) -> None:
        super().__init__([])
        self.told: list[Callable[[Tap], None]] = []

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        copy = bytes(data)
        self.told.append(lambda tap: tap.data(side, copy, time))


def pieces(trace: Path, number: int) -> list[Callable[[Tap], None]]:
    """What crossed in a conversation of a trace."""
    noted = Noted()

    def tap_for(conversation: Conversation) -> Tap:
        return noted if conversation.number == number else Taps([])

    read_conversations(trace, tap_for)
    return noted.told


def test_a_trace_is_read_as_it_is_written_with_secrets_that_come_after_the_hellos(trace: Path, tmp_path: Path) -> None:
    keys = KeyLog()
    growth = Growth(keys.receive)
    path = tmp_path / "grows.pcapng"
    hello, *rest = pieces(trace, TLS13)
    with TraceWriter(path, "tests") as writer:
        writer.read_meanwhile()
        page = page_of(path, growth, keys)
        read_on(page)
        assert ask(page, "state")["state"] == "live"
        assert ask(page, "state")["conversations"] == 0

        tap = writer.conversation()
        tap.opened(ENDPOINTS, START)
        hello(tap)
        read_on(page)
        assert [item["name"] for item in ask(page, "conversations/0/with-keys/story")["items"]] == ["ClientHello"]
        begun = ask(page, "state", c="0")

        for line in secrets(trace).decode().splitlines():
            if line and not line.startswith("#"):
                writer.secret(line)
        half = len(rest) // 2
        for piece in rest[:half]:
            piece(tap)
        read_on(page)
        assert ask(page, "state", c="0")["conversation"]["version"] != begun["conversation"]["version"]
        story = ask(page, "conversations/0/with-keys/story")
        assert not story["over"]
        finished = [item for item in story["items"] if item.get("name") == "Finished"]
        assert len(finished) == 2
        assert all(item["opened"] for item in finished)
        run = story["items"][-1]
        assert (run["kind"], run["from"]) == ("data", "server")
        (answer,) = run["http"]
        assert answer["status"] == 200
        assert 0 < answer["body"]["length"] < 8 * 2**20
        assert ask(page, f"conversations/0/with-keys/step/{run['id']}")["records"] == run["records"]
        assert ask(page, "conversations/0/without-keys/leaks")["largest_answer"] > 0
        (row,) = ask(page, "conversations/with-keys")["rows"]
        assert row["running"]
        listed = ask(page, "conversations/0/with-keys/packets")["total"]

        for piece in rest[half:]:
            piece(tap)
        tap.closed(Side.SERVER, START + 10**9)
        tap.closed(Side.CLIENT, START + 10**9)
    growth.over = True
    read_on(page)
    told = ask(page, "state", c="0")
    assert (told["state"], told["conversation"]["over"]) == ("whole", True)
    assert told["read"] == path.stat().st_size
    assert ask(page, "conversations/0/with-keys/packets")["total"] > listed
    (exchange,) = ask(page, "conversations/0/with-keys/http")["exchanges"]
    assert exchange["response_body"]["length"] == 8 * 2**20
    assert exchange["complete"]
    (row,) = ask(page, "conversations/with-keys")["rows"]
    assert (row["running"], row["exchange"]["complete"]) == (False, True)
    # And nothing is otherwise than in a page that was opened now.
    again = page_of(path)
    again.reader.read_all()
    for part in ("story", "follow", "http", "files", "leaks", "keys", "certificates", "time", "packets"):
        for view in again.views:
            assert ask(again, f"conversations/0/{view}/{part}") == ask(page, f"conversations/0/{view}/{part}"), part


def test_every_step_answers_the_rows_that_are_read_and_the_last_has_all(tmp_path: Path) -> None:
    page = page_of(capture(tmp_path / "many.pcapng", 200))
    seen: list[int] = []
    while page.reader.step():
        rows = ask(page, "conversations/with-keys", limit="1")
        seen.append(rows["total"])
        assert ask(page, "state")["state"] == "reading"
    assert seen == sorted(seen)
    assert 0 < seen[1] < 200
    assert ask(page, "conversations/with-keys")["total"] == 200
    assert ask(page, "state")["state"] == "whole"


def test_a_conversation_that_was_not_kept_is_read_again_in_steps_when_it_is_asked_for(tmp_path: Path) -> None:
    page = page_of(capture(tmp_path / "many.pcapng", KEPT_AT_FIRST + 10))
    page.reader.read_all()
    asked: list[bool] = []
    page.reader.wanted = lambda: asked.append(True)
    address = f"conversations/{KEPT_AT_FIRST + 4}/with-keys/story"
    assert (ask(page, address)["over"], ask(page, address)["items"]) == (False, [])
    assert asked == [True]
    read_on(page)
    assert ask(page, address)["over"]
    assert [item["kind"] for item in ask(page, address)["items"]] == ["http", "http", "closed", "closed"]


def test_one_whose_ends_are_those_of_others_is_found_among_them_and_of_all_others_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "again.pcapng"
    back = Endpoints(ENDPOINTS.server, ENDPOINTS.client)
    other = Endpoints(Endpoint("192.0.2.1", 40000), ENDPOINTS.server)
    with TraceWriter(path, "tests") as writer:
        for number, ends in enumerate((other, ENDPOINTS, other, back, other, ENDPOINTS)):
            tap = writer.conversation()
            tap.opened(ends, START + number * 10**9)
            tap.data(Side.CLIENT, f"GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n".encode(), START + number * 10**9 + 1)
    kept = page_of(path)
    read_on(kept)
    monkeypatch.setattr(passes, "KEPT_AT_FIRST", 0)
    again = page_of(path)
    read_on(again)
    tapped: list[int] = []
    of_later = LaterPass._tap_for

    def tap_for(later: LaterPass, conversation: Conversation) -> Tap:
        tapped.append(conversation.number)
        return of_later(later, conversation)

    monkeypatch.setattr(LaterPass, "_tap_for", tap_for)
    for number in (5, 3, 1):
        again.reader.looked(number)
        read_on(again)
        assert f"GET /{number}" in str(ask(again, f"conversations/{number}/with-keys/packets"))
        for part in PARTS:
            address = f"conversations/{number}/with-keys/{part}"
            assert ask(again, address) == ask(kept, address)
    assert tapped == [0, 1, 2] * 3


def test_every_part_of_a_conversation_is_there_before_anything_of_it_is_read(tmp_path: Path) -> None:
    page = page_of(capture(tmp_path / "many.pcapng", KEPT_AT_FIRST + 2))
    page.reader.read_all()
    for view in page.views:
        for part in PARTS:
            assert ask(page, f"conversations/{KEPT_AT_FIRST + 1}/{view}/{part}") is not None


def test_what_is_no_capture_is_refused_at_the_first_step(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text("no capture")
    with pytest.raises(CaptureError, match="no capture"):
        page_of(file).reader.step()


def test_of_very_many_exchanges_the_first_are_told_and_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most, count = 200, 1000
    monkeypatch.setattr("transom.web.model.watched.MOST_ITEMS", most)
    monkeypatch.setattr("transom.web.model.story.MOST_ITEMS", most)
    monkeypatch.setattr("transom.web.model.document.MOST_STEPS", 50)
    asked = b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n"
    answered = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    wire = [piece for at in range(count) for piece in ((Side.CLIENT, asked % at), (Side.SERVER, answered))]
    page = page_of(write_trace(tmp_path / "t.pcapng", wire))
    page.reader.read_all()
    story = ask(page, "conversations/0/with-keys/story")["items"]
    assert len(story) < most
    *_, left, last, last_of_all = story
    assert (left["kind"], left["exchanges"]) == ("left", count)
    assert len(story) - 1 + left["lines"] == 2 * count + 2  # a head of a request, one of an answer; both ends
    assert (last["kind"], last_of_all["kind"]) == ("closed", "closed")
    http = ask(page, "conversations/0/with-keys/http")
    assert http["total"] == count
    assert all(exchange["complete"] for exchange in http["exchanges"])
    assert ask(page, "conversations/0/with-keys/files")["total"] == count
    assert ask(page, "conversations/0/with-keys/leaks")["exchange_count"] == count
    answers = document(page)["answers"]
    assert isinstance(answers, dict)
    steps = [address for address in answers if "/step/" in address]
    assert len(steps) == 2 * 50  # in each view
