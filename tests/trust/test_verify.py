from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from transom.errors import PeerUntrusted
from transom.trust.store import Source, TrustStore
from transom.trust.verdict import ProblemCode, UntrustedChain
from transom.trust.verify import VerifiedPeer, judge, verify_chain

from .pki import DAY, NOW, Made, make, root, tampered

ROOT = root()
NAMES = ("files.example", "*.files.example", "127.0.0.1", "::1")


def store(*roots: Made, source: Source = Source.SYSTEM) -> TrustStore:
    return TrustStore.from_pem(b"".join(made.pem for made in roots), source)


STORE = store(ROOT)


def intermediate(subject: str = "Example CA", issuer: Made = ROOT, **kwargs: Any) -> Made:
    return make(subject, issuer, ca=True, number=200, until=kwargs.pop("until", NOW + 900 * DAY), **kwargs)


def leaf(issuer: Made | None = ROOT, **kwargs: Any) -> Made:
    return make("files.example", issuer, **{"names": NAMES, **kwargs})


def refusal(chain: list[bytes], name: str = "files.example", trusted: TrustStore = STORE) -> UntrustedChain:
    with pytest.raises(UntrustedChain) as caught:
        verify_chain(chain, name, trusted, NOW)
    assert judge(chain, name, trusted, NOW).problem == caught.value.verdict.problem
    return caught.value


def assert_refused(problem: ProblemCode, alert: str, chain: list[bytes], **kwargs: Any) -> UntrustedChain:
    error = refusal(chain, **kwargs)
    assert (error.verdict.problem, error.alert) == (problem, alert)
    return error


class TestGoodChains:
    @pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "ed25519"])
    @pytest.mark.parametrize("ca_kind", ["rsa", "p256", "p384"])
    def test_leaf_of_each_kind_of_key_is_verified_through_an_intermediate(self, kind: str, ca_kind: str) -> None:
        ca = intermediate(kind=ca_kind)
        peer = verify_chain([leaf(ca, kind=kind).der, ca.der], "files.example", STORE, NOW)
        assert [step.subject for step in peer.verdict.steps] == ["files.example", "Example CA", "Example Root"]
        assert peer.verdict.problem is None
        assert all(check.ok for step in peer.verdict.steps for check in step.checks)

    @pytest.mark.parametrize(
        "name",
        ["files.example", "FILES.example", "files.example.", "a.files.example", "127.0.0.1", "::1", "0:0::1", "::1%lo"],
    )
    def test_each_way_to_write_a_name_of_the_leaf_is_verified(self, name: str) -> None:
        assert verify_chain([leaf().der], name, STORE, NOW).verdict.trusted_by == "the system's store"

    def test_verified_peer_holds_the_leaf_its_key_and_the_path_up_to_the_root(self) -> None:
        ca = intermediate()
        made = leaf(ca)
        peer = verify_chain([made.der, ca.der], "files.example", STORE, NOW)
        assert peer.chain == (made.der, ca.der, ROOT.der)
        assert peer.public_key == made.key.public_key()
        assert [step.sent for step in peer.verdict.steps] == [True, True, False]
        assert peer.unverified is None

    def test_certificates_in_disorder_and_ones_not_needed_do_no_harm(self) -> None:
        lower, upper = intermediate("Lower", intermediate("Upper")), intermediate("Upper")
        chain = [leaf(lower).der, b"garbage", root("Another").der, upper.der, lower.der]
        assert len(verify_chain(chain, "files.example", STORE, NOW).chain) == 4

    def test_leaf_given_as_trusted_is_accepted_as_itself(self) -> None:
        own = leaf(None)
        given = store(own, source=Source.GIVEN)
        assert verify_chain([own.der], "files.example", given, NOW).verdict.trusted_by == "--cacert"
        assert_refused("wrong_name", "bad_certificate", [own.der], name="other.example", trusted=given)
        old = leaf(None, until=NOW - DAY)
        expired = store(old, source=Source.GIVEN)
        assert_refused("expired", "certificate_expired", [old.der], trusted=expired)

    def test_last_second_of_a_certificate_is_still_valid(self) -> None:
        made = leaf(until=NOW)
        assert verify_chain([made.der], "files.example", STORE, NOW)
        with pytest.raises(UntrustedChain, match="expired on 2026-11-22 12:00:00 UTC"):
            verify_chain([made.der], "files.example", STORE, NOW + timedelta(seconds=1))

    def test_nobody_else_can_make_a_verified_peer(self) -> None:
        peer = verify_chain([leaf().der], "files.example", STORE, NOW)
        fields: dict[str, Any] = {key: value for key, value in vars(peer).items() if key != "seal"}
        with pytest.raises(TypeError, match=r"only transom\.trust\.verify"):
            VerifiedPeer(seal=object(), **fields)  # type: ignore[arg-type]  # what the type checker refuses, too


