from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.tls.keys.keylog import LONGEST_LINE, KeyLog, format_line, format_rsa_line

RANDOM = bytes(range(32))
SECRET = bytes(range(100, 132))
MASTER = bytes(range(48))
LINE = format_line("CLIENT_TRAFFIC_SECRET_0", RANDOM, SECRET)


def test_a_line_is_label_random_and_secret_in_lower_case_hex() -> None:
    assert f"CLIENT_TRAFFIC_SECRET_0 {RANDOM.hex()} {SECRET.hex()}\n" == LINE


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_every_kind_of_line_end_is_read(end: str) -> None:
    log = KeyLog("# made by a browser" + (end or "\n") + LINE.rstrip("\n") + end)
    assert log.lookup("CLIENT_TRAFFIC_SECRET_0", RANDOM) == SECRET
    assert log.bad_lines == 0


def test_hex_may_be_upper_case() -> None:
    label, rest = LINE.split(" ", 1)
    assert KeyLog(f"{label} {rest.upper()}").lookup("CLIENT_TRAFFIC_SECRET_0", RANDOM) == SECRET


def test_a_static_rsa_session_is_found_by_the_first_eight_bytes_of_its_encrypted_premaster() -> None:
    encrypted = bytes(range(50, 50 + 256 - 50)) + bytes(50)
    log = KeyLog(format_rsa_line(encrypted, MASTER))
    assert log.rsa(encrypted) == MASTER
    assert log.rsa(encrypted[1:]) is None


@pytest.mark.parametrize(
    "line",
    [
        "CLIENT_RANDOM",
        f"CLIENT_RANDOM {RANDOM.hex()}",
        f"CLIENT_RANDOM {RANDOM.hex()} {SECRET.hex()}",  # a master secret has 48 bytes
        f"CLIENT_RANDOM {RANDOM.hex()[:-1]} {MASTER.hex()}",
        f"CLIENT_RANDOM {RANDOM.hex()} {MASTER.hex()} more",
        f"CLIENT_RANDOM {RANDOM.hex()} {'z' * 96}",
        f"CLIENT_TRAFFIC_SECRET_0 {RANDOM.hex()} 00",
        f"RSA {RANDOM.hex()} {MASTER.hex()}",
        "ünïcode",
        "a lone surrogate \udc80",
    ],
)
def test_a_line_that_says_nothing_is_counted_and_passed(line: str) -> None:
    log = KeyLog(f"{line}\n{LINE}")
    assert log.bad_lines == 1
    assert log.lookup("CLIENT_TRAFFIC_SECRET_0", RANDOM) == SECRET


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 400), max_size=6), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_log_read_in_pieces_is_the_log_read_at_once(cuts: list[int], end: str) -> None:
    text = (LINE + "bad line\n" + format_line("CLIENT_RANDOM", RANDOM, MASTER)).replace("\n", end).encode()
    log = KeyLog()
    places = [0, *sorted(cuts), len(text)]
    for start, stop in pairwise(places):
        log.receive(text[start:stop])
    log.finish()
    assert list(log.lines()) == [LINE, format_line("CLIENT_RANDOM", RANDOM, MASTER)]
    assert log.bad_lines == 1


def test_an_unfinished_line_waits_for_its_end() -> None:
    log = KeyLog()
    log.receive(LINE[:50])
    assert len(log) == 0
    log.receive(LINE[50:])
    assert len(log) == 1


def test_an_endless_line_is_dropped_and_the_next_is_read() -> None:
    log = KeyLog()
    for _ in range(100):
        log.receive("A" * LONGEST_LINE)
    log.receive("A\n" + LINE)
    assert log.bad_lines == 1
    assert log.lookup("CLIENT_TRAFFIC_SECRET_0", RANDOM) == SECRET


def test_a_secret_of_a_live_connection_is_found_like_one_that_was_read() -> None:
    log = KeyLog()
    log.add("EXPORTER_SECRET", RANDOM, SECRET)
    log.add_rsa(bytes(range(128)), MASTER)
    assert KeyLog("".join(log.lines())).lookup("EXPORTER_SECRET", RANDOM) == SECRET
    assert KeyLog("".join(log.lines())).rsa(bytes(range(128))) == MASTER
