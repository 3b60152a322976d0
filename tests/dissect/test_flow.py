"""One conversation from its bytes: with the keys and without, in any pieces, whatever it speaks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dissect.hellos import client_hello
from tests.dissect.told import ENDPOINTS, START, lines, tell
from tests.tls.shuttle import NOW, Shuttle, client_config, identity, local_ca, server_config
from transom.dissect.exchanges import Exchange
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.dissect.timeline import (
    ApplicationData,
    ChainJudged,
    HttpBody,
    HttpRequest,
    HttpResponse,
    Item,
    Message,
    Problem,
    SealedFromHere,
)
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.wire.few import MOST_TOLD
from transom.wire.tap import Buffer, Side

FILE = bytes(range(256)) * 300
DIGEST = hashlib.sha256(FILE).hexdigest()
REQUEST = b"GET /f.bin HTTP/1.1\r\nHost: localhost:8443\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: text/plain\r\n\r\n" % len(FILE) + FILE
HTTP = ((Side.CLIENT, REQUEST), (Side.SERVER, RESPONSE))

Wire = list[tuple[Side, bytes]]

TLS12 = (ProtocolVersion.TLSv1_2, CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)
STATIC_RSA = (ProtocolVersion.TLSv1_2, CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384)
TLS13 = (ProtocolVersion.TLSv1_3, CipherSuite.TLS_AES_128_GCM_SHA256)
SPOKEN = pytest.mark.parametrize("spoken", [TLS12, STATIC_RSA, TLS13], ids=["tls12", "static-rsa", "tls13"])


def crossing(spoken: tuple[ProtocolVersion, CipherSuite]) -> tuple[Wire, KeyLog]:
    """The file asked for and sent, and closed by both."""
    version, suite = spoken
    log: list[str] = []
    config = client_config(versions=(version,), cipher_suites=(suite,), alpn=("http/1.1",), keylog=log.append)
    server = server_config("rsa", versions=(version,), cipher_suites=(suite,), alpn=("http/1.1",))
    shuttle = Shuttle.between(config, server).handshake()
    shuttle.send(Side.CLIENT, REQUEST)
    shuttle.send(Side.SERVER, RESPONSE)
    shuttle.server.close()
    shuttle.run()
    return shuttle.wire, KeyLog("".join(log))


def only(kind: type[object], items: Iterable[Item]) -> list[Item]:
    return [item for item in items if isinstance(item, kind)]


def names(items: Iterable[Item]) -> list[tuple[int | None, str, str]]:
    return [(item.step, item.side.value, item.name) for item in items if isinstance(item, Message)]


def test_tls12_with_its_keys_shows_the_nine_steps_and_the_file() -> None:
    wire, keys = crossing(TLS12)
    items, facts = tell(wire, Looking(keys, store=local_ca().trust_store, hash_bodies=True))
    assert names(items) == [
        (1, "client", "ClientHello"),
        (2, "server", "ServerHello"),
        (3, "server", "Certificate"),
        (4, "server", "ServerKeyExchange"),
        (5, "server", "ServerHelloDone"),
        (6, "client", "ClientKeyExchange"),
        (7, "client", "ChangeCipherSpec"),
        (8, "client", "Finished"),
        (7, "server", "ChangeCipherSpec"),
        (8, "server", "Finished"),
        (None, "server", "Alert"),
    ]
    assert [item.proof for item in items if isinstance(item, Message) and item.proof is not None] == [True] * 3
    assert facts.tls is not None
    assert (facts.tls.decrypted, facts.tls.why_not) == ("full", None)
    assert (facts.tls.version, facts.tls.cipher_suite) == ("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")
    assert (facts.tls.sni, facts.tls.alpn, facts.tls.resumed) == ("localhost", "http/1.1", False)


def test_tls13_with_its_keys_shows_its_steps_and_what_has_none() -> None:
    wire, keys = crossing(TLS13)
    items, _ = tell(wire, Looking(keys))
    assert [step for step in names(items) if step[2] not in ("ChangeCipherSpec", "NewSessionTicket")] == [
        (1, "client", "ClientHello"),
        (2, "server", "ServerHello"),
        (None, "server", "EncryptedExtensions"),
        (3, "server", "Certificate"),
        (4, "server", "CertificateVerify"),
        (8, "server", "Finished"),
        (8, "client", "Finished"),
        (None, "server", "Alert"),
    ]
    assert [step for step, _, name in names(items) if name == "ChangeCipherSpec"] == [7, 7]


@SPOKEN
def test_the_file_is_hashed_out_of_the_sealed_records(spoken: tuple[ProtocolVersion, CipherSuite]) -> None:
    wire, keys = crossing(spoken)
    items, facts = tell(wire, Looking(keys, hash_bodies=True))
    (request,) = only(HttpRequest, items)
    (response,) = only(HttpResponse, items)
    bodies = cast(list[HttpBody], only(HttpBody, items))
    assert (request.method, request.target, request.authority) == ("GET", "/f.bin", "localhost:8443")  # type: ignore[union-attr]
    assert response.status == 200  # type: ignore[union-attr]
    assert [(body.side, body.length, body.sha256, body.complete) for body in bodies] == [
        (Side.CLIENT, 0, None, True),
        (Side.SERVER, len(FILE), DIGEST, True),
    ]
    assert facts.protocol == "tls"


@SPOKEN
def test_without_keys_the_same_bytes_give_no_name_behind_the_seal(
    spoken: tuple[ProtocolVersion, CipherSuite],
) -> None:
    wire, _ = crossing(spoken)
    items, facts = tell(wire, Looking(hash_bodies=True))
    assert not only(HttpRequest, items)
    assert not any(item.opened for item in items if isinstance(item, Message) and item.sealed)
    assert not any(item.length for item in items if isinstance(item, ApplicationData))
    assert facts.tls is not None
    assert (facts.tls.decrypted, facts.tls.why_not) == ("no", "no-keys")
    assert bool(facts.tls.certificates) == (spoken is not TLS13)


def test_finished_without_keys_is_an_encrypted_handshake_message_and_still_step_8() -> None:
    wire, _ = crossing(TLS12)
    items, _ = tell(wire)
    assert [step for step in names(items) if step[2] == "EncryptedHandshakeMessage"] == [
        (8, "client", "EncryptedHandshakeMessage"),
        (8, "server", "EncryptedHandshakeMessage"),
    ]


def test_the_servers_private_key_opens_static_rsa_and_nothing_else() -> None:
    key = identity("rsa").private_key
    assert isinstance(key, RSAPrivateKey)
    opened = [tell(crossing(spoken)[0], Looking(private_keys=[key]))[1] for spoken in (STATIC_RSA, TLS12)]
    assert [facts.tls.decrypted for facts in opened if facts.tls] == ["full", "no"]


@SPOKEN
@pytest.mark.parametrize("size", [1, 7, 1448])
def test_pieces_do_not_matter(spoken: tuple[ProtocolVersion, CipherSuite], size: int) -> None:
    wire, keys = crossing(spoken)
    if size == 1:
        wire = [(side, data[:4000]) for side, data in wire]
    pieces = [(side, data[at : at + size]) for side, data in wire for at in range(0, len(data), size)]
    whole, cut = (tell(way, Looking(keys, hash_bodies=True))[0] for way in (wire, pieces))
    assert [line.split(None, 1)[1] for line in lines(cut)] == [line.split(None, 1)[1] for line in lines(whole)]


@SPOKEN
@pytest.mark.parametrize("size", [1448, 16_000, 40_000, 65_000])
def test_plaintext_is_what_was_sent_however_the_records_arrive(
    spoken: tuple[ProtocolVersion, CipherSuite], size: int
) -> None:
    version, suite = spoken
    log: list[str] = []
    config = client_config(versions=(version,), cipher_suites=(suite,), keylog=log.append)
    shuttle = Shuttle.between(config, server_config("rsa", versions=(version,), cipher_suites=(suite,))).handshake()
    never_twice_the_same = b"".join(number.to_bytes(4, "big") for number in range(25_000))
    shuttle.send(Side.SERVER, never_twice_the_same)
    heard = bytearray()
    pieces = [(side, data[at : at + size]) for side, data in shuttle.wire for at in range(0, len(data), size)]
    tell(pieces, Looking(KeyLog("".join(log)), plaintext=lambda _, data: heard.extend(data)))
    assert bytes(heard) == never_twice_the_same


@SPOKEN
def test_each_side_is_sealed_once_behind_the_message_that_seals_it(
    spoken: tuple[ProtocolVersion, CipherSuite],
) -> None:
    wire, keys = crossing(spoken)
    for looking in (Looking(keys), Looking()):
        items, _ = tell(wire, looking)
        at = [number for number, item in enumerate(items) if isinstance(item, SealedFromHere)]
        assert len(at) == 2
        before = [item for item in items[: at[0]] if isinstance(item, Message)][-1]
        assert before.name == ("ServerHello" if spoken is TLS13 else "ChangeCipherSpec")


def test_a_run_of_application_data_is_one_item_however_it_came() -> None:
    wire, keys = crossing(TLS13)
    pieces = [(side, data[at : at + 1448]) for side, data in wire for at in range(0, len(data), 1448)]
    runs = cast(list[ApplicationData], only(ApplicationData, tell(pieces, Looking(keys))[0]))
    assert [(run.side, run.length) for run in runs] == [(Side.CLIENT, len(REQUEST)), (Side.SERVER, len(RESPONSE))]
    assert runs[1].records == -(-len(RESPONSE) // 2**14)
    assert runs[1].wire_bytes == len(RESPONSE) + runs[1].records * (5 + 1 + 16)
    assert runs[1].last.packet > runs[1].moment.packet


def test_the_chain_is_judged_by_the_time_of_the_packet_right_after_its_message() -> None:
    wire, keys = crossing(TLS12)
    items, facts = tell(wire, Looking(keys, store=local_ca().trust_store))
    at = next(number for number, item in enumerate(items) if isinstance(item, ChainJudged))
    before, judged = items[at - 1], items[at]
    assert isinstance(before, Message)
    assert isinstance(judged, ChainJudged)
    assert before.name == "Certificate"
    assert judged.verdict.trusted_by == "your Transom CA"
    assert judged.verdict.problem is None
    assert facts.tls is not None
    assert facts.tls.verdict is judged.verdict
    assert NOW.timestamp() * 10**9 == START


class Recovered:
    """A sink that keeps what it was given: zeros for a hole."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.complete: bool | None = None

    def write(self, data: Buffer) -> None:
        self.data += data

    def skip(self, count: int) -> None:
        self.data += bytes(count)

    def end(self, *, complete: bool) -> None:
        self.complete = complete


