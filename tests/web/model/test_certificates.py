"""Certificates on the page: the chain, the words of its checks, and the hash computed beside the hash signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.trust.pki import make, root, tampered
from tests.web.pages import opened
from transom.cli.show.narration import page_texts
from transom.dissect.json_lines import encode
from transom.trust.signature import signature_form
from transom.trust.verdict import CheckKind, Verdict
from transom.trust.verify import judge
from transom.web.model.certificates import chain_of
from transom.web.model.opened import OpenedCapture


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace)


def asked(capture: OpenedCapture, address: str) -> Any:
    return json.loads(encode(capture.answer(address)))


@pytest.mark.parametrize("view", ["with-keys", "without-keys"])
def test_in_tls_12_the_chain_is_there_for_anyone(capture: OpenedCapture, view: str) -> None:
    found = asked(capture, f"conversations/1/{view}/certificates")
    assert [one["place"] for one in found["chain"]] == ["leaf", "root"]
    assert found["chain"][0]["subject"] == "localhost"
    leaf = found["chain"][0]
    assert (leaf["key"], leaf["names"], leaf["sent"]) == ("RSA 2048", ["localhost"], True)
    assert 80 < leaf["days_left"] < 100
    assert {check["kind"]: check["ok"] for check in leaf["checks"]} == {
        "name": True, "dates": True, "key": True, "purpose": True, "signature": True,
    }  # fmt: skip
    step = asked(capture, f"conversations/1/{view}/step/{found['step']}")
    assert step["name"] == "Certificate"


def test_in_tls_13_it_is_hidden_from_who_has_no_keys(capture: OpenedCapture) -> None:
    hidden = asked(capture, "conversations/3/without-keys/certificates")
    assert hidden == {"chain": [], "why": "hidden", "why_not": "no-keys"}
    assert asked(capture, "conversations/3/with-keys/certificates")["chain"][0]["subject"] == "localhost"


def test_http_has_no_certificate(capture: OpenedCapture) -> None:
    assert asked(capture, "conversations/0/with-keys/certificates")["why"] == "plain"


def judged(*chain: bytes) -> tuple[Verdict, datetime]:
    return judge(chain, "files.example", None, None), datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_rsa_shows_the_hash_that_was_signed_beside_the_one_computed() -> None:
    ca = root(kind="rsa")
    leaf = chain_of(*judged(make("files.example", ca).der, ca.der))[0]
    signature = leaf["signature"]
    assert isinstance(signature, dict)
    assert (signature["scheme"], signature["hash"], signature["shows_hash"]) == ("RSA PKCS #1 v1.5", "SHA-256", True)
    assert signature["signed"] == signature["computed"]


def test_a_changed_certificate_shows_two_hashes() -> None:
    ca = root(kind="rsa")
    changed = make("files.example", ca).der.replace(b"files.example", b"fi1es.example")
    leaf = chain_of(*judged(changed, ca.der))[0]
    signature = leaf["signature"]
    assert isinstance(signature, dict)
    assert signature["signed"] is not None
    assert signature["signed"] != signature["computed"]
    assert "bad_signature" in json.dumps(leaf["checks"])


def test_a_signature_of_another_key_shows_none() -> None:
    ca = root(kind="rsa")
    signature = chain_of(*judged(tampered(make("files.example", ca)), ca.der))[0]["signature"]
    assert isinstance(signature, dict)
    assert (signature["shows_hash"], signature["signed"]) == (True, None)


def test_ecdsa_shows_what_goes_into_the_check_and_gives_no_hash_back() -> None:
    ca = root()
    signature = chain_of(*judged(make("files.example", ca).der, ca.der))[0]["signature"]
    assert isinstance(signature, dict)
    assert (signature["scheme"], signature["shows_hash"], signature["signed"]) == ("ECDSA", False, None)
    assert signature["computed"]


def test_every_kind_of_check_has_its_words() -> None:
    words = page_texts()["en"]
    for kind in get_args(CheckKind):
        # A rule of the verifier's is spoken of only when it is broken, which is a problem with words of its own.
        assert kind == "rule" or f"page.certificates.holds.{kind}" in words
    assert signature_form(b"garbage") is None
