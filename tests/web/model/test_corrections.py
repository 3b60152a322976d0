"""The note set right: each of the ten has its words, and leads to where the reader's own session shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.pages import opened
from transom.cli.show.narration import page_texts
from transom.dissect.json_lines import encode
from transom.web.model.opened import OpenedCapture


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace)


def rows(capture: OpenedCapture, number: int, view: str = "with-keys") -> dict[str, Any]:
    found = json.loads(encode(capture.answer(f"conversations/{number}/{view}/corrections")))
    return {row["name"]: row for row in found["rows"]}


def places(row: Any) -> list[tuple[str, str]]:
    return [(step["name"], step["from"]) for step in row["steps"]]


def test_there_are_ten_and_each_has_its_words_in_both_languages(capture: OpenedCapture) -> None:
    names = list(rows(capture, 1))
    assert len(names) == 10
    for texts in page_texts().values():
        assert all(f"page.corrections.{name}.{part}" in texts for name in names for part in ("said", "so"))


def test_with_ecdhe_the_proof_is_the_signature_and_both_sides_send_steps_7_and_8(capture: OpenedCapture) -> None:
    found = rows(capture, 1)
    assert places(found["proof"]) == [("ServerKeyExchange", "server")]
    assert sorted(places(found["both"])) == sorted(
        (name, side) for name in ("ChangeCipherSpec", "Finished") for side in ("client", "server")
    )
    assert (found["decrypted"]["tab"], found["one_key"]["tab"]) == ("certificates", "keys")


def test_with_static_rsa_the_proof_is_the_servers_finished(capture: OpenedCapture) -> None:
    found = rows(capture, 2)
    assert places(found["proof"]) == [("Finished", "server")]
    assert places(found["step_four"]) == [("ClientKeyExchange", "client")]


def test_what_this_view_cannot_show_has_no_link(capture: OpenedCapture) -> None:
    found = rows(capture, 3, "without-keys")
    assert (found["decrypted"]["tab"], found["one_key"]["tab"], found["proof"]["steps"]) == (None, None, [])
    assert all(not row["steps"] and not row["tab"] for row in rows(capture, 0).values())


def test_every_link_leads_to_a_step_that_is_there(capture: OpenedCapture) -> None:
    for row in rows(capture, 1).values():
        for step in row["steps"]:
            answer = capture.answer(f"conversations/1/with-keys/step/{step['id']}")
            assert answer["name"] == step["name"]
