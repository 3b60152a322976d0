"""Captures and what is told of them, line by line, as text goldens.

After a change that is meant, `python -m tests.dissect.test_timelines` writes them anew; read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dissect.told import ZEEK, facts_lines, lines, tell_capture

GOLDENS = Path(__file__).parent / "timelines"
CAPTURES = [
    "tls12-decryption.pcap",
    "tls13_wolfssl.pcap",
    "hrr.pcap",
    "tls13_psk_succesfull.pcap",
    "client-certificate.pcap",
    "tls-early-alert.pcap",
    "https-to-http.pcap",
    "smtp-starttls.pcap",
    "get.pcap",
    "post.pcap",
    "pipelined-requests.pcap",
    "connect-with-header.pcap",
    "entity_gap.pcap",
    "websocket.pcap",
]


def told(name: str) -> str:
    items, facts = tell_capture(ZEEK / name)
    text: list[str] = []
    for number in sorted(items):
        text += [f"conversation {number}", *lines(items[number]), *facts_lines(facts[number]), ""]
    return "\n".join(text)


@pytest.mark.parametrize("name", CAPTURES)
def test_capture_is_told_as_in_its_golden(name: str) -> None:
    assert told(name) == (GOLDENS / f"{name}.txt").read_text()


def write_goldens() -> None:
    for name in CAPTURES:
        (GOLDENS / f"{name}.txt").write_text(told(name))


if __name__ == "__main__":
    write_goldens()