def recover(tell_it: Callable[[Looking], object]) -> list[tuple[Side, Exchange, Recovered]]:
    taken: list[tuple[Side, Exchange, Recovered]] = []

    def bodies(side: Side, exchange: Exchange) -> Recovered:
        taken.append((side, exchange, Recovered()))
        return taken[-1][2]

    tell_it(Looking(bodies=bodies))
    return taken


def test_the_eavesdropper_recovers_a_file_that_crossed_in_the_clear() -> None:
    ((side, exchange, recovered),) = recover(lambda looking: tell(HTTP, looking))
    assert side is Side.SERVER
    assert exchange.path == "/f.bin"
    assert exchange.response is not None
    assert bytes(recovered.data) == FILE
    assert recovered.complete


def test_a_hole_in_a_body_is_skipped_named_and_told() -> None:
    items: list[Item] = []
    head = len(RESPONSE) - len(FILE)

    def tell_it(looking: Looking) -> None:
        flow = Flow(0, items.append, looking)
        flow.opened(ENDPOINTS, START)
        flow.data(Side.CLIENT, REQUEST, START)
        flow.data(Side.SERVER, RESPONSE[: head + 1000], START)
        flow.lost(Side.SERVER, 500, START)
        flow.data(Side.SERVER, RESPONSE[head + 1500 :], START)
        flow.finish()
        assert flow.facts.missing_bytes == 500

    ((_, _, recovered),) = recover(tell_it)
    body = cast(HttpBody, only(HttpBody, items)[-1])
    assert (body.complete, body.missing, body.length, body.expected) == (
        False,
        ((1000, 1500),),
        len(FILE) - 500,
        len(FILE),
    )
    assert bytes(recovered.data) == FILE[:1000] + bytes(500) + FILE[1500:]
    assert not recovered.complete
    assert [item.code for item in items if isinstance(item, Problem)] == ["lost-bytes"]


