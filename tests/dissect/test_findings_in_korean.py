"""What is odd about a conversation or a capture is told in Korean, on the terminal and on the page alike."""

from __future__ import annotations

from transom.capture.problems import Findings
from transom.cli.show.narration import InEveryLanguage
from transom.cli.words import words
from transom.dissect.flow import Flow
from transom.dissect.timeline import Item, Problem
from transom.errors import Sentence
from transom.wire.tap import Side


def test_a_hole_and_a_body_that_ends_early_are_told_in_korean() -> None:
    items: list[Item] = []
    flow = Flow(0, items.append)
    flow.data(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1)
    flow.data(Side.SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", 2)
    flow.lost(Side.SERVER, 5, 3)
    flow.closed(Side.SERVER, 4)
    found = {item.code: item for item in items if isinstance(item, Problem)}
    assert set(found) == {"lost-bytes", "http-truncated"}
    ko = words("ko")
    assert ko.tell(found["lost-bytes"].where) == "서버 스트림, 바이트 50"
    assert ko.tell(found["lost-bytes"].what) == "5바이트가 보내졌지만 캡처되지 않았습니다."
    assert ko.tell(found["http-truncated"].where).startswith("서버 스트림, 교환 ")
    cut = found["http-truncated"].what
    assert isinstance(cut, Sentence)
    assert ko.tell(cut) != cut
    assert InEveryLanguage(items).finding(cut) == {"en": cut, "ko": ko.tell(cut)}


def test_a_finding_met_again_is_counted_in_korean() -> None:
    findings = Findings()
    for number in (7, 8, 9):
        where = Sentence("packet {number}", number=number)
        findings.add("ip-fragment", where, Sentence("an IP fragment, which is not put together"))
    (problem,) = findings.problems()
    assert problem.where == "packet 7 and 2 more"
    assert words("ko").tell(problem.where) == "패킷 7 외 2개"
    assert words("ko").tell(problem.what) == "IP 조각이며, 다시 합치지 않습니다."
