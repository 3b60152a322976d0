"""Certificates as `openssl` makes them by the usual recipes: what RFC 5280 accepts of them, and what nobody should."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from transom.trust.store import TrustStore
from transom.trust.verdict import ProblemCode, UntrustedChain, Verdict
from transom.trust.verify import verify_chain

from .openssl_made import ECDSA, ED25519, RSA, SERVER, Pem, make_root, make_root_with, sign

BARE_CA = ("basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=none", "authorityKeyIdentifier=none")


def verdict(chain: Sequence[Pem], ca: Pem) -> Verdict:
    """What becomes of it under `--cacert`."""
    store = TrustStore.from_file(ca.certificate)
    try:
        return verify_chain([made.der for made in chain], "files.example", store, datetime.now(UTC)).verdict
    except UntrustedChain as refusal:
        return refusal.verdict


def marked(verdict: Verdict) -> list[tuple[str, ProblemCode]]:
    """Which step shows which problem."""
    return [(step.subject, check.finding.code) for step in verdict.steps for check in step.checks if check.finding]


def test_the_ca_of_a_plain_req_x509_is_accepted_though_it_has_no_key_usage(tmp_path: Path) -> None:
    ca = make_root(tmp_path, key=RSA)
    told = verdict([sign(tmp_path, ca, "files.example")], ca)
    assert (told.problem, told.trusted_by) == (None, "--cacert")


def test_key_identifiers_and_purposes_are_asked_of_nobody(tmp_path: Path) -> None:
    ca = make_root_with(tmp_path, BARE_CA)
    middle = sign(tmp_path, ca, "Middle CA", BARE_CA)
    leaf = sign(tmp_path, middle, "files.example", (*SERVER, *BARE_CA[1:]))
    assert verdict([leaf, middle], ca).problem is None


def test_an_authority_key_identifier_by_issuer_and_serial_is_accepted(tmp_path: Path) -> None:
    ca = make_root(tmp_path)
    leaf = sign(tmp_path, ca, "files.example", (*SERVER, "authorityKeyIdentifier=keyid:always,issuer:always"))
    assert verdict([leaf], ca).problem is None


def test_basic_constraints_count_whether_they_are_critical_or_not(tmp_path: Path) -> None:
    ca = make_root_with(tmp_path, ["basicConstraints=CA:TRUE,pathlen:0"])
    assert verdict([sign(tmp_path, ca, "files.example")], ca).problem is None
    middle = sign(tmp_path, ca, "Middle CA", ["basicConstraints=CA:TRUE"])
    assert marked(verdict([sign(tmp_path, middle, "files.example"), middle], ca)) == [("Test CA", "not_a_ca")]


@pytest.mark.parametrize(
    "extensions",
    [
        ["basicConstraints=CA:FALSE"],
        ["subjectKeyIdentifier=hash"],
        ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"],
    ],
)
def test_a_ca_that_says_it_is_none_is_refused_where_it_stands(tmp_path: Path, extensions: list[str]) -> None:
    ca = make_root_with(tmp_path, extensions)
    assert marked(verdict([sign(tmp_path, ca, "files.example")], ca)) == [("Test CA", "not_a_ca")]


def test_a_name_must_be_in_the_subject_alternative_names(tmp_path: Path) -> None:
    ca = make_root(tmp_path)
    assert verdict([sign(tmp_path, ca, "files.example", ())], ca).problem == "wrong_name"


@pytest.mark.parametrize("hash_name", ["sha1", "md5"])
class TestWeakHashes:
    def test_a_good_signature_over_a_broken_hash_is_told_as_that(self, tmp_path: Path, hash_name: str) -> None:
        ca = make_root(tmp_path, key=RSA)
        told = verdict([sign(tmp_path, ca, "files.example", SERVER, f"-{hash_name}")], ca)
        assert marked(told) == [("files.example", "weak_signature")]
        assert told.finding is not None
        assert told.finding.alert == "bad_certificate"
        name = {"sha1": "SHA-1", "md5": "MD5"}[hash_name]
        assert told.sentence == (
            f"the certificate of files.example is signed with {name}, which is not accepted; expected SHA-256 or better"
        )

    def test_a_wrong_signature_over_a_broken_hash_is_a_wrong_one(self, tmp_path: Path, hash_name: str) -> None:
        ca = make_root(tmp_path)
        middle = sign(tmp_path, ca, "Middle CA", BARE_CA, key=RSA)
        leaf = sign(tmp_path, middle, "files.example", SERVER, f"-{hash_name}")
        other = sign(tmp_path, ca, "Middle CA", BARE_CA, key=RSA)
        assert marked(verdict([leaf, other], ca)) == [("files.example", "bad_signature")]

    def test_what_a_root_says_of_itself_may_be_over_any_hash(self, tmp_path: Path, hash_name: str) -> None:
        ca = make_root(tmp_path, f"-{hash_name}", key=RSA)
        assert verdict([sign(tmp_path, ca, "files.example")], ca).problem is None
        assert verdict([ca], make_root(_new(tmp_path))).problem == "self_signed"


def test_a_good_ecdsa_signature_over_sha1_is_weak_and_not_wrong(tmp_path: Path) -> None:
    ca = make_root(tmp_path)
    assert verdict([sign(tmp_path, ca, "files.example")], ca).problem is None
    assert verdict([sign(tmp_path, ca, "files.example", SERVER, "-sha1")], ca).problem == "weak_signature"


@pytest.mark.parametrize(
    ("key", "extensions", "step", "reason"),
    [
        (ED25519, SERVER, "Test CA", "signs with Ed25519; RSA and ECDSA are accepted of CAs"),
        (ECDSA, (*SERVER, "basicConstraints=CA:TRUE"), "files.example", "is a CA's (basicConstraints)"),
        (ECDSA, (*SERVER, "1.2.3.4=critical,DER:0500"), "files.example", "no single check here says why"),
    ],
)
def test_a_rule_of_the_verifier_alone_is_marked_at_the_step_that_breaks_it(
    tmp_path: Path, key: Sequence[str], extensions: Sequence[str], step: str, reason: str
) -> None:
    ca = make_root(tmp_path, key=key)
    told = verdict([sign(tmp_path, ca, "files.example", extensions)], ca)
    assert marked(told) == [(step, "policy")]
    assert reason in told.sentence


def _new(folder: Path) -> Path:
    (folder / "other").mkdir()
    return folder / "other"
