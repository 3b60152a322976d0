"""The HTTP tab's part of the document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.pages import opened
from transom.dissect.exchanges import Exchange
from transom.dissect.json_lines import encode
from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse, Moment
from transom.http.messages import Headers
from transom.web.model.exchanges import phases_of
from transom.web.model.opened import OpenedCapture
from transom.wire.tap import Side


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace)


def asked(capture: OpenedCapture, address: str) -> Any:
    return json.loads(encode(capture.answer(address)))


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_an_exchange_has_its_heads_its_sizes_and_its_phases_in_their_order(capture: OpenedCapture, number: int) -> None:
    found = asked(capture, f"conversations/{number}/with-keys/http")
    (exchange,) = found["exchanges"]
    assert (exchange["method"], exchange["target"], exchange["status"]) == ("GET", "/picture.bin", 200)
    assert exchange["response_body"]["length"] == 8 * 2**20
    assert ["Content-Type", "application/octet-stream"] in exchange["response_headers"]
    names = [phase["name"] for phase in exchange["phases"]]
    assert names == (["connect", "tls", "wait", "receive"] if number else ["connect", "wait", "receive"])
    for phase, after in zip(exchange["phases"], exchange["phases"][1:], strict=False):
        assert phase["at"] + phase["lasted"] == after["at"]
    assert found["sealed"] == []


def test_an_exchange_names_the_step_that_has_its_request(capture: OpenedCapture) -> None:
    (exchange,) = asked(capture, "conversations/1/with-keys/http")["exchanges"]
    step = asked(capture, f"conversations/1/with-keys/step/{exchange['step']}")
    assert step["http"][0]["target"] == "/picture.bin"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_without_keys_an_answer_is_its_size_alone(capture: OpenedCapture, number: int) -> None:
    found = asked(capture, f"conversations/{number}/without-keys/http")
    assert (found["exchanges"], found["why_not"]) == ([], "no-keys")
    largest = max(run["about"] for run in found["sealed"] if run["from"] == "server")
    assert 8 * 2**20 < largest < 8 * 2**20 + 1000


def test_plain_http_is_the_same_without_keys(capture: OpenedCapture) -> None:
    assert asked(capture, "conversations/0/without-keys/http") == asked(capture, "conversations/0/with-keys/http")


def test_who_answers_before_all_was_sent_was_not_waited_for() -> None:
    request = HttpRequest(Moment(10), 1, "PUT", "/f", None, "1.1", Headers(), 20)
    response = HttpResponse(Moment(30), 1, 413, "Content Too Large", "1.1", Headers(), 20)
    sent = HttpBody(Moment(50), Side.CLIENT, 1, 9, None, complete=False, expected=99)
    answered = HttpBody(Moment(60), Side.SERVER, 1, 0, None, complete=True, expected=0)
    phases = list(phases_of(Exchange(1, request, response, sent, answered), []))
    assert [(phase.name, phase.end - phase.start) for phase in phases] == [("send", 40), ("wait", 0), ("receive", 30)]