def test_bytes_lost_inside_tls_cut_the_body_and_are_told_once() -> None:
    wire, keys = crossing(TLS13)
    items: list[Item] = []
    flow = Flow(0, items.append, Looking(keys, hash_bodies=True))
    for side, data in wire[:-2]:
        flow.data(side, data, START)
    side, data = wire[-2]
    flow.data(side, data[:30_000], START)
    flow.lost(side, 1448, START)
    flow.data(side, data[31_448:], START)
    flow.finish()
    body = cast(HttpBody, only(HttpBody, items)[-1])
    assert not body.complete
    assert [item.code for item in items if isinstance(item, Problem)].count("lost-bytes") == 1


def test_tls_inside_a_tunnel_is_read_and_its_exchanges_counted_on() -> None:
    inner, keys = crossing(TLS13)
    connect = [
        (Side.CLIENT, b"CONNECT localhost:8443 HTTP/1.1\r\nHost: localhost:8443\r\n\r\n"),
        (Side.SERVER, b"HTTP/1.1 200 Connection established\r\n\r\n"),
    ]
    items, facts = tell([*connect, *inner], Looking(keys, hash_bodies=True))
    requests = [item for item in items if isinstance(item, HttpRequest)]
    assert [(item.stream, item.method) for item in requests] == [(0, "CONNECT"), (1, "GET")]
    assert [item.sha256 for item in items if isinstance(item, HttpBody)][-1] == DIGEST
    assert facts.protocol == "http"
    assert facts.tls is not None
    assert facts.tls.decrypted == "full"


