"""A chain in lines: what is beside which certificate, in both languages and without a peer's escapes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.screen import Screen
from transom.cli.show.chain import chain_rows, write_chain
from transom.cli.show.layout import width
from transom.cli.words import Lang, words
from transom.trust.store import Source
from transom.trust.verdict import PROBLEMS, ChainStep, Check, Finding, Verdict

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

LEAF = ChainStep(
    subject="files.example",
    issuer="Example CA E5",
    names=("files.example",),
    key="ECDSA P-256",
    serial="01",
    not_before=NOW - timedelta(days=30),
    not_after=NOW + timedelta(days=58, hours=1),
    sha256="00" * 32,
    spki_sha256=None,
    sent=True,
    checks=(
        Check("name", ok=True, detail=""),
        Check("dates", ok=True, detail=""),
        Check("key", ok=True, detail=""),
        Check("signature", ok=True, detail=""),
    ),
)
INTERMEDIATE = replace(
    LEAF,
    subject="Example CA E5",
    key="ECDSA P-384",
    checks=(Check("dates", ok=True, detail=""), Check("signature", ok=True, detail="")),
)
ROOT = replace(
    LEAF,
    subject="Example Root",
    sent=False,
    checks=(Check("dates", ok=True, detail=""), Check("trusted", ok=True, detail="")),
)
GOOD = Verdict((LEAF, INTERMEDIATE, ROOT), Source.SYSTEM, None)


def shown(verdict: Verdict, lang: Lang = "en") -> Screen:
    screen = Screen()
    write_chain(screen.terminal, verdict, NOW, words(lang), 13)
    return screen


def expired() -> Verdict:
    finding = Finding("expired", {"subject": "files.example", "limit": "2026-11-19", "now": "now 2026-11-22"})
    dates = Check("dates", False, "expired", finding)
    leaf = replace(LEAF, not_after=NOW - timedelta(days=3), checks=(LEAF.checks[0], dates, *LEAF.checks[2:]))
    return Verdict((leaf, INTERMEDIATE, ROOT), Source.SYSTEM, finding)


def test_each_certificate_stands_under_the_one_it_signed_with_what_was_proven() -> None:
    assert shown(GOOD).lines == [
        "             files.example       ECDSA P-256, 58 days left  ✓ name ✓ dates",
        "              └ Example CA E5    ECDSA P-384                ✓ signature",
        # The last would be one column too wide in its place.
        "                 └ Example Root  in the system's store  ✓ signature ✓ trusted",
    ]


def test_the_same_chain_in_korean_keeps_its_columns() -> None:
    lines = shown(GOOD, "ko").lines
    assert lines[0].endswith("ECDSA P-256, 58일 남음  ✓ 이름 ✓ 유효 기간")
    assert {width(line.partition("✓")[0]) for line in lines} == {57}


def test_what_does_not_hold_comes_first_and_in_red() -> None:
    screen = Screen(colour=True)
    write_chain(screen.terminal, expired(), NOW, words("en"), 13)
    assert "\x1b[31m✗ expired on 2026-11-19\x1b[0m ✓ name" in screen.lines[0]
    assert screen.text.count("\x1b[") == 2


def test_one_not_yet_valid_has_no_days_left_but_the_day_it_begins() -> None:
    finding = Finding("not_yet_valid", {"subject": "files.example", "limit": "2027-01-01", "now": "now 2026-11-22"})
    dates = Check("dates", False, "", finding)
    begins, ends = NOW + timedelta(days=40), NOW + timedelta(days=1540)
    leaf = replace(LEAF, not_before=begins, not_after=ends, checks=(LEAF.checks[0], dates))
    (row,) = chain_rows(Verdict((leaf,), None, finding), NOW, words("en"))
    assert row.about == "ECDSA P-256"
    assert (False, "✗ valid only from 2027-01-01 on") in row.marks


def test_a_signature_that_does_not_verify_stands_beside_the_key_that_should_have_made_it() -> None:
    finding = Finding("bad_signature", {"subject": "files.example", "issuer": "Example CA E5"})
    leaf = replace(LEAF, checks=(*LEAF.checks[:3], Check("signature", False, "", finding)))
    rows = chain_rows(Verdict((leaf, INTERMEDIATE, ROOT), None, finding), NOW, words("en"))
    assert (False, "✗ signature: not made by Example CA E5") in rows[1].marks
    assert all(holds for holds, _ in rows[0].marks)


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_can_be_told_in_both_languages(code: str, lang: Lang) -> None:
    problem = next(known for known in PROBLEMS if known == code)
    names = ("seen", "most", "position", "reason", "subject", "expected", "issuer", "below", "limit", "now")
    finding = Finding(problem, dict.fromkeys(names, "\x1b[1m"))
    leaf = replace(LEAF, checks=(Check("name", False, "", finding),))
    text = shown(Verdict((leaf,), None, finding), lang).text
    assert "✗ " in text
    assert "\x1b" not in text


def test_a_name_with_escapes_in_it_is_spelled_out() -> None:
    leaf = replace(LEAF, subject="files\x1b]0;owned\x07.example")
    assert "files\\x1b]0;owned\\x07.example" in shown(Verdict((leaf,), None, None)).text


def test_a_line_without_room_has_its_marks_below() -> None:
    leaf = replace(LEAF, subject="a-very-long-name-of-a-server-that-takes-most-of-a-line.files.example")
    lines = shown(Verdict((leaf, INTERMEDIATE), None, None)).lines
    assert lines[1] == "                  ✓ name ✓ dates"
