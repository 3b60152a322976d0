"""The document of a page: both views of one capture, told from the same bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.pages import opened
from transom.dissect.json_lines import encode
from transom.errors import UsageError
from transom.web.model.opened import OpenedCapture


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace)


def asked(capture: OpenedCapture, address: str) -> Any:
    return json.loads(encode(capture.answer(address)))


def names(story: Any) -> list[str]:
    return [f"{item['step']} {item['name']}" for item in story["items"] if item["kind"] == "message"]


def absent(story: Any) -> list[str]:
    return [f"{item['step']} {item['name']}" for item in story["items"] if item["kind"] == "absent"]


def test_the_nine_steps_are_numbered_as_they_are_taught(capture: OpenedCapture) -> None:
    story = asked(capture, "conversations/1/with-keys/story")
    assert names(story)[:8] == [
        "1 ClientHello", "2 ServerHello", "3 Certificate", "4 ServerKeyExchange", "5 ServerHelloDone",
        "6 ClientKeyExchange", "7 ChangeCipherSpec", "8 Finished",
    ]  # fmt: skip
    assert story["before"]["subject"] == "localhost"
    assert absent(story) == []


def test_steps_that_do_not_cross_are_named_with_the_reason(capture: OpenedCapture) -> None:
    rsa, tls13 = (asked(capture, f"conversations/{number}/with-keys/story") for number in (2, 3))
    assert absent(rsa) == ["4 ServerKeyExchange"]
    assert absent(tls13) == ["5 ServerHelloDone", "6 ClientKeyExchange"]
    numbers = [item["step"] for item in rsa["items"] if "step" in item and item["kind"] != "data"]
    assert numbers[:6] == [1, 2, 3, 4, 5, 6]


def test_without_keys_only_the_names_that_can_be_read_are_there(capture: OpenedCapture) -> None:
    story = asked(capture, "conversations/3/without-keys/story")
    assert names(story) == ["1 ClientHello", "2 ServerHello", "7 ChangeCipherSpec", "7 ChangeCipherSpec"]
    assert (story["before"]["why"], story["before"]["reason"]) == ("hidden", "no-keys")
    assert all(not item["opened"] and item["http"] == [] for item in story["items"] if item["kind"] == "data")


def test_a_run_has_the_exchange_that_it_carried_in_the_view_that_can_read_it(capture: OpenedCapture) -> None:
    runs = [item for item in asked(capture, "conversations/1/with-keys/story")["items"] if item["kind"] == "data"]
    assert runs[0]["http"][0]["target"] == "/picture.bin"
    assert runs[1]["http"][0]["body"]["length"] == 8 * 2**20
    assert runs[1]["http"][0]["body"]["complete"]


@pytest.mark.parametrize("view", ["with-keys", "without-keys"])
@pytest.mark.parametrize("number", range(5))
def test_every_field_of_every_step_has_its_bytes(capture: OpenedCapture, view: str, number: int) -> None:
    story = asked(capture, f"conversations/{number}/{view}/story")
    steps = [item["id"] for item in story["items"] if item["kind"] in ("message", "data", "http")]
    assert len(steps) == len(set(steps)) >= 2
    for name in steps:
        step = asked(capture, f"conversations/{number}/{view}/step/{name}")
        assert step["blocks"] or step["kind"] == "data"
        for field in step["fields"] if step["blocks"] else []:
            if field["depth"]:
                assert lies_within(field, step["blocks"]), field


def lies_within(field: Any, blocks: Any) -> bool:
    """Whether each of its bytes is in one of the blocks, which may be neighbours."""
    at, end = field["offset"], field["offset"] + field["length"]
    for block in blocks:
        if block["space"] == field["space"] and block["offset"] <= at < block["offset"] + block["length"]:
            at = block["offset"] + block["length"]
    return bool(at >= end)


def test_a_step_says_its_sentence_in_both_languages(capture: OpenedCapture) -> None:
    step = asked(capture, "conversations/1/with-keys/step/c0")
    assert step["sentence"]["en"].startswith("The client offers")
    assert step["sentence"]["ko"].startswith("클라이언트가")
    assert step["facts"][0]["label"] == {"en": "offers", "ko": "제시"}


def test_what_was_given_no_keys_has_no_view_with_them(trace: Path) -> None:
    capture = opened(trace, "without-keys")
    with pytest.raises(UsageError, match="no view with-keys"):
        capture.answer("conversations/1/with-keys/story")


def test_follow_marks_what_can_be_read_in_a_sealed_stream(capture: OpenedCapture) -> None:
    said = asked(capture, "conversations/3/without-keys/follow")["said"]
    islands = [(bytes.fromhex(turn["hex"])[start:end], kind) for turn in said for start, end, kind in turn["islands"]]
    assert islands == [(b"localhost", "server name"), (b"http/1.1", "ALPN")]


def test_what_leaks_is_the_same_in_both_views(capture: OpenedCapture) -> None:
    leaks = asked(capture, "conversations/3/with-keys/leaks")
    assert leaks == asked(capture, "conversations/3/without-keys/leaks")
    assert (leaks["server_name"], leaks["certificate"]) == ("localhost", None)
