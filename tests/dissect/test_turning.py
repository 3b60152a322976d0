"""Whose opening was not captured is the client if it asks: by a ClientHello or a request, whoever was heard first."""

from __future__ import annotations

import pytest

from tests.dissect.test_flow import HTTP, TLS13, Wire, crossing
from tests.dissect.told import ENDPOINTS, START
from transom.dissect.flow import Flow
from transom.dissect.timeline import Closed, HttpRequest, HttpResponse, Item, Opened, Problem
from transom.dissect.turning import MOST_HELD, Turning
from transom.wire.tap import Endpoints, Side

TURNED = Endpoints(ENDPOINTS.server, ENDPOINTS.client)


def tell(wire: Wire, *, close: bool = False) -> tuple[list[Item], Flow]:
    items: list[Item] = []
    flow = Flow(0, items.append)
    turning = Turning(flow)
    turning.opened(ENDPOINTS, START)
    for side, data in wire:
        turning.data(side, data, START)
    for side in Side if close else ():
        turning.closed(side, START)
    turning.finish()
    flow.finish()
    return items, flow


def other_way_round(wire: Wire) -> Wire:
    return [(side.peer, data) for side, data in wire]


@pytest.mark.parametrize("wire", [list(HTTP), crossing(TLS13)[0]], ids=["http", "tls"])
def test_who_asks_is_the_client(wire: Wire) -> None:
    straight, flow = tell(wire)
    turned, other = tell(other_way_round(wire))
    assert straight[0] == Opened(turned[0].moment, ENDPOINTS)
    assert turned[0] == Opened(turned[0].moment, TURNED)
    assert turned[1:] == straight[1:]
    assert other.facts.wire_bytes == flow.facts.wire_bytes
    assert other.facts.protocol == flow.facts.protocol


def test_who_answers_first_is_the_server() -> None:
    items, flow = tell([(Side.CLIENT, HTTP[1][1])])
    assert [type(item) for item in items][:2] == [Opened, HttpResponse]
    assert flow.facts.endpoints == TURNED


def test_the_rest_of_a_body_is_held_until_a_request_tells() -> None:
    items, flow = tell([(Side.CLIENT, b"\x80the rest of a body"), (Side.SERVER, HTTP[0][1])])
    assert flow.facts.endpoints == TURNED
    assert flow.facts.wire_bytes[Side.SERVER] == len(b"\x80the rest of a body")
    assert isinstance(items[0], Opened)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80" * (MOST_HELD + 1)])
def test_what_never_tells_stays_as_it_was_first_seen(data: bytes) -> None:
    items, flow = tell([(Side.CLIENT, data)], close=True)
    assert flow.facts.endpoints == ENDPOINTS
    assert [item.side for item in items if isinstance(item, Closed)] == list(Side)
    assert flow.facts.wire_bytes[Side.CLIENT] == len(data)


def test_losses_are_told_of_the_side_that_lost() -> None:
    items: list[Item] = []
    flow = Flow(0, items.append)
    turning = Turning(flow)
    turning.opened(ENDPOINTS, START)
    turning.lost(Side.CLIENT, 10, START)
    turning.data(Side.SERVER, HTTP[0][1], START)
    turning.lost(Side.CLIENT, 20, START)
    turning.finish()
    lost = [(item.side, item.what[:8]) for item in items if isinstance(item, Problem) and item.code == "lost-bytes"]
    assert lost == [(Side.SERVER, "10 bytes"), (Side.SERVER, "20 bytes")]
    assert flow.facts.missing_bytes == 30
    assert any(isinstance(item, HttpRequest) for item in items)