class TestRefusedChains:
    def test_expired_leaf(self) -> None:
        error = assert_refused("expired", "certificate_expired", [leaf(until=NOW - 3 * DAY).der])
        assert error.what == (
            "certificate of files.example expired on 2026-11-19 (now 2026-11-22, by this machine's clock)"
        )
        assert isinstance(error, PeerUntrusted)

    def test_expired_intermediate(self) -> None:
        ca = intermediate(until=NOW - DAY)
        error = assert_refused("expired", "certificate_expired", [leaf(ca).der, ca.der])
        assert "Example CA" in error.what

    def test_expired_root(self) -> None:
        old = make("Old Root", ca=True, number=100, until=NOW - DAY)
        assert_refused("expired", "certificate_expired", [leaf(old).der], trusted=store(old))

    def test_leaf_from_the_future(self) -> None:
        error = assert_refused("not_yet_valid", "certificate_expired", [leaf(since=NOW + DAY).der])
        assert "only from 2026-11-23 on" in error.what

    @pytest.mark.parametrize("name", ["other.example", "a.b.files.example", "127.0.0.2", "::2", "example", ""])
    def test_wrong_name(self, name: str) -> None:
        error = assert_refused("wrong_name", "bad_certificate", [leaf().der], name=name)
        assert error.what.startswith(
            "the certificate is for files.example, *.files.example, 127.0.0.1 and ::1, not for"
        )

    def test_long_list_of_names_is_counted_instead_of_printed(self) -> None:
        many = leaf(names=tuple(f"{number}.example" for number in range(1000)))
        error = refusal([many.der])
        assert "4.example and 995 more, not for files.example" in error.what

    def test_address_written_as_a_dns_name_proves_no_address(self) -> None:
        posing = make("files.example", names=("files.example", "DNS:10.0.0.1"))
        given = store(posing, source=Source.GIVEN)
        error = assert_refused("wrong_name", "bad_certificate", [posing.der], name="10.0.0.1", trusted=given)
        assert error.what == "the certificate is for files.example and DNS:10.0.0.1, not for 10.0.0.1"

    def test_leaf_with_a_common_name_only(self) -> None:
        error = assert_refused("wrong_name", "bad_certificate", [leaf(names=()).der])
        assert "no server at all (it has no subjectAltName)" in error.what

    def test_unknown_ca(self) -> None:
        other = root("Somebody Else")
        error = assert_refused("unknown_ca", "unknown_ca", [leaf(other).der, other.der])
        assert error.what == "the chain of files.example ends at Somebody Else, which is not trusted here"
        error = refusal([leaf(other).der, other.der], name="127.0.0.1")
        assert error.what == "the chain of 127.0.0.1 ends at Somebody Else, which is not trusted here"
        assert judge([leaf(other).der, other.der], None, STORE, NOW).sentence == (
            "the chain of files.example ends at Somebody Else, which is not trusted here"
        )

    def test_impostor_of_a_trusted_root_by_name(self) -> None:
        impostor = make("Example Root", ca=True, number=666)
        assert_refused("unknown_ca", "unknown_ca", [leaf(impostor).der, impostor.der])

    def test_self_signed_leaf(self) -> None:
        assert_refused("self_signed", "unknown_ca", [leaf(None).der])

    def test_missing_intermediate(self) -> None:
        error = assert_refused("missing_issuer", "unknown_ca", [leaf(intermediate()).der])
        assert "issued by Example CA, which was neither sent nor is trusted here" in error.what

    def test_intermediate_that_cannot_be_read(self) -> None:
        ca = intermediate()
        error = assert_refused("unreadable", "bad_certificate", [leaf(ca).der, ca.der[:-1]])
        assert "certificate 2 of the chain" in error.what

    def test_empty_store(self) -> None:
        assert_refused("missing_issuer", "unknown_ca", [leaf().der], trusted=TrustStore())

    def test_tampered_signature(self) -> None:
        ca = intermediate()
        error = assert_refused("bad_signature", "bad_certificate", [tampered(leaf(ca)), ca.der])
        assert error.what.endswith("files.example was not made with the key of Example CA")

    def test_signature_of_another_intermediate_of_the_same_name(self) -> None:
        ca, other = intermediate(), intermediate(kind="p384")
        assert_refused("bad_signature", "bad_certificate", [leaf(ca).der, other.der])

    def test_intermediate_that_is_no_ca(self) -> None:
        ca = intermediate(signs=False)
        assert_refused("not_a_ca", "bad_certificate", [leaf(ca).der, ca.der])

    def test_leaf_that_issues(self) -> None:
        made = leaf()
        below = make("below.example", made, names=("below.example",), number=1)
        assert_refused("not_a_ca", "bad_certificate", [below.der, made.der], name="below.example")

    def test_more_intermediates_than_the_root_allows(self) -> None:
        upper = intermediate("Upper", path_length=0)
        lower = intermediate("Lower", upper)
        error = assert_refused("not_a_ca", "bad_certificate", [leaf(lower).der, lower.der, upper.der])
        assert "it allows 0 CAs below itself, 1 follow" in error.what

    @pytest.mark.parametrize(
        ("permitted", "excluded", "names", "outside"),
        [
            (("local.example",), (), ("files.example",), "files.example"),
            ((), ("example",), ("files.example",), "files.example"),
            (("10.0.0.0/8",), (), ("files.example", "127.0.0.1"), "127.0.0.1"),
            ((), ("127.0.0.0/8",), ("files.example", "127.0.0.1"), "127.0.0.1"),
            (("fe80::/10",), (), ("files.example", "::1"), "::1"),
        ],
    )
    def test_names_outside_the_issuers_constraints(
        self, permitted: tuple[str, ...], excluded: tuple[str, ...], names: tuple[str, ...], outside: str
    ) -> None:
        ca = intermediate(permitted=permitted, excluded=excluded)
        error = assert_refused("name_constraint", "bad_certificate", [leaf(ca, names=names).der, ca.der])
        assert error.what == f"Example CA may not issue for {outside}: its names are limited"

    @pytest.mark.parametrize(
        ("permitted", "excluded"), [(("example", "127.0.0.0/8", "::1/128"), ()), ((), ("x", "10.0.0.0/8"))]
    )
    def test_names_inside_the_issuers_constraints_are_verified(
        self, permitted: tuple[str, ...], excluded: tuple[str, ...]
    ) -> None:
        ca = intermediate(permitted=permitted, excluded=excluded)
        assert verify_chain([leaf(ca).der, ca.der], "files.example", STORE, NOW)

    def test_weak_rsa_key(self) -> None:
        error = assert_refused("weak_key", "unsupported_certificate", [leaf(kind="rsa1024").der])
        assert "not accepted: RSA 1024; expected RSA from 2048 bits" in error.what

    def test_weak_rsa_key_of_an_issuer(self) -> None:
        ca = intermediate(kind="rsa1024")
        assert_refused("weak_key", "unsupported_certificate", [leaf(ca).der, ca.der])

    def test_certificate_for_clients(self) -> None:
        made = leaf(purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))
        assert_refused("wrong_purpose", "unsupported_certificate", [made.der])

    def test_ed25519_ca_is_against_the_rules_and_said_to_be(self) -> None:
        ca = intermediate(kind="ed25519")
        error = assert_refused("policy", "certificate_unknown", [leaf(ca).der, ca.der])
        assert "Example CA signs with Ed25519" in error.what

    @pytest.mark.parametrize("name", ["a_b.files.example", "한.files.example"])
    def test_name_that_no_certificate_can_prove(self, name: str) -> None:
        error = assert_refused("policy", "certificate_unknown", [leaf().der], name=name)
        assert "is no name that a certificate can prove" in error.what

    def test_empty_chain(self) -> None:
        assert_refused("no_certificate", "decode_error", [])

    @pytest.mark.parametrize("junk", [b"", b"garbage", leaf().der[:-1], leaf().der + b"\0", bytes(100_000)])
    def test_leaf_that_is_no_certificate(self, junk: bytes) -> None:
        assert_refused("unreadable", "bad_certificate", [junk, ROOT.der])

    def test_chain_without_end(self) -> None:
        assert_refused("too_many", "bad_certificate", [leaf().der] * 17)

    def test_issuers_that_issue_each_other_do_not_go_round_for_ever(self) -> None:
        one, two = make("One", ca=True, number=1), make("Two", ca=True, number=2)
        chain = [leaf(one).der, make("One", two, ca=True, number=1).der, make("Two", one, ca=True, number=2).der]
        assert_refused("missing_issuer", "unknown_ca", chain)
