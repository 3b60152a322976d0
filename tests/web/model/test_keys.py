"""Keys on the page: the schedule of this very session, from the key log's own secrets, and nothing of them masked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.pages import opened
from transom.dissect.captured import keys_for
from transom.dissect.json_lines import encode
from transom.web.model.document import document
from transom.web.model.opened import OpenedCapture


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace, "with-secrets")


def stages(capture: OpenedCapture, number: int, view: str = "with-keys") -> dict[str, Any]:
    found = json.loads(encode(capture.answer(f"conversations/{number}/{view}/keys")))
    return {
        stage["name"]: stage | {"nodes": {node["name"]: node for node in stage["nodes"]}} for stage in found["stages"]
    }


def logged(trace: Path) -> dict[tuple[str, str], str]:
    lines = [line.split() for line in keys_for(trace, []).lines()]
    return {(label, name): secret for label, name, secret in lines}


def test_tls_12_leads_from_the_randoms_to_a_key_for_each_direction(capture: OpenedCapture, trace: Path) -> None:
    found = stages(capture, 1)
    assert list(found) == ["exchange", "premaster", "master", "block"]
    random = found["exchange"]["nodes"]["client_random"]["value"]
    assert found["master"]["nodes"]["master"]["value"] == logged(trace)["CLIENT_RANDOM", random]
    assert found["master"]["about"] == "master_extended"
    block = found["block"]["nodes"]
    assert [(name, node["length"]) for name, node in block.items()] == [
        ("client_key", 32), ("client_iv", 4), ("server_key", 32), ("server_iv", 4),
    ]  # fmt: skip
    assert block["client_key"]["value"] != block["server_key"]["value"]


def test_with_ecdhe_what_no_key_log_holds_is_said_to_be_in_none(capture: OpenedCapture) -> None:
    found = stages(capture, 1)
    exchange = found["exchange"]["nodes"]
    assert (exchange["client_public"]["who"], exchange["server_public"]["who"]) == ("open", "open")
    for node in (exchange["client_private"], exchange["server_private"], found["premaster"]["nodes"]["premaster"]):
        assert (node["who"], node["value"]) == ("unknown", None)
        assert node["why"]


def test_with_static_rsa_the_pre_master_secret_crosses_encrypted(capture: OpenedCapture) -> None:
    found = stages(capture, 2)
    assert found["exchange"]["nodes"]["encrypted_premaster"]["who"] == "sealed"
    premaster = found["premaster"]["nodes"]["premaster"]
    assert premaster["value"].startswith("0303")
    assert len(premaster["value"]) == 2 * 48
    assert found["premaster"]["formula"] == "03 03 + 46 B"


def test_tls_13_shows_its_schedule_with_the_stages_that_are_not_logged(capture: OpenedCapture, trace: Path) -> None:
    found = stages(capture, 3)
    assert list(found) == ["exchange", "early", "handshake", "application"]
    random = found["exchange"]["nodes"]["client_random"]["value"]
    secret = found["application"]["nodes"]["server_traffic"]["value"]
    assert secret == logged(trace)["SERVER_TRAFFIC_SECRET_0", random]
    assert found["early"]["nodes"]["early"]["who"] == "computable"
    assert [found[name]["nodes"][node]["why"] for name, node in (
        ("handshake", "shared"), ("handshake", "handshake"), ("application", "master13"),
    )] == ["shared", "stage", "stage"]  # fmt: skip


def test_without_keys_there_is_the_reason_alone(capture: OpenedCapture) -> None:
    answer = capture.answer("conversations/1/without-keys/keys")
    assert answer == {"stages": [], "why": "shut", "why_not": "no-keys"}
    assert capture.answer("conversations/0/with-keys/keys")["why"] == "plain"


def test_no_secret_is_in_a_document_that_masks(trace: Path, capture: OpenedCapture) -> None:
    derived = [
        node["value"]
        for number in (1, 2, 3)
        for stage in stages(capture, number).values()
        for node in stage["nodes"].values()
        if node["who"] == "known"
    ]
    assert len(derived) > 20
    said = {kind: encode(document(opened(trace, kind))) for kind in ("masked", "with-secrets", "without-keys")}
    for secret in [*derived, *logged(trace).values()]:
        if len(secret) >= 24:  # an IV of four bytes may be anywhere
            assert secret not in said["masked"]
            assert secret not in said["without-keys"]
    assert all(secret in said["with-secrets"] for secret in derived)
