"""What verifying a signature means, shown: the hash one computes above the hash that was signed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.cli.screen import Screen
from tests.cli.test_chain import LEAF
from tests.trust.pki import make, root, tampered
from transom.cli.show.signed_hashes import write_signed_hashes
from transom.cli.words import Lang, words
from transom.trust.certificate import read_certificate
from transom.trust.verdict import Verdict

CA = root("Example Root", kind="rsa")
GOOD = make("files.example", CA)


def shown(path: Sequence[bytes], lang: Lang = "en") -> list[str]:
    steps = tuple(replace(LEAF, der=der) for der in path)
    screen = Screen()
    write_signed_hashes(screen.terminal, Verdict(steps, None, None), words(lang), 13)
    return [line.strip() for line in screen.lines]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_two_hashes_of_a_good_certificate_are_the_same(lang: Lang) -> None:
    computed = hashlib.sha256(read_certificate(GOOD.der).parsed.tbs_certificate_bytes).hexdigest()
    *text, first, second = shown([GOOD.der, CA.der], lang)
    assert (first, second) == (computed, f"{computed} ✓")
    assert "files.example" in " ".join(text)
    assert "SHA-256" in " ".join(text)


def test_those_of_a_changed_certificate_differ() -> None:
    changed = GOOD.der.replace(b"files.example", b"fi1es.example")
    *_, computed, signed = shown([changed, CA.der])
    assert signed.endswith(" ✗")
    assert len(signed) == 66
    assert signed[:64] != computed


def test_of_a_broken_signature_no_hash_comes_out() -> None:
    broken = tampered(GOOD)
    assert shown([broken, CA.der])[-1] == "none comes out of it ✗"


def test_nothing_is_said_where_no_hash_can_be_seen() -> None:
    by_ecdsa = root()
    leaf = make("files.example", by_ecdsa)
    assert shown([leaf.der, by_ecdsa.der]) == []
    assert shown([GOOD.der]) == []
