"""One observer for all views of a conversation writes the rows that an observer for each view would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.dissect.told import ZEEK
from tests.web.many import capture
from transom.capture.conversation import Conversation
from transom.capture.tcp import read_conversations
from transom.dissect.captured import keys_for
from transom.dissect.telling import Looking
from transom.tls.keys.keylog import KeyLog
from transom.web.model import glimpsed
from transom.web.model.glimpsed import Glimpses, OneForAll
from transom.web.model.listed import Listed
from transom.web.model.looked import VIEWS, View, without_keys
from transom.web.model.mask import Masking
from transom.web.model.packet_lists import PacketList
from transom.web.model.watched import Watched
from transom.wire.tap import Buffer, Ending, Endpoint, Endpoints, Side, Tap

CAPTURES = sorted(path for path in ZEEK.iterdir() if ".pcap" in path.name)

STRANGER = KeyLog(f"CLIENT_RANDOM {'00' * 32} {'11' * 48}\n")
"""The key of somebody who is in no capture."""

Rows = dict[int, dict[View, Any]]
Make = Callable[[Conversation, Callable[[int], None]], Listed]


def rows_by(path: Path, make: Make) -> Rows:
    """Each conversation's rows when it is over."""
    running: dict[int, Listed] = {}
    rows: Rows = {}

    def over(number: int) -> None:
        rows[number] = running.pop(number).rows(VIEWS, Masking())

    def tap_for(conversation: Conversation) -> Tap:
        running[conversation.number] = make(conversation, over)
        return running[conversation.number].tap

    read_conversations(path, tap_for)
    for left in list(running.values()):
        left.finish()
    assert not running
    return rows


def apart(path: Path, looking: Looking) -> Rows:
    """As an observer for each view has them."""
    lookings: dict[View, Looking] = {"with-keys": looking, "without-keys": without_keys(looking)}
    return rows_by(path, lambda conversation, over: Watched(conversation, lookings, over, PacketList(), path))


class Tired(Listed):
    """One that rests before whatever it is told, and whose rows are the same when it does."""

    def __init__(self, conversation: Conversation, one: OneForAll) -> None:
        super().__init__(conversation, one)
        self.one = one

    @property
    def tap(self) -> Tap:
        return Nap(super().tap, self)

    def finish(self) -> None:
        self.nap()
        super().finish()

    def nap(self) -> None:
        awake = self.rows(VIEWS, Masking())
        self.one.rest()
        assert self.rows(VIEWS, Masking()) == awake


class Nap:
    """The tap of one that rests before it is told anything."""

    def __init__(self, tap: Tap, tired: Tired) -> None:
        self._tap = tap
        self._tired = tired

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._tired.nap()
        self._tap.opened(endpoints, time, packet)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self._tired.nap()
        self._tap.data(side, data, time, packet)

    def lost(self, side: Side, count: int, time: int) -> None:
        self._tired.nap()
        self._tap.lost(side, count, time)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        self._tired.nap()
        self._tap.closed(side, time, how, packet)


def resting(path: Path, glimpses: Glimpses) -> Rows:
    """As one has them that rests whenever it may."""
    return rows_by(path, lambda conversation, over: Tired(conversation, OneForAll(conversation.number, glimpses, over)))


def together(path: Path, glimpses: Glimpses) -> tuple[Rows, list[int]]:
    """As one for all has them; and how many looked on in the end, for each conversation."""
    made: list[OneForAll] = []

    def make(conversation: Conversation, over: Callable[[int], None]) -> Listed:
        made.append(OneForAll(conversation.number, glimpses, over))
        return Listed(conversation, made[-1])

    rows = rows_by(path, make)
    return rows, [len(observers.by_view) for observers in made]


def glimpses_of(looking: Looking, *, grows: bool = False) -> Glimpses:
    return Glimpses({"with-keys": looking, "without-keys": without_keys(looking)}, Masking(), grows=grows)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_of_captures_without_their_keys_one_is_enough(path: Path) -> None:
    looking = Looking(hash_bodies=True)
    rows, counts = together(path, glimpses_of(looking))
    assert rows == apart(path, looking)
    assert set(counts) == {1}


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_the_key_of_a_stranger_changes_no_row(path: Path) -> None:
    looking = Looking(STRANGER, hash_bodies=True)
    assert together(path, glimpses_of(looking))[0] == apart(path, looking)


