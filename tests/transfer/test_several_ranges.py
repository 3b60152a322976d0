"""Several ranges in one request (RFC 9110 §14.6), and what they must not cost."""

from __future__ import annotations

import email
import email.policy
from email.message import Message
from pathlib import Path

import pytest

from tests.real.programs import curl
from tests.transfer.background import say, served
from transom.http.ranges import MOST_PARTS


def get(path: str, asked: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: bytes={asked}\r\n\r\n".encode()


def read(answer: bytes) -> tuple[int, Message, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    return int(status.split()[1]), email.message_from_bytes(fields), body


def parts(answer: bytes) -> list[tuple[str, bytes]]:
    """Content-Range and bytes of each part, as the standard library's reader of MIME takes them apart."""
    status, fields, body = read(answer)
    assert status == 206
    assert len(body) == int(fields["Content-Length"])
    whole = b"MIME-Version: 1.0\r\nContent-Type: %s\r\n\r\n" % fields["Content-Type"].encode() + body
    message = email.message_from_bytes(whole, policy=email.policy.HTTP)
    assert message.get_content_type() == "multipart/byteranges"
    assert not message.defects
    return [(part["Content-Range"], bytes(part.get_payload(decode=True))) for part in message.walk() if part != message]


def test_each_part_comes_with_its_place_in_the_order_asked_for(root: Path) -> None:
    with served(root) as server:
        answer = say(server, get("/f.bin", "0-9,500000-500099,-3"))
    whole = (root / "f.bin").read_bytes()
    assert parts(answer) == [
        ("bytes 0-9/1000003", whole[:10]),
        ("bytes 500000-500099/1000003", whole[500_000:500_100]),
        ("bytes 1000000-1000002/1000003", whole[-3:]),
    ]


def test_curl_gets_several_ranges_and_the_log_says_how_much(root: Path) -> None:
    with served(root) as server:
        ran = curl("-r", "0-99,900000-", "-w", "%{stderr}%{http_code} %{size_download}", server.url("/f.bin"))
        status, _, size = ran.stderr.partition(" ")
        assert status == "206"
        assert int(size) == len(ran.stdout)
        assert server.logged(1) == [f'"GET /f.bin HTTP/1.1" 206 {size}']


def test_ranges_that_touch_come_as_the_one_range_they_are(root: Path) -> None:
    with served(root) as server:
        status, fields, body = read(say(server, get("/f.bin", "0-9,10-19,15-29")))
    assert (status, fields["Content-Range"]) == (206, "bytes 0-29/1000003")
    assert body == (root / "f.bin").read_bytes()[:30]


def test_the_connection_is_kept_after_several_ranges(root: Path) -> None:
    with served(root) as server:
        first = get("/f.bin", "0-0,9-9").replace(b"Connection: close\r\n", b"")
        answers = say(server, first + get("/hello.txt", "0-4"))
    assert answers.endswith(b"hello")


@pytest.mark.parametrize(
    "asked",
    [
        "0-," + ",".join(f"5-{last}" for last in range(5, 1300)),  # CVE-2011-3192
        ",".join(["0-"] * 1300),
        ",".join(f"{9 * start}-{9 * start}" for start in range(MOST_PARTS + 1)),
        "500-,0-499",
    ],
)
def test_a_range_bomb_costs_no_more_than_its_file(root: Path, asked: str) -> None:
    with served(root) as server:
        status, fields, body = read(say(server, get("/f.bin", asked)))
    assert (status, fields["Content-Range"]) == (200, None)
    assert body == (root / "f.bin").read_bytes()


def test_parts_whose_framing_outweighs_the_file_are_answered_with_the_file(root: Path) -> None:
    with served(root) as server:
        status, _, body = read(say(server, get("/hello.txt", "0-0,5-5,9-9")))
    assert (status, body) == (200, b"hello, world\n")


def test_parts_of_gigabytes_are_sent_as_they_are_read(root: Path) -> None:
    with (root / "huge.bin").open("wb") as huge:
        huge.truncate(64 * 2**30)
    with served(root) as server:
        ran = curl("-r", "0-30000000000,40000000000-", "-I", "-X", "GET", "-m", "20", server.url("/huge.bin"))
    _, fields, _ = read(ran.stdout)
    assert int(fields["Content-Length"]) > 58 * 10**9


def test_no_part_tells_its_boundary_beforehand(root: Path) -> None:
    with served(root) as server:
        kinds = {read(say(server, get("/f.bin", "0-0,9-9")))[1]["Content-Type"] for _ in range(2)}
    assert len(kinds) == 2
