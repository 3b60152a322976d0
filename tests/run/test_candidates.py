"""Connections of which it is not known whose they are: packets wait, within bounds, however many there are."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Sequence
from ipaddress import ip_address
from typing import cast

import pytest

from transom.capture.packets import ACK, PSH, RST, SYN, FlowKey, Segment, reverse_flow
from transom.net.packet_socket import Frame
from transom.run import candidates
from transom.run.candidates import Candidate, Candidates
from transom.run.ownership import Ends, Judged, Ownership

HERE = ip_address("127.0.0.1").packed + bytes(12)
SAID = b"said"


class Nobody:
    """An ownership that knows of no connection whose it is, until it is told."""

    def __init__(self, answer: bool | None = None) -> None:
        self.answer = answer
        self.asked: list[Ends] = []

    def judge(self, several: Sequence[Ends]) -> list[Judged]:
        self.asked += several
        return [Judged(self.answer)] * len(several)


def of_nobody(ownership: Nobody) -> Candidates:
    return Candidates(cast("Ownership", ownership), lambda _random: False)


def flow(number: int) -> FlowKey:
    """From port and address by number to port 443, within this machine."""
    source = ip_address((127 << 24) + 2 + number // 50_000).packed + bytes(12)
    return b"\4" + source + HERE + (number % 50_000 + 1).to_bytes(2, "big") + (443).to_bytes(2, "big")


def segment(way: FlowKey, flags: int, length: int = 0) -> Segment:
    return Segment(1, 0, way, 0, 0, flags, 0, length, length)


def comes(all_of_them: Candidates, way: FlowKey, flags: int, payload: bytes = b"") -> Candidate:
    """As `sorting` has it: held as long as nobody knows whose it is."""
    candidate = all_of_them.of(segment(way, flags, len(payload)), 1)
    list(all_of_them.decide())
    if candidate.whose == "nobody's":
        candidate.hold(Frame("lo", 1, 0, 60 + len(payload), bytes(60) + payload), memoryview(payload))
    return candidate


def many(all_of_them: Candidates, first: int, count: int) -> list[Candidate]:
    begun: list[Candidate] = []
    for number in range(first, first + count):
        comes(all_of_them, flow(number), SYN)
        begun.append(comes(all_of_them, flow(number), PSH | ACK, SAID))
    return begun


def memory() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_what_thousands_hold_that_stay_nobodys_is_bounded_and_no_more_is_remembered_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is counted is what it takes: tiny packets are mostly what is around them."""
    monkeypatch.setattr(candidates, "HELD_IN_ALL", 2**20)
    monkeypatch.setattr(candidates, "MOST_CONNECTIONS", 1000)
    monkeypatch.setattr(candidates, "_OFTEN", 1e9)
    monkeypatch.setattr(candidates, "PATIENCE", 1e9)
    ownership = Nobody()
    all_of_them = of_nobody(ownership)
    tracemalloc.start()
    try:
        before = memory()
        many(all_of_them, 0, 3_000)
        ownership.asked.clear()
        after_some = memory() - before
        many(all_of_them, 3_000, 12_000)
        ownership.asked.clear()
        after_many = memory() - before
    finally:
        tracemalloc.stop()
    assert after_many < 1.2 * after_some
    assert after_many < 4 * 2**20
    assert all_of_them.forgotten > 13_000


def test_those_that_were_given_up_hold_nothing_and_the_latest_are_still_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(candidates, "HELD_IN_ALL", 2**16)
    monkeypatch.setattr(candidates, "PATIENCE", 1e9)
    ownership = Nobody()
    all_of_them = of_nobody(ownership)
    begun = many(all_of_them, 0, 500)
    given_up = [candidate for candidate in begun if candidate.whose == "others"]
    assert given_up == begun[: len(given_up)]
    assert all_of_them.forgotten == len(given_up) > 0
    assert all(candidate.held == [] for candidate in given_up)
    ownership.answer = True
    handed_on = list(all_of_them.decide(at_last=True))
    assert len(handed_on) == len(begun) - len(given_up) > 0
    assert [bytes(decided.held[1].data[60:]) for decided in handed_on] == [SAID] * len(handed_on)


def test_one_connection_alone_holds_no_more_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "MOST_HELD", 2**16)
    all_of_them = of_nobody(Nobody())
    candidate = comes(all_of_them, flow(0), SYN)
    for _ in range(70):
        comes(all_of_them, flow(0), PSH | ACK, bytes(1000))
    assert (candidate.whose, candidate.held, all_of_them.forgotten) == ("others", [], 1)


def test_a_new_one_is_looked_for_at_once_and_the_others_not_each_time_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else thousands that wait would be looked for thousands of times."""
    monkeypatch.setattr(candidates, "_OFTEN", 1e9)
    ownership = Nobody()
    many(of_nobody(ownership), 0, 1_000)
    assert len(ownership.asked) == 1_000


def test_whoever_stays_nobodys_for_too_long_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_OFTEN", 0.0)
    monkeypatch.setattr(candidates, "_REST", 0.0)
    monkeypatch.setattr(candidates, "PATIENCE", 1e9)
    all_of_them = of_nobody(Nobody())
    begun = many(all_of_them, 0, 10)
    assert {candidate.whose for candidate in begun} == {"nobody's"}
    monkeypatch.setattr(candidates, "PATIENCE", -1.0)
    assert list(all_of_them.decide()) == []
    assert {candidate.whose for candidate in begun} == {"others"}
    assert all_of_them.forgotten == 10


def test_who_is_refused_is_judged_by_who_asked_and_not_by_who_listens_there_later() -> None:
    ownership = Nobody()
    all_of_them = of_nobody(ownership)
    candidate = all_of_them.of(segment(flow(0), SYN), 1)
    all_of_them.of(segment(reverse_flow(flow(0)), RST | ACK), 1)
    list(all_of_them.decide())
    (ends,) = ownership.asked
    assert ends.connecting is not None
    assert (ends.local, ends.deciding) == ((ends.connecting,), (ends.connecting,))
    assert candidate.whose == "nobody's"


def test_after_an_answer_a_reset_is_no_refusal() -> None:
    ownership = Nobody()
    all_of_them = of_nobody(ownership)
    for way, flags in ((flow(0), SYN), (reverse_flow(flow(0)), SYN | ACK), (reverse_flow(flow(0)), RST)):
        all_of_them.of(segment(way, flags), 1)
    list(all_of_them.decide())
    assert len(ownership.asked[0].local) == 2
