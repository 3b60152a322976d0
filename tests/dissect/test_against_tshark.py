"""The same captures through tshark: the same handshake messages in the same order, the same JA3 and JA3S.

Where the two differ, a row below says why.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.dissect.test_flow import STATIC_RSA, TLS12, TLS13, crossing
from tests.dissect.told import ZEEK, tell_capture, write_trace
from transom.dissect.timeline import HttpRequest, HttpResponse, Item, Message
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.versions import ProtocolVersion

FIELDS = (
    "tls.handshake.type",
    "tls.handshake.ja3",
    "tls.handshake.ja3s",
    "http.request.method",
    "http.response.code",
)
CAPTURES = sorted(path.name for path in ZEEK.glob("*.pcap*"))

TLS_DIFFERS = {
    "https-to-http.pcap": "TLS on port 80 is HTTP to tshark, by the port",
    "irc-starttls.pcap": "tshark does not know STARTTLS in IRC",
}
JA3S_DIFFERS = {"hrr.pcap": "tshark takes the first hello of the server, ours the one that is no HelloRetryRequest"}
HTTP_DIFFERS = {
    "entity_gap.pcap": "tshark waits for a body with a hole in it for ever",
    "http-single-conn-22.pcap": "HTTP on port 22 is SSH to tshark, by the port",
}

Seen = dict[str, list[str]]


@cache
def by_tshark(path: Path) -> dict[int, Seen]:
    """The values of each field, in order, by conversation."""
    command = ["tshark", "-r", str(path), "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", "tcp", "-T", "fields"]
    command += ["-d", "tcp.port==8443,tls"]
    for field in ("tcp.stream", *FIELDS):
        command += ["-e", field]
    found: dict[int, Seen] = {}
    for row in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        stream, *values = row.split("\t")
        seen = found.setdefault(int(stream), {field: [] for field in FIELDS})
        for field, value in zip(FIELDS, values, strict=True):
            seen[field] += filter(None, value.split(","))
    return found


def handshake_types(items: list[Item]) -> list[str]:
    return [str(int(item.type)) for item in items if isinstance(item, Message) and item.type is not None]


@pytest.mark.parametrize("name", CAPTURES)
def test_tshark_sees_the_same_handshakes(name: str) -> None:
    told, facts = tell_capture(ZEEK / name)
    theirs = by_tshark(ZEEK / name)
    assert set(told) == set(theirs)
    for number, seen in theirs.items():
        tls = facts[number].tls
        if name in TLS_DIFFERS:
            assert not seen["tls.handshake.type"]
            assert tls is not None
            continue
        assert handshake_types(told[number]) == seen["tls.handshake.type"]
        assert [tls.ja3] == seen["tls.handshake.ja3"][:1] if tls else not seen["tls.handshake.ja3"]
        if name not in JA3S_DIFFERS:
            assert ([tls.ja3s] if tls and tls.ja3s else []) == seen["tls.handshake.ja3s"][:1]


@pytest.mark.parametrize("name", CAPTURES)
def test_tshark_sees_the_same_exchanges(name: str) -> None:
    told, _ = tell_capture(ZEEK / name)
    theirs = by_tshark(ZEEK / name)
    ours = {
        number: (
            [item.method for item in items if isinstance(item, HttpRequest)],
            [str(item.status) for item in items if isinstance(item, HttpResponse)],
        )
        for number, items in told.items()
    }
    expected = {number: (seen["http.request.method"], seen["http.response.code"]) for number, seen in theirs.items()}
    if name in HTTP_DIFFERS:
        assert ours != expected
    else:
        assert ours == expected


@pytest.mark.parametrize("spoken", [TLS12, STATIC_RSA, TLS13], ids=["tls12", "static-rsa", "tls13"])
def test_tshark_sees_the_same_behind_the_seal(spoken: tuple[ProtocolVersion, CipherSuite], tmp_path: Path) -> None:
    wire, keys = crossing(spoken)
    path = write_trace(tmp_path / "t.pcapng", wire, keys.lines())
    told, facts = tell_capture(path)
    tls, seen = facts[0].tls, by_tshark(path)[0]
    assert handshake_types(told[0]) == seen["tls.handshake.type"]
    assert "20" in seen["tls.handshake.type"]
    assert seen["http.request.method"] == ["GET"]
    assert tls is not None
    assert [tls.ja3, tls.ja3s] == seen["tls.handshake.ja3"] + seen["tls.handshake.ja3s"]