def test_tls_that_begins_in_the_middle_of_something_else_is_found() -> None:
    inner, keys = crossing(TLS13)
    greeting = [(Side.SERVER, b"220 mail ESMTP\r\n"), (Side.CLIENT, b"STARTTLS\r\n"), (Side.SERVER, b"220 go\r\n")]
    items, facts = tell([*greeting, *inner], Looking(keys))
    assert facts.protocol == "tls"
    assert names(items)[0] == (1, "client", "ClientHello")


def record(content_type: int, fragment: bytes) -> bytes:
    return bytes([content_type]) + b"\x03\x03" + len(fragment).to_bytes(2, "big") + fragment


def draft_server_hello(version: int, *, has_session_id: bool) -> bytes:
    """As drafts wrote it: before draft 22 with the draft's version in front, and without a session id."""
    if has_session_id:
        versions = b"\x00\x2b\x00\x02" + version.to_bytes(2, "big")
        body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x13\x01" + b"\x00" + b"\x00\x06" + versions
    else:
        body = version.to_bytes(2, "big") + bytes(32) + b"\x13\x01" + b"\x00\x00"
    return record(22, b"\x02" + len(body).to_bytes(3, "big") + body)


@pytest.mark.parametrize(("version", "has_session_id"), [(0x7F10, False), (0x7F13, False), (0x7F17, True)])
def test_data_of_a_draft_of_tls13_is_sealed_and_the_version_named(version: int, has_session_id: bool) -> None:
    hello = next(iter(crossing(TLS13)[0]))
    data = record(23, bytes(100))
    wire = [
        hello,
        (Side.SERVER, draft_server_hello(version, has_session_id=has_session_id) + data),
        (Side.CLIENT, data),
    ]
    items, facts = tell(wire)
    runs = [item for item in items if isinstance(item, ApplicationData)]
    assert [(run.side, run.sealed, run.length) for run in runs] == [
        (Side.SERVER, True, None),
        (Side.CLIENT, True, None),
    ]
    assert {item.side for item in items if isinstance(item, SealedFromHere)} == set(Side)
    (problem,) = [item for item in items if isinstance(item, Problem)]
    assert (problem.code, problem.where) == ("unsupported-version", "ServerHello")
    assert f"draft {version & 0xFF}" in problem.what
    assert facts.tls is not None
    assert (facts.tls.version, facts.tls.decrypted, facts.tls.why_not) == (None, "no", "unsupported-version")


def test_data_before_any_server_hello_is_no_plaintext() -> None:
    hello = next(iter(crossing(TLS13)[0]))
    heard: list[bytes] = []
    looking = Looking(plaintext=lambda _side, data: heard.append(bytes(data)))
    items, facts = tell([hello, (Side.SERVER, record(23, b"GET / HTTP/1.1\r\n\r\n"))], looking)
    assert [item.sealed for item in items if isinstance(item, ApplicationData)] == [True]
    assert not heard
    assert facts.tls is not None
    assert facts.tls.why_not == "no-handshake"


@pytest.mark.parametrize("first", [b"\0\1\2", b"USER anonymous\r\n", b"SSH-2.0-x\r\n", b"\x16\x03", b"G", b""])
def test_what_is_neither_stays_unknown(first: bytes) -> None:
    items, facts = tell([(Side.CLIENT, first)])
    assert facts.protocol == "unknown"
    assert len(items) == 1


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_method_nobody_knows_is_http_once_its_line_says_so(size: int) -> None:
    request = b"QUERY /search HTTP/1.1\r\nHost: localhost\r\n\r\n"
    pieces = [(Side.CLIENT, request[at : at + size]) for at in range(0, len(request), size)]
    items, facts = tell(pieces)
    assert facts.protocol == "http"
    assert only(HttpRequest, items)


