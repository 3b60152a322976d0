"""Two conversations held against each other: where they part, what it means, and what no byte shows is not claimed."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dissect.test_flow import HTTP, TLS12, TLS13, Wire, crossing
from tests.dissect.told import ENDPOINTS, START
from tests.tls.shuttle import Shuttle, client_config, local_ca, server_config
from transom.dissect.differences import Comparison
from transom.dissect.flow import Flow
from transom.dissect.meaning import Meaning, meanings_of
from transom.dissect.portrait import ABSENT, SEALED, Key, Portrait, Portraitist, Told, Value
from transom.dissect.telling import Looking
from transom.errors import PeerError
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.wire.tap import Side

ONLY_12 = (ProtocolVersion.TLSv1_2,)
ONLY_13 = (ProtocolVersion.TLSv1_3,)
DAY = 86_400 * 10**9


def portrait(wire: Wire, keys: KeyLog | None = None, *, start: int = START) -> Portrait:
    portraitist = Portraitist()
    flow = Flow(0, portraitist.take, Looking(keys or KeyLog(), store=local_ca().trust_store))
    flow.opened(ENDPOINTS, start)
    for number, (side, data) in enumerate(wire, 1):
        flow.data(side, data, start + number * 10**6)
    flow.finish()
    return portraitist.portrait(flow.facts)


def met(client: dict[str, Any], server: dict[str, Any], *, name: str = "localhost", start: int = START) -> Portrait:
    """A handshake as far as it comes, read with its keys."""
    log: list[str] = []
    shuttle = Shuttle.between(
        client_config(keylog=log.append, **client), server_config(**{"key_type": "rsa"} | server), name
    )
    shuttle.client.start()
    shuttle.server.start()
    try:
        shuttle.run()
    except PeerError:
        for side, end in ((Side.SERVER, shuttle.server), (Side.CLIENT, shuttle.client)):
            if rest := bytes(end.take_outgoing()):
                shuttle.wire.append((side, rest))
    return portrait(shuttle.wire, KeyLog("".join(log)), start=start)


def first(a: Portrait, b: Portrait) -> tuple[str | None, list[Meaning]]:
    comparison = Comparison(a, b)
    key = str(comparison.first.key) if comparison.first else None
    return key, list(meanings_of(comparison))


def test_a_conversation_does_not_differ_from_itself() -> None:
    for one in (met({}, {}), portrait(list(HTTP))):
        comparison = Comparison(one, one)
        assert comparison.differences == ()
        assert comparison.fields
        assert first(one, one) == (None, [Meaning("same")])


def test_two_handshakes_of_the_same_ends_differ_in_nothing_but_time() -> None:
    assert Comparison(met({}, {}), met({}, {}, start=START + 10**9)).differences == ()


def test_a_portrait_says_what_was_offered_chosen_shown_and_answered() -> None:
    wire, keys = crossing(TLS13)
    seen = portrait(wire, keys)
    expected: dict[tuple[str, str], Value] = {
        ("client_hello", "versions"): ("TLSv1.3",),
        ("client_hello", "cipher_suites"): ("TLS_AES_128_GCM_SHA256",),
        ("client_hello", "groups"): ("x25519", "secp256r1", "secp384r1"),
        ("client_hello", "key_shares"): ("x25519",),
        ("client_hello", "alpn"): ("http/1.1",),
        ("client_hello", "server_name"): "localhost",
        ("retry", "sent"): False,
        ("server_hello", "version"): "TLSv1.3",
        ("server_hello", "group"): "x25519",
        ("server_hello", "extensions"): ("supported_versions", "key_share"),
        ("server_hello", "alpn"): "http/1.1",
        ("certificate", "subject"): "localhost",
        ("certificate", "verdict"): "trusted",
        ("certificate", "key"): "RSA 2048",
        ("certificate", "chain_length"): 2,
        ("http", "request"): "GET /f.bin",
        ("http", "status"): 200,
        ("timing", "round_trips"): 1,
    }
    said = {str(key): told.value for key, told in seen.fields.items()}
    assert {key: said[".".join(key)] for key in expected} == expected


def test_a_server_without_tls13_is_told_by_the_extension_it_does_not_answer() -> None:
    key, meanings = first(met({}, {}), met({}, {"versions": ONLY_12}))
    assert (key, meanings) == ("server_hello.version", [Meaning("lower_version", "b", {"version": "TLSv1.2"})])
    key, meanings = first(met({}, {"versions": ONLY_12}), met({}, {}))
    assert meanings[0].which == "a"


def test_a_downgrade_mark_is_told_where_tls13_was_offered() -> None:
    without = met({}, {"versions": ONLY_12})
    marked = Portrait(without.fields | {Key("server_hello", "downgrade_mark"): Told("seen", True)})
    assert first(met({}, {}), marked)[1][0].code == "lower_version_marked"


def test_a_retry_is_told_with_the_group_that_was_wanted() -> None:
    key, meanings = first(met({}, {}), met({}, {"groups": (NamedGroup.secp256r1,)}))
    assert (key, meanings) == ("retry.sent", [Meaning("retry", "b", {"group": "secp256r1"})])


def test_a_server_that_takes_no_version_offered_says_so_by_its_alert() -> None:
    key, meanings = first(met({"versions": ONLY_13}, {}), met({"versions": ONLY_13}, {"versions": ONLY_12}))
    assert key == "server_hello.version"
    assert [(one.code, one.which, one.parts["versions"]) for one in meanings] == [("refused_versions", "b", "TLSv1.3")]


def test_a_client_that_does_not_offer_what_the_other_was_answered_with_lacks_it() -> None:
    rsa = CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    ecdsa = CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    works = met({"versions": ONLY_12, "cipher_suites": (rsa, ecdsa)}, {})
    fails = met({"versions": ONLY_12, "cipher_suites": (ecdsa,)}, {})
    key, meanings = first(works, fails)
    assert (key, meanings) == ("client_hello.cipher_suites", [Meaning("lacks_suite", "b", {"choice": rsa.name})])


def test_a_certificate_that_no_longer_holds_is_what_decides() -> None:
    key, (meaning,) = first(met({}, {}), met({}, {}, start=START + 3000 * DAY))
    assert (key, meaning.code, meaning.which) == ("certificate.verdict", "chain", "b")
    assert meaning.finding is not None
    assert meaning.finding.code == "expired"


def test_where_the_offers_differ_and_one_chain_fails_both_are_told() -> None:
    other = met({"groups": (NamedGroup.secp256r1,)}, {}, start=START + 3000 * DAY)
    key, meanings = first(met({}, {}), other)
    assert (key, [one.code for one in meanings]) == ("client_hello.groups", ["offers_differ", "chain"])


def test_a_client_that_refuses_is_told_by_its_alert() -> None:
    key, meanings = first(met({}, {}), met({}, {}, name="elsewhere.example"))
    assert key == "certificate.verdict"
    assert meanings[0].finding is not None
    assert meanings[0].finding.code == "wrong_name"


def test_other_suites_and_groups_of_the_same_offer_are_the_servers_wish() -> None:
    chacha = {"cipher_suites": (CipherSuite.TLS_CHACHA20_POLY1305_SHA256,)}
    assert first(met({}, {}), met({}, chacha)) == ("server_hello.cipher_suite", [Meaning("other_suite")])


def test_what_is_sealed_is_called_sealed_and_nothing_is_made_of_it() -> None:
    wire, keys = crossing(TLS13)
    opened, shut = portrait(wire, keys), portrait(wire)
    for key in (Key("certificate", "subject"), Key("server_hello", "alpn"), Key("http", "status")):
        assert (opened.fields[key].state, shut.fields[key]) == ("seen", SEALED)
    assert shut.fields[Key("alert", "client")] == SEALED
    assert first(opened, shut) == ("server_hello.alpn", [Meaning("sealed", "b")])


def test_the_certificate_of_tls12_is_read_without_any_key() -> None:
    wire, _ = crossing(TLS12)
    shut = portrait(wire)
    assert shut.value("certificate", "subject") == "localhost"
    assert shut.fields[Key("http", "status")] == SEALED


def test_a_handshake_that_failed_has_no_request_and_none_that_is_sealed() -> None:
    fails = met({"versions": ONLY_13}, {"versions": ONLY_12})
    assert fails.fields[Key("http", "request")] == ABSENT
    assert fails.value("alert", "server") == "fatal protocol_version"


def test_what_is_no_tls_is_told_first() -> None:
    assert first(met({}, {}), portrait(list(HTTP))) == (
        "conversation.protocol", [Meaning("other_protocol", "b", {"protocol": "http"})],
    )  # fmt: skip


def test_a_list_in_another_order_counts_as_the_last_of_what_tells() -> None:
    one = met({}, {})
    key = Key("client_hello", "extensions")
    names = one.list("client_hello", "extensions")
    shuffled = Portrait(one.fields | {key: Told("seen", names[::-1])})
    assert first(one, shuffled) == (str(key), [Meaning("order_differs")])
    assert first(shuffled, met({}, {"versions": ONLY_12}))[0] == "server_hello.version"


PIECES = crossing(TLS13)[0]


@settings(max_examples=60)
@given(st.integers(0, len(PIECES) - 1), st.integers(0, 1 << 16), st.integers(1, 255))
def test_whatever_crosses_can_be_compared(piece: int, at: int, change: int) -> None:
    """No conversation, however broken, has no portrait; and one compared with itself has no difference."""
    wire = list(PIECES)
    side, data = wire[piece]
    broken = bytearray(data)
    broken[at % len(broken)] ^= change
    wire[piece] = side, bytes(broken)
    one = portrait(wire)
    assert Comparison(one, one).differences == ()
    assert meanings_of(Comparison(portrait(PIECES), one))
