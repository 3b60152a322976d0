"""What is odd about a conversation or a capture is told in Korean, on the terminal and on the page alike."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.http.h2.made import Talker, client_preface, data, frame, get, server_preface
from transom.capture.problems import Findings
from transom.capture.reader import read_windows
from transom.cli.show.narration import InEveryLanguage
from transom.cli.words import words
from transom.dissect.flow import Flow
from transom.dissect.timeline import Item, Problem
from transom.errors import Sentence
from transom.http.h2.frames import FrameType
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
    assert ko.tell(found["http-truncated"].where) == "서버 스트림, 교환 0"
    cut = found["http-truncated"].what
    assert isinstance(cut, Sentence)
    assert ko.tell(cut) != cut
    assert InEveryLanguage(items).finding(cut) == {"en": cut, "ko": ko.tell(cut)}


def test_what_is_odd_about_http2_is_told_in_korean() -> None:
    items: list[Item] = []
    flow = Flow(0, items.append)
    asks, answers = Talker(), Talker()
    flow.data(Side.CLIENT, client_preface() + asks.headers(1, get("/f"), ends=True), 1)
    head = answers.headers(1, [(":status", "200"), ("content-length", "10")])
    reset = frame(FrameType.RST_STREAM, 0, 1, (2).to_bytes(4, "big"))
    goaway = frame(FrameType.GOAWAY, 0, 0, bytes(7) + b"\x01so be it")
    flow.data(Side.SERVER, server_preface() + head + data(1, b"01234") + reset + goaway, 2)
    ko = words("ko")
    assert [(ko.tell(item.where), ko.tell(item.what)) for item in items if isinstance(item, Problem)] == [
        (
            "HTTP/2 스트림 1, 서버",
            "서버가 스트림을 끊었습니다(INTERNAL_ERROR). 본문 10바이트 가운데 5바이트가 왔습니다 (RFC 9113 §5.4.2)",
        ),
        ("HTTP/2, 서버", 'GOAWAY가 왔습니다: PROTOCOL_ERROR, "so be it". 마지막 스트림은 0번입니다.'),
    ]


def test_what_is_odd_about_tls_is_told_in_korean() -> None:
    items: list[Item] = []
    flow = Flow(0, items.append)
    flow.data(Side.CLIENT, bytes.fromhex("16 03 01 00 40 01 00 00 3c 03 03"), 1)
    flow.closed(Side.CLIENT, 2)
    (problem,) = (item for item in items if isinstance(item, Problem))
    assert problem.code == "truncated"
    assert words("ko").tell(problem.where) == "클라이언트 스트림"
    assert words("ko").tell(problem.what) != problem.what


def test_a_damaged_file_is_told_in_korean(tmp_path: Path) -> None:
    path = tmp_path / "damaged.pcap"
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(header + struct.pack("<IIII", 0, 0, 2**31, 2**31))
    findings = Findings()
    list(read_windows(path, findings))
    (problem,) = findings.problems()
    assert words("ko").tell(problem.where) == "바이트 24"
    assert words("ko").tell(problem.what) == "2147483648바이트짜리 패킷입니다. 최대 16777216바이트여야 합니다."


def test_a_finding_met_again_is_counted_in_korean() -> None:
    findings = Findings()
    for number in (7, 8, 9):
        where = Sentence("packet {number}", number=number)
        findings.add("ip-fragment", where, Sentence("an IP fragment, which is not put together"))
    (problem,) = findings.problems()
    assert problem.where == "packet 7 and 2 more"
    assert words("ko").tell(problem.where) == "패킷 7 외 2개"
    assert words("ko").tell(problem.what) == "IP 조각이며, 다시 합치지 않습니다."
