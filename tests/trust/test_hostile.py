"""Whatever a peer sends as a certificate, what comes of it is a verdict."""

from __future__ import annotations

from contextlib import suppress

import pytest

from transom.trust.store import Source, TrustStore
from transom.trust.verdict import UntrustedChain
from transom.trust.verify import accept_unverified, judge, verify_chain

from .hostile import NAME, Parts, common_name, hostile
from .pki import NOW, make, root

ROOT = root()
STORE = TrustStore.from_pem(ROOT.pem, Source.SYSTEM)
HOSTILE = dict(hostile())


@pytest.mark.parametrize("what", HOSTILE)
def test_no_certificate_of_a_peer_raises_anything_but_a_refusal(what: str) -> None:
    """As the server's own, and as the one that it says issued its own."""
    der = HOSTILE[what]
    below = Parts(issuer=common_name(NAME)).der
    for chain in ([der], [below, der], [make(NAME, ROOT, names=(NAME,)).der, der]):
        assert judge(chain, NAME, STORE, NOW) is not None
        assert judge(chain, None, None, None) is not None
        with suppress(UntrustedChain):
            verify_chain(chain, NAME, STORE, NOW)
        with suppress(UntrustedChain):
            accept_unverified(chain, "-k")


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("a name that is a bit string", "a name is a BIT STRING, which only x500UniqueIdentifier is"),
        ("an iPAddress of 3 bytes", "an iPAddress has neither 4 bytes nor 16 (RFC 5280 §4.2.1.6)"),
    ],
)
def test_what_the_library_says_in_its_own_terms_is_said_in_those_of_certificates(what: str, reason: str) -> None:
    finding = judge([HOSTILE[what]], NAME, None, NOW).finding
    assert finding is not None
    assert finding.sentence == f"certificate 1 of the chain cannot be read: {reason}"
    with pytest.raises(UntrustedChain):
        verify_chain([HOSTILE[what]], NAME, STORE, NOW)
