"""A connection that ends within the handshake: who ended it is told, where it can be known and nobody has said why."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.dissect.told import ENDPOINTS, START
from tests.tls.shuttle import Shuttle, client_config, server_config
from transom.dissect.flow import Flow
from transom.dissect.handshake_end import ENDED_IN_HANDSHAKE
from transom.dissect.timeline import Item, Problem
from transom.tls.iana.versions import ProtocolVersion
from transom.wire.tap import Ending, Side

Wire = list[tuple[Side, bytes]]
Ends = list[tuple[Side, Ending]]

VERSIONS = pytest.mark.parametrize("version", [ProtocolVersion.TLSv1_2, ProtocolVersion.TLSv1_3], ids=str)


def handshake(version: ProtocolVersion) -> Wire:
    """All of it, each side's flights as pieces."""
    config = client_config(versions=(version,))
    return Shuttle.between(config, server_config("rsa", versions=(version,))).handshake().wire


def told(wire: Wire, ends: Ends, lost: int = 0) -> list[tuple[Side | None, str, str]]:
    """The problems of a conversation of these pieces, ended so, and without the keys."""
    items: list[Item] = []
    flow = Flow(0, items.append)
    flow.opened(ENDPOINTS, START, 1)
    for number, (side, data) in enumerate(wire, start=2):
        flow.data(side, data, START + number, number)
    if lost:
        flow.lost(Side.SERVER, lost, START + 50)
    for number, (side, how) in enumerate(ends, start=100):
        flow.closed(side, START + number, how, number)
    flow.finish()
    return list(_problems(items))


def _problems(items: Iterable[Item]) -> Iterable[tuple[Side | None, str, str]]:
    for item in items:
        if isinstance(item, Problem) and item.code == ENDED_IN_HANDSHAKE:
            yield item.side, item.where, item.what


def client_hello() -> Wire:
    return handshake(ProtocolVersion.TLSv1_3)[:1]


@pytest.mark.parametrize(("how", "named"), [("reset", "reset the connection (RST)"), ("fin", "(FIN)")])
@pytest.mark.parametrize("client_ends_too", [False, True])
def test_a_server_that_ends_it_instead_of_answering(how: Ending, named: str, client_ends_too: bool) -> None:
    ends: Ends = [(Side.SERVER, how), (Side.CLIENT, "fin")]
    ((side, where, what),) = told(client_hello(), ends if client_ends_too else ends[:1])
    assert (side, where) == (Side.SERVER, "ClientHello")
    assert what.startswith("the server's side")
    assert named in what
    assert "instead of answering: as a rule a filter on the path" in what


@pytest.mark.parametrize("ends", [[(Side.CLIENT, "reset")], [(Side.CLIENT, "fin"), (Side.SERVER, "reset")]])
def test_a_client_that_gives_up_before_an_answer_is_who_ended_it(ends: Ends) -> None:
    ((side, where, what),) = told(client_hello(), ends)
    assert (side, where) == (Side.CLIENT, "ClientHello")
    assert "before it was answered" in what


def test_a_client_that_has_announced_its_end_may_still_be_answered() -> None:
    items: list[Item] = []
    flow = Flow(0, items.append)
    flow.opened(ENDPOINTS, START)
    (first, *rest) = handshake(ProtocolVersion.TLSv1_2)
    flow.data(*first, START)
    flow.closed(Side.CLIENT, START)
    assert not list(_problems(items))
    flow.data(*rest[0], START)
    flow.closed(Side.SERVER, START)
    ((side, where, what),) = _problems(items)
    assert (side, where, what) == (
        Side.CLIENT,
        "ServerHelloDone",
        "then the client closed the connection (FIN), and no alert says why",
    )


def test_after_the_server_has_answered_it_is_said_after_which_message() -> None:
    wire = handshake(ProtocolVersion.TLSv1_2)[:2]
    assert told(wire, [(Side.CLIENT, "reset")]) == [
        (Side.CLIENT, "ServerHelloDone", "then the client reset the connection (RST), and no alert says why")
    ]


@VERSIONS
def test_after_the_handshake_nothing_is_said_though_no_keys_are_known(version: ProtocolVersion) -> None:
    assert told(handshake(version), [(Side.SERVER, "reset")]) == []


def test_where_tls13_hides_how_far_it_went_nothing_is_said() -> None:
    assert told(handshake(ProtocolVersion.TLSv1_3)[:2], [(Side.CLIENT, "reset")]) == []


def test_an_alert_has_said_why() -> None:
    alert = (Side.SERVER, bytes.fromhex("15 0303 0002 02 46"))
    assert told([*client_hello(), alert], [(Side.SERVER, "fin"), (Side.CLIENT, "fin")]) == []


def test_another_protocol_in_the_place_of_an_answer_is_a_problem_of_its_own() -> None:
    answer = (Side.SERVER, b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    assert told([*client_hello(), answer], [(Side.SERVER, "fin"), (Side.CLIENT, "fin")]) == []


def test_a_capture_that_is_over_or_has_holes_says_nothing_of_who_ended_it() -> None:
    assert told(client_hello(), []) == []
    assert told(client_hello(), [(Side.SERVER, "reset")], lost=100) == []


def test_what_is_no_tls_has_no_handshake_to_end_in() -> None:
    assert told([(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")], [(Side.SERVER, "reset")]) == []
