"""What verifying a signature means, as it stands in the document: the hash computed beside the hash that was signed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.real.browser import Browser
from tests.trust.pki import tampered
from tests.web.chains import chain_trace, changed, rsa_chain
from tests.web.pages import live_or_report, served
from tests.web.shown import shown
from transom.trust.certificate import read_certificate

CARDS = """[...document.querySelectorAll(".certificate")].map(card => ({
    heading: card.querySelector("h3").textContent,
    title: card.querySelector(".hashes h4")?.textContent ?? null,
    hashes: [...card.querySelectorAll(".hashes dt")].map(
        term => [term.textContent, term.nextElementSibling.textContent]
    ),
    remark: card.querySelector(".hashes .note")?.textContent ?? null,
    isProblem: card.querySelector(".hashes")?.classList.contains("is-problem") ?? null,
    checks: [...card.querySelectorAll(".checks li")].map(one => one.textContent),
    inSight: [...card.querySelectorAll("code, .checks li")].every(one => one.checkVisibility()),
}))"""


def hash_over(der: bytes) -> str:
    """SHA-256 over what a certificate's issuer signs."""
    return hashlib.sha256(read_certificate(der).parsed.tbs_certificate_bytes).hexdigest()


def cards(browser: Browser, url: str, state: str = "c=0") -> list[Any]:
    """The certificates as they are drawn."""
    with shown(browser, url, f"#{state}&tab=certificates") as page:
        page.wait_for("document.querySelector('.certificate')")
        found: list[Any] = page.evaluate(CARDS)
    return found


@pytest.mark.parametrize("live", [True, False])
def test_the_hash_computed_stands_beside_the_hash_signed_and_they_are_the_same(
    browser: Browser, tmp_path: Path, *, live: bool
) -> None:
    leaf, ca = rsa_chain()
    trace = chain_trace(tmp_path / "rsa.pcapng", leaf.der, ca.der, of=leaf)
    with live_or_report(trace, tmp_path, live=live) as url:
        server, root = cards(browser, url)
    signed = hash_over(leaf.der)
    assert (server["heading"], root["heading"]) == ("localhost", "Example Root")
    assert server["title"] == "RSA PKCS #1 v1.5 of Example Root"
    assert server["hashes"] == [["SHA-256 computed over it", signed], ["SHA-256 in the signature", signed]]
    assert server["remark"].endswith("They are the same: nobody changed it after it was signed.")
    assert (server["isProblem"], server["inSight"]) == (False, True)
    assert "✓ signature: verified with the public key of Example Root" in server["checks"]
    assert "✓ name: it is for localhost" in server["checks"]
    assert not [one for one in server["checks"] if one.startswith("✗")]


@pytest.mark.parametrize(
    ("lang", "differ"), [("en", "They differ: this is not what was signed."), ("ko", "두 해시가 다릅니다.")]
)
def test_of_a_changed_certificate_the_two_hashes_differ_and_it_is_a_problem(
    browser: Browser, tmp_path: Path, lang: str, differ: str
) -> None:
    leaf, ca = rsa_chain()
    other = changed(leaf)
    trace = chain_trace(tmp_path / "changed.pcapng", other, ca.der, of=leaf)
    with served(trace) as url:
        server, _ = cards(browser, url, f"c=0&lang={lang}")
    assert [text for _, text in server["hashes"]] == [hash_over(other), hash_over(leaf.der)]
    assert hash_over(other) != hash_over(leaf.der)
    assert differ in server["remark"]
    assert (server["isProblem"], server["inSight"]) == (True, True)
    assert len([one for one in server["checks"] if one.startswith("✗")]) == 1


def test_of_a_signature_that_another_key_made_no_hash_comes_out(browser: Browser, tmp_path: Path) -> None:
    leaf, ca = rsa_chain()
    broken = tampered(leaf)
    trace = chain_trace(tmp_path / "broken.pcapng", broken, ca.der, of=leaf)
    with served(trace) as url:
        server, _ = cards(browser, url)
    assert server["hashes"] == [
        ["SHA-256 computed over it", hash_over(broken)],
        ["SHA-256 in the signature", "none comes out of it with this key"],
    ]
    assert server["isProblem"] is True
    assert len([one for one in server["checks"] if one.startswith("✗")]) == 1


def test_ecdsa_has_one_hash_and_says_why(browser: Browser, address: str) -> None:
    server, _ = cards(browser, address, "c=1")
    assert [term for term, _ in server["hashes"]] == ["SHA-256 computed over it"]
    assert "ECDSA gives no hash back" in server["remark"]
    assert server["isProblem"] is False
