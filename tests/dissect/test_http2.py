"""HTTP/2 in a conversation: in the clear, out of TLS, after an upgrade, and where bytes are missing."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest

from tests.dissect.told import tell
from tests.http.h2.made import C, S, Talker, client_preface, data, frame, get, server_preface
from tests.tls.shuttle import Shuttle, client_config, server_config
from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.json_lines import http_line
from transom.dissect.telling import Looking
from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse, Item, Problem
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.wire.tap import Side

FILE = hashlib.shake_128(b"the file").digest(200_000)
SHA256 = hashlib.sha256(FILE).hexdigest()

Wire = list[tuple[Side, bytes]]


def asked() -> bytes:
    client = Talker()
    return client_preface() + client.headers(1, get("/f.bin"), ends=True) + client.headers(3, get("/two"), ends=True)


def answered() -> bytes:
    server = Talker()
    head = [(":status", "200"), ("content-type", "x/y"), ("content-length", str(len(FILE)))]
    wire = server_preface() + server.headers(1, head) + server.headers(3, [(":status", "404")], ends=True)
    size = 16_384
    frames = [data(1, FILE[at : at + size], ends=at + size >= len(FILE)) for at in range(0, len(FILE), size)]
    return wire + b"".join(frames) + frame(6, 0, 0, bytes(8))


def exchanges(items: list[Item]) -> list[Exchange]:
    gathering = Exchanges()
    found = [exchange for item in items if (exchange := gathering.receive(item))]
    return sorted([*found, *gathering.unfinished()], key=lambda exchange: exchange.stream)


def codes(items: list[Item]) -> list[str]:
    return [item.code for item in items if isinstance(item, Problem)]


def sealed(version: ProtocolVersion, suite: CipherSuite, *, server_first: bool = False) -> tuple[Wire, KeyLog]:
    log: list[str] = []
    config = client_config(versions=(version,), cipher_suites=(suite,), alpn=("h2",), keylog=log.append)
    shuttle = Shuttle.between(
        config, server_config("rsa", versions=(version,), cipher_suites=(suite,), alpn=("h2",))
    ).handshake()
    if server_first:
        shuttle.send(S, answered()[:9])
        shuttle.send(C, asked())
        shuttle.send(S, answered()[9:])
    else:
        shuttle.send(C, asked())
        shuttle.send(S, answered())
    shuttle.server.close()
    shuttle.run()
    return shuttle.wire, KeyLog("".join(log))


def assert_told(items: list[Item]) -> None:
    one, two = exchanges(items)
    assert one.request is not None
    assert one.response is not None
    assert one.response_body is not None
    assert (one.stream, one.request.method, one.path, one.request.authority) == (1, "GET", "/f.bin", "files.example")
    assert (one.request.version, one.response.status) == ("2", 200)
    assert (one.response_body.sha256, one.response_body.length, one.complete) == (SHA256, len(FILE), True)
    assert two.response is not None
    assert (two.stream, two.path, two.response.status, two.complete) == (3, "/two", 404, True)


def test_in_the_clear() -> None:
    items, facts = tell([(C, asked()), (S, answered())], Looking(hash_bodies=True))
    assert facts.protocol == "http2"
    assert_told(items)
    assert codes(items) == []


@pytest.mark.parametrize("server_first", [False, True])
@pytest.mark.parametrize(
    ("version", "suite"),
    [
        (ProtocolVersion.TLSv1_2, CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
        (ProtocolVersion.TLSv1_3, CipherSuite.TLS_AES_128_GCM_SHA256),
    ],
)
def test_out_of_tls_with_the_keys_and_nothing_of_it_without(
    version: ProtocolVersion, suite: CipherSuite, server_first: bool
) -> None:
    wire, keys = sealed(version, suite, server_first=server_first)
    items, facts = tell(wire, Looking(keys, hash_bodies=True))
    assert facts.protocol == "tls"
    assert_told(items)
    assert codes(items) == []
    for passing in (False, True):
        shown, _ = tell(wire, Looking(keys, pass_over_bodies=passing))
        assert [exchange.complete for exchange in exchanges(shown)] == [True, True]
    shut, _ = tell(wire, Looking())
    assert exchanges(shut) == []


def test_who_joins_late_is_told_by_the_side_that_was_heard() -> None:
    items, facts = tell([(S, answered())], Looking(hash_bodies=True))
    assert facts.protocol == "http2"
    one, two = exchanges(items)
    assert one.response_body is not None
    assert (one.request, one.response_body.sha256, one.complete) == (None, SHA256, False)
    assert two.response is not None


def test_behind_a_lost_record_the_next_answers_are_told_and_the_cut_one_said_to_be() -> None:
    wire, keys = sealed(ProtocolVersion.TLSv1_3, CipherSuite.TLS_AES_128_GCM_SHA256)
    items: list[Item] = []
    facts: list[Facts] = []
    flow = Flow(0, items.append, Looking(keys, hash_bodies=True), facts.append)
    *before, (side, last) = [(side, piece) for side, piece in wire if len(piece) > 100 or side is C]
    assert side is S
    for side, piece in before:
        flow.data(side, piece, 1)
    flow.data(S, last[:60_000], 2)
    flow.lost(S, 40_000, 3)
    flow.data(S, last[100_000:], 4)
    flow.finish()
    one, two = exchanges(items)
    assert one.response_body is not None
    assert not one.response_body.complete
    assert one.response_body.length < len(FILE)
    assert two.complete
    assert "http2-lost" in codes(items)


def test_a_hole_in_the_clear_inside_a_frame_is_a_hole_of_the_file() -> None:
    items: list[Item] = []
    flow = Flow(0, items.append, Looking(hash_bodies=True))
    flow.data(C, asked(), 1)
    flow.data(S, answered()[:1000], 2)
    flow.lost(S, 500, 3)
    flow.data(S, answered()[1500:], 4)
    flow.finish()
    body = exchanges(items)[0].response_body
    assert body is not None
    ((start, end),) = body.missing
    assert (end - start, body.length, body.sha256, body.complete) == (500, len(FILE) - 500, None, False)
    assert FILE[:start] == answered()[:1000][-start:]


def test_a_request_in_http1_may_be_answered_in_http2() -> None:
    upgrade = b"GET /f.bin HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"
    switching = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    client = client_preface() + Talker().headers(3, get("/two"), ends=True)
    items, _ = tell([(C, upgrade), (S, switching + answered()[:9]), (C, client), (S, answered()[9:])])
    first, one, two = exchanges(items)
    assert first.response is not None
    assert one.request is not None
    assert two.request is not None
    assert (first.stream, first.response.status, one.stream, one.path, two.path) == (0, 101, 1, "/f.bin", "/two")
    assert [first.complete, one.complete, two.complete] == [True, True, True]
    assert codes(items) == []


def test_a_promised_answer_says_who_asked_for_it() -> None:
    server = Talker()
    promise = frame(5, 4, 1, (2).to_bytes(4, "big") + server.block(get("/style.css")))
    pushed = server.headers(2, [(":status", "200")]) + data(2, b"css", ends=True)
    items, _ = tell([(C, asked()), (S, server_preface() + promise + pushed)])
    requests = {item.stream: item.side for item in items if isinstance(item, HttpRequest)}
    assert requests == {1: C, 3: C, 2: S}
    assert exchanges(items)[1].complete


def test_the_json_line_of_an_exchange_has_the_number_of_its_stream() -> None:
    items, _ = tell([(C, asked()), (S, answered())], Looking(hash_bodies=True))
    assert http_line(7, exchanges(items)[0]) == {
        "type": "http",
        "conversation": 7,
        "stream": 1,
        "version": "2",
        "method": "GET",
        "authority": "files.example",
        "path": "/f.bin",
        "status": 200,
        "request_body_bytes": 0,
        "response_body_bytes": len(FILE),
        "content_type": "x/y",
        "request_sha256": None,
        "response_sha256": SHA256,
        "complete": True,
    }


def test_a_body_takes_the_time_that_its_frames_took() -> None:
    wire = answered()
    items, facts = tell([(C, asked()), *((S, wire[at : at + 10_000]) for at in range(0, len(wire), 10_000))])
    head = next(item for item in items if isinstance(item, HttpResponse))
    body = next(item for item in items if isinstance(item, HttpBody) and item.side is S and item.length)
    lasted = Decimal(body.moment.time - head.moment.time)
    assert 0 < lasted <= (facts.end or 0) - (facts.start or 0)
