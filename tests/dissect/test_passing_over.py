"""Bodies that nobody wants are passed over: the same is told of them, and few of their records are opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dissect.test_flow import FILE, REQUEST, RESPONSE, SPOKEN, Wire
from tests.dissect.told import tell
from tests.tls.shuttle import Shuttle, client_config, server_config
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.dissect.timeline import HttpBody, Problem
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.small import KeyUpdateRequest
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.tls.record.protection import Opener, PassedOver
from transom.tls.record.run import Run
from transom.wire.tap import Side

V13 = (ProtocolVersion.TLSv1_3, CipherSuite.TLS_AES_128_GCM_SHA256)


def twice(
    spoken: tuple[ProtocolVersion, CipherSuite], between: Callable[[Shuttle], None] = lambda _: None
) -> tuple[Wire, KeyLog]:
    """The file asked for and sent, two times over; `between` happens in the midst of the first."""
    version, suite = spoken
    log: list[str] = []
    config = client_config(versions=(version,), cipher_suites=(suite,), alpn=("http/1.1",), keylog=log.append)
    server = server_config("rsa", versions=(version,), cipher_suites=(suite,), alpn=("http/1.1",))
    shuttle = Shuttle.between(config, server).handshake()
    shuttle.send(Side.CLIENT, REQUEST)
    shuttle.send(Side.SERVER, RESPONSE[:20_000])
    between(shuttle)
    shuttle.send(Side.SERVER, RESPONSE[20_000:])
    shuttle.send(Side.CLIENT, REQUEST)
    shuttle.send(Side.SERVER, RESPONSE)
    shuttle.server.close()
    shuttle.run()
    return shuttle.wire, KeyLog("".join(log))


def in_pieces(wire: Wire, size: int) -> Wire:
    return [(side, data[at : at + size]) for side, data in wire for at in range(0, len(data), size)]


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of content that were passed over, in each step."""
    counts: list[int] = []
    pass_over = Opener.pass_over

    def counted(opener: Opener, run: Run, index: int, most: int) -> PassedOver:
        result = pass_over(opener, run, index, most)
        counts.append(result.length)
        return result

    monkeypatch.setattr(Opener, "pass_over", counted)
    return counts


@SPOKEN
def test_the_same_is_told_and_most_stays_shut(spoken: tuple[ProtocolVersion, CipherSuite], passed: list[int]) -> None:
    wire, keys = twice(spoken)
    pieces = in_pieces(wire, 18_000)
    items, facts = tell(pieces, Looking(keys, pass_over_bodies=True))
    assert sum(passed) > len(FILE)
    passed.clear()
    assert items == tell(pieces, Looking(keys))[0]
    assert passed == []
    bodies = [item for item in items if isinstance(item, HttpBody) and item.side is Side.SERVER]
    assert [(body.length, body.complete) for body in bodies] == [(len(FILE), True)] * 2
    assert facts.tls is not None
    assert facts.tls.decrypted == "full"


TOLD = {spoken: twice(spoken) for spoken in (V13,)}


@given(size=st.integers(5_000, 150_000))
@settings(max_examples=40, deadline=None)
def test_in_pieces_of_any_size_the_same_is_told(size: int) -> None:
    wire, keys = TOLD[V13]
    pieces = in_pieces(wire, size)
    assert tell(pieces, Looking(keys, pass_over_bodies=True))[0] == tell(pieces, Looking(keys))[0]


def test_of_a_body_in_full_records_it_wants_what_ends_with_one() -> None:
    wire, keys = TOLD[V13]
    flow = Flow(0, lambda _: None, Looking(keys, pass_over_bodies=True))
    assert flow.wants(Side.SERVER, 100_000) == 100_000  # nothing is known of it
    wanted = []
    for side, data in in_pieces(wire, 60_000):
        flow.data(side, data, 0)
        wanted.append(flow.wants(Side.SERVER, 100_000))
    record = 5 + 2**14 + 1 + 16
    begun = 60_000 % record  # of a record, by the first piece of a body that comes whole
    assert 6 * record - begun in wanted


def test_a_body_that_is_hashed_or_listened_to_is_opened(passed: list[int]) -> None:
    wire, keys = TOLD[V13]
    pieces = in_pieces(wire, 18_000)
    tell(pieces, Looking(keys, pass_over_bodies=True, hash_bodies=True))
    heard: list[int] = []
    tell(pieces, Looking(keys, pass_over_bodies=True, plaintext=lambda _side, data: heard.append(len(data))))
    assert sum(passed) == 0
    assert sum(heard) == 2 * len(REQUEST) + 2 * len(RESPONSE)


def test_new_keys_in_the_midst_of_a_body_are_seen(passed: list[int]) -> None:
    def update(shuttle: Shuttle) -> None:
        assert shuttle.server._traffic is not None
        shuttle.server._traffic.update_our_keys(KeyUpdateRequest.update_not_requested)

    wire, keys = twice(V13, update)
    pieces = in_pieces(wire, 18_000)
    items, _ = tell(pieces, Looking(keys, pass_over_bodies=True))
    assert sum(passed) > 0
    assert items == tell(pieces, Looking(keys))[0]
    assert [item for item in items if isinstance(item, Problem)] == []


def test_padding_that_was_taken_for_content_is_a_problem_and_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that pads its records makes a body look longer than it is: its end is then not where it was thought."""
    wire, keys = TOLD[V13]
    pieces = in_pieces(wire, 18_000)
    pass_over = Opener.pass_over

    def counted(opener: Opener, run: Run, index: int, most: int) -> PassedOver:
        result = pass_over(opener, run, index, most)
        return PassedOver(result.records, min(most - 1, result.length + 100 * result.records))

    monkeypatch.setattr(Opener, "pass_over", counted)
    items, _ = tell(pieces, Looking(keys, pass_over_bodies=True))
    assert [item.code for item in items if isinstance(item, Problem)] != []