def test_who_finds_a_key_is_one_of_several_from_then_on(trace: Path) -> None:
    looking = Looking(keys_for(trace, []), hash_bodies=True)
    rows, counts = together(trace, glimpses_of(looking))
    assert rows == apart(trace, looking)
    assert [row["with-keys"]["decrypted"] for row in rows.values()].count("full") >= 3
    assert {row["without-keys"]["decrypted"] for row in rows.values()} == {"no", None}
    # The file in plain HTTP is more than is remembered.
    assert counts == [2] * len(rows)


def test_a_key_that_comes_while_a_capture_grows_is_found(trace: Path) -> None:
    keys = KeyLog()
    glimpses = glimpses_of(Looking(keys, hash_bodies=True), grows=True)
    for line in keys_for(trace, []).lines():
        keys.receive(line)
    rows, _ = together(trace, glimpses)
    assert rows == apart(trace, Looking(keys_for(trace, []), hash_bodies=True))


def test_where_there_are_private_keys_all_look_on_at_once(trace: Path) -> None:
    looking = Looking(private_keys=[rsa.generate_private_key(65537, 2048)])
    rows, counts = together(trace, glimpses_of(looking))
    assert rows == apart(trace, looking)
    assert set(counts) == {2}


def test_what_is_remembered_has_a_bound_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = capture(tmp_path / "many.pcapng", 40)
    looking = Looking(STRANGER)
    monkeypatch.setattr(glimpsed, "MOST_IN_ALL", 1)
    rows, counts = together(path, glimpses_of(looking))
    assert rows == apart(path, looking)
    assert set(counts) == {2}
    monkeypatch.undo()
    assert together(path, glimpses_of(looking)) == (rows, [1] * 40)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_one_that_rests_and_wakes_has_the_rows_of_one_that_does_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glimpsed, "MORE_BEFORE_REST", 0)
    looking = Looking(STRANGER, hash_bodies=True)
    assert resting(path, glimpses_of(looking)) == apart(path, looking)


def test_one_that_rests_finds_its_keys_when_it_wakes(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glimpsed, "MORE_BEFORE_REST", 0)
    looking = Looking(keys_for(trace, []), hash_bodies=True)
    rows = resting(trace, glimpses_of(looking))
    assert rows == apart(trace, looking)
    assert [row["with-keys"]["decrypted"] for row in rows.values()].count("full") >= 3


def test_of_many_that_go_on_only_some_are_awake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glimpsed, "MOST_AWAKE", 3)
    path = capture(tmp_path / "many.pcapng", 40)
    made: list[OneForAll] = []
    awake: list[int] = []

    def make(conversation: Conversation, over: Callable[[int], None]) -> Listed:
        made.append(OneForAll(conversation.number, glimpses, over))
        awake.append(sum(bool(one.by_view) for one in made if not one.over))
        return Listed(conversation, made[-1])

    looking = Looking(hash_bodies=True)
    glimpses = glimpses_of(looking)
    assert rows_by(path, make) == apart(path, looking)
    assert max(awake) == 4  # with the one that was made just now
    assert all(one.over for one in made)


def test_one_that_is_told_little_at_a_time_is_not_told_all_of_it_again_each_time() -> None:
    one = OneForAll(0, glimpses_of(Looking()), lambda _number: None)
    one.opened(Endpoints(Endpoint("192.0.2.1", 40000), Endpoint("192.0.2.2", 80)), 1)
    told = woke = 0
    for at, byte in enumerate(b"GET / HTTP/1.1\r\nX: " + b"x" * 1000):
        one.rest()
        if not one.by_view:
            told, woke = told + at, woke + 1
        one.data(Side.CLIENT, bytes([byte]), at)
    assert woke > 5
    assert told < 6 * 1020


def test_one_that_was_told_much_does_not_rest() -> None:
    one = OneForAll(0, glimpses_of(Looking(STRANGER)), lambda _number: None)
    one.data(Side.CLIENT, b"GET / HTTP/1.1\r\nX: ", 1)
    one.data(Side.CLIENT, b"x" * glimpsed.MOST_RESTING, 2)
    one.rest()
    assert one.by_view