def test_an_answer_is_read_when_the_request_was_lost() -> None:
    items: list[Item] = []
    flow = Flow(0, items.append)
    flow.lost(Side.CLIENT, 100, START)
    flow.data(Side.SERVER, RESPONSE, START)
    flow.finish()
    assert flow.facts.protocol == "http"
    assert [item.status for item in items if isinstance(item, HttpResponse)] == [200]


def test_over_is_said_once_when_both_sides_have_closed() -> None:
    ended: list[Facts] = []
    flow = Flow(7, lambda _: None, over=ended.append)
    flow.opened(ENDPOINTS, START)
    flow.closed(Side.CLIENT, START + 1)
    assert not ended
    flow.closed(Side.SERVER, START + 2, "reset")
    flow.finish()
    assert [facts.number for facts in ended] == [7]
    assert (ended[0].start, ended[0].end) == (START, START + 2)


def test_a_response_that_only_the_end_ends_is_whole_after_a_fin_and_cut_after_a_reset() -> None:
    for how, complete in (("fin", True), ("reset", False)):
        items: list[Item] = []
        flow = Flow(0, items.append)
        flow.data(Side.CLIENT, REQUEST, START)
        flow.data(Side.SERVER, b"HTTP/1.0 200 OK\r\n\r\nabc", START)
        flow.closed(Side.SERVER, START, how)  # type: ignore[arg-type]
        assert cast(HttpBody, only(HttpBody, items)[-1]).complete is complete


@SPOKEN
def test_every_cut_tells_what_came_before_it(spoken: tuple[ProtocolVersion, CipherSuite]) -> None:
    wire, keys = crossing(spoken)
    whole = names(tell(wire, Looking(keys))[0])
    total = sum(len(data) for _, data in wire)
    for length in (*range(0, 6000, 59), *range(6000, total, 4999)):
        items, facts = tell(cut_at(wire, length), Looking(keys))
        seen = names(items)
        assert seen == whole[: len(seen)]
        assert sum(facts.wire_bytes.values()) == length


def cut_at(wire: Wire, length: int) -> Wire:
    kept: Wire = []
    for side, data in wire:
        if length:
            kept.append((side, data[:length]))
            length -= len(kept[-1][1])
    return kept


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Side), st.binary(max_size=60)), max_size=8), st.sampled_from(range(4)))
def test_no_bytes_raise(pieces: list[tuple[Side, bytes]], beginning: int) -> None:
    wire, keys = crossing_once()
    tell([*([], wire[:1], wire[:3], list(HTTP))[beginning], *pieces], Looking(keys))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3), st.integers(0, 1 << 30), st.integers(1, 255))
def test_no_changed_byte_raises(piece: int, at: int, flip: int) -> None:
    wire, keys = crossing_once()
    changed = [(side, bytearray(data)) for side, data in wire]
    data = changed[piece % len(changed)][1]
    data[at % len(data)] ^= flip
    tell([(side, bytes(data)) for side, data in changed], Looking(keys, hash_bodies=True))


_ONCE: list[tuple[Wire, KeyLog]] = []


def crossing_once() -> tuple[Wire, KeyLog]:
    if not _ONCE:
        _ONCE.append(crossing(TLS13))
    return _ONCE[0]


@pytest.mark.parametrize(
    ("record", "code", "what"),
    [
        (b"\x16\x03\x03\0\0", "unexpected-record", "a Handshake record of 0 bytes"),
        (b"\x15\x03\x03\0\0", "malformed-message", "Alert.level: 1 bytes expected, 0 left (RFC 8446 §6)"),
        (b"\x18\x03\x03\0\0", "unexpected-record", "a Heartbeat record of 0 bytes"),
    ],
)
def test_a_flood_of_records_that_carry_nothing_is_told_a_few_times_and_then_counted(
    record: bytes, code: str, what: str
) -> None:
    hello = client_hello()
    items, _ = tell([(Side.CLIENT, hello + record * 250), (Side.SERVER, record), (Side.CLIENT, record * 250)])
    told = [item for item in items if isinstance(item, Problem)]
    ours = [problem for problem in told if problem.side is Side.CLIENT]
    assert {problem.code for problem in told} == {code}
    assert len(ours) == MOST_TOLD + 1
    assert (ours[0].where, ours[0].what) == (f"record at byte {len(hello)}", what)
    assert (ours[-1].where, ours[-1].what) == ("client stream", f"{500 - MOST_TOLD} more of these, not told one by one")
    assert len(told) == len(ours) + 1  # of the server's one there is nothing to count
