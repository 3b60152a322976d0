from __future__ import annotations

import subprocess
from base64 import b64encode
from hashlib import sha256

import pytest

from transom.errors import UsageError
from transom.trust.pins import parse_pins
from transom.trust.verdict import UntrustedChain
from transom.trust.verify import accept_pinned, accept_unverified

from .pki import DAY, NOW, make

OWN = make("somewhere", names=("somewhere.example",), until=NOW - DAY)
OTHER = make("elsewhere", names=("elsewhere.example",), number=1)


def pin_by_openssl(pem: bytes) -> str:
    """The pin as curl's manual tells to make it."""
    key = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=pem, capture_output=True, check=True).stdout
    command = ["openssl", "pkey", "-pubin", "-outform", "DER"]
    spki = subprocess.run(command, input=key, capture_output=True, check=True).stdout
    return "sha256//" + b64encode(sha256(spki).digest()).decode()


def test_pinned_key_is_enough_by_itself_even_when_the_certificate_has_expired() -> None:
    pin = pin_by_openssl(OWN.pem)
    peer = accept_pinned([OWN.der], parse_pins(pin))
    assert peer.verdict.trusted_by == f"--pin {pin}"
    assert peer.verdict.problem is None
    assert peer.public_key == OWN.key.public_key()


def test_one_of_several_pins_is_enough() -> None:
    pins = parse_pins(f"{pin_by_openssl(OTHER.pem)}; {pin_by_openssl(OWN.pem)}")
    assert accept_pinned([OWN.der], pins).leaf.subject == "somewhere"


def test_another_key_than_the_pinned_one_is_refused() -> None:
    with pytest.raises(UntrustedChain, match="not the pinned sha256//") as caught:
        accept_pinned([OTHER.der, OWN.der], parse_pins(pin_by_openssl(OWN.pem)))
    assert (caught.value.verdict.problem, caught.value.alert) == ("pin_mismatch", "bad_certificate")
    assert [step.subject for step in caught.value.verdict.steps] == ["elsewhere"]


@pytest.mark.parametrize(
    "text",
    ["", "sha256//", "sha256//AAAA", "sha1//" + "A" * 43 + "=", "A" * 43 + "=", "sha256//" + "!" * 44, "sha256//한"],
)
def test_text_that_is_no_pin_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="expected sha256//"):
        parse_pins(text)


def test_unverified_peer_is_accepted_with_the_reason_why_nobody_looked() -> None:
    peer = accept_unverified([OWN.der], "-k")
    assert peer.unverified == "-k"
    assert peer.verdict.trusted_by is None
    assert peer.verdict.problem is None
    assert peer.verdict.sentence == "not compared with any trusted certificate"


@pytest.mark.parametrize("chain", [[], [b"garbage"]])
def test_even_an_unverified_peer_needs_a_certificate(chain: list[bytes]) -> None:
    with pytest.raises(UntrustedChain):
        accept_unverified(chain, "-k")


def test_key_of_an_unknown_kind_is_refused_even_unverified() -> None:
    # The object identifier of an elliptic-curve key, turned into one that nobody has given out.
    odd = OWN.der.replace(bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d0209"))
    with pytest.raises(UntrustedChain, match="not accepted: unknown key") as caught:
        accept_unverified([odd], "-k")
    assert caught.value.alert == "unsupported_certificate"
