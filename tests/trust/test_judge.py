from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.errors import AlertName
from transom.trust.certificate import MOST_CERTIFICATES
from transom.trust.store import Root, Source, TrustStore
from transom.trust.verdict import PROBLEMS, Check, UntrustedChain, Verdict
from transom.trust.verify import judge, verify_chain

from .pki import DAY, NOW, make, root

ROOT = root()
CA = make("Example CA", ROOT, ca=True, number=200)
LEAF = make("files.example", CA, names=("files.example",))
STORE = TrustStore.from_pem(ROOT.pem, Source.SYSTEM)
DEBIAN = Path("/etc/ssl/certs/ca-certificates.crt")


def checks(verdict: Verdict) -> list[dict[str, bool | None]]:
    return [{check.kind: check.ok for check in step.checks} for step in verdict.steps]


def check(verdict: Verdict, position: int, kind: str) -> Check:
    return next(check for check in verdict.steps[position].checks if check.kind == kind)


def test_each_certificate_of_a_good_chain_shows_the_checks_it_passed() -> None:
    verdict = judge([LEAF.der, CA.der], "files.example", STORE, NOW)
    assert checks(verdict) == [
        {"name": True, "dates": True, "key": True, "purpose": True, "signature": True},
        {"dates": True, "key": True, "constraints": True, "signature": True},
        {"dates": True, "key": True, "constraints": True, "trusted": True},
    ]
    assert check(verdict, 0, "signature").detail == "verified with ECDSA P-256 of Example CA"
    assert verdict.sentence == "trusted by the system's store"


def test_steps_describe_the_certificates_as_openssl_would() -> None:
    step = judge([LEAF.der], None, None, None).steps[0]
    assert (step.subject, step.issuer, step.names) == ("files.example", "Example CA", ("files.example",))
    assert step.key == "ECDSA P-256"
    assert step.serial == f"{LEAF.certificate.serial_number:x}"
    assert step.not_after == LEAF.certificate.not_valid_after_utc
    assert len(bytes.fromhex(step.sha256)) == 32


def test_only_what_is_given_is_judged() -> None:
    verdict = judge([LEAF.der, CA.der], None, None, None)
    assert verdict.problem is None
    assert verdict.trusted_by is None
    assert checks(verdict)[0] == {"name": None, "dates": None, "key": True, "purpose": True, "signature": True}
    assert checks(verdict)[1] == {"dates": None, "key": True, "constraints": True, "signature": None, "trusted": None}


def test_capture_is_judged_as_of_its_own_time() -> None:
    then = LEAF.certificate.not_valid_after_utc + DAY
    assert judge([LEAF.der, CA.der], "files.example", STORE, NOW).problem is None
    late = judge([LEAF.der, CA.der], "files.example", STORE, then)
    assert late.sentence.endswith("expired on 2027-01-21 (judged as of 2027-01-22)")


def test_of_several_problems_the_weightiest_decides_and_all_are_shown() -> None:
    stranger = make("other.example", names=("other.example",), until=NOW - DAY)
    verdict = judge([stranger.der], "files.example", STORE, NOW)
    assert verdict.problem == "self_signed"
    assert checks(verdict)[0] == {
        "name": False,
        "dates": False,
        "key": True,
        "purpose": True,
        "signature": True,
        "trusted": False,
    }


def test_refusal_carries_the_verdict_that_the_observer_comes_to() -> None:
    with pytest.raises(UntrustedChain) as caught:
        verify_chain([LEAF.der], "files.example", STORE, NOW)
    assert caught.value.verdict == judge([LEAF.der], "files.example", STORE, NOW)
    assert str(caught.value).startswith("the certificate of files.example was issued by Example CA")


def test_every_root_of_debian_is_described_and_trusted_by_the_store_it_is_in() -> None:
    roots = TrustStore.from_file(DEBIAN, Source.SYSTEM)
    assert len(roots.roots) > 100
    for trusted in roots.roots:
        step = judge([trusted.certificate.der], "files.example", roots, datetime(2024, 1, 1, tzinfo=UTC)).steps[0]
        assert step.subject
        assert step.issuer
        assert step.key.startswith(("RSA ", "ECDSA P-"))
        assert next(check.ok for check in step.checks if check.kind == "trusted")


def test_chain_of_debians_roots_is_judged_without_a_store() -> None:
    ders = [trusted.certificate.der for trusted in TrustStore.from_file(DEBIAN).roots]
    for start in range(0, len(ders), MOST_CERTIFICATES):
        verdict = judge(ders[start : start + MOST_CERTIFICATES], "files.example", TrustStore(), NOW)
        assert verdict.problem in {"self_signed", "bad_signature"}


def test_no_single_changed_byte_makes_the_judge_fail_or_the_verifier_trust() -> None:
    random = Random(20261122)
    for position in range(len(LEAF.der)):
        changed = bytearray(LEAF.der)
        changed[position] ^= 1 << random.randrange(8)
        verdict = judge([bytes(changed), CA.der], "files.example", STORE, NOW)
        assert verdict.problem is not None, f"byte {position}"
        assert judge([LEAF.der, bytes(changed)], None, None, None).steps


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=60) | st.sampled_from([LEAF.der, CA.der, ROOT.der]), max_size=18), st.text())
def test_any_chain_and_any_name_come_to_a_verdict(chain: list[bytes], name: str) -> None:
    verdict = judge(chain, name, STORE, NOW)
    assert verdict.finding is not None
    assert verdict.sentence


def test_every_problem_has_an_alert_of_the_certificate_family() -> None:
    family: set[AlertName] = {
        "bad_certificate",
        "unsupported_certificate",
        "certificate_expired",
        "certificate_unknown",
        "unknown_ca",
    }
    others = {code for code, problem in PROBLEMS.items() if problem.alert not in family}
    assert others == {"no_certificate"}


def test_root_that_the_store_knows_twice_tells_its_first_origin() -> None:
    twice = TrustStore.joined(STORE, TrustStore([Root(STORE.roots[0].certificate, Source.LOCAL_CA)]))
    assert len(twice.roots) == 1
    assert judge([LEAF.der, CA.der], "files.example", twice, NOW).trusted_by == Source.SYSTEM
