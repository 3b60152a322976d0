"""A transfer told line by line: made from what our engine put on the wire and the observer read there."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from tests.cli.crossing import CARRIED, Crossed, crossed, journey, refused, seen
from tests.cli.screen import Screen
from tests.dissect.items import EPOCH, MILLISECOND, alert, at, change_cipher_spec, handshake
from tests.tls.shuttle import NOW, Shuttle, client_config, local_ca, server_config
from tests.trust.hostile import hostile
from transom.cli.show.closing import write_closing
from transom.cli.show.explain import Explainer, Way
from transom.cli.show.failure import write_failure
from transom.cli.show.layout import width
from transom.cli.show.saved import Saved
from transom.cli.show.sentences import Acceptance
from transom.cli.show.terminal import Terminal
from transom.cli.words import Lang, words
from transom.dissect.journey import Kind
from transom.dissect.timeline import (
    ApplicationData,
    ChainJudged,
    HttpBody,
    HttpRequest,
    HttpResponse,
    Item,
    Message,
    Problem,
)
from transom.errors import PeerAlerted, Sentence, TransomError
from transom.http.messages import Headers
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.certificate import Certificate12
from transom.tls.messages.ending import Finished
from transom.trust.store import TrustStore
from transom.trust.verify import judge, verify_chain
from transom.wire.tap import Side

WAY = Way("localhost", EPOCH - 15 * MILLISECOND, 3 * MILLISECOND, 11 * MILLISECOND)
KINDS: tuple[Kind, ...] = get_args(Kind)


def told(
    items: tuple[Item, ...],
    *,
    lang: Lang = "en",
    way: Way | None = WAY,
    tree: bool = False,
    acceptance: Acceptance = "chain",
) -> Screen:
    screen = Screen()
    explainer = Explainer(screen.terminal, words(lang), way=way, tree=tree, acceptance=acceptance)
    for item in items:
        explainer(item)
    return screen


def flowing(screen: Screen) -> str:
    """The text with its line breaks undone."""
    return " ".join(screen.text.split())


def crossing(kind: Kind) -> tuple[Item, ...]:
    return journey(kind).with_keys.items


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_line_fits_in_80_columns_in_both_languages(kind: Kind, lang: Lang) -> None:
    assert [line for line in told(crossing(kind), lang=lang).lines if width(line) > 80] == []


@pytest.mark.parametrize("kind", ["ecdhe", "rsa", "tls13"])
def test_both_languages_tell_the_same_messages_in_the_same_columns(kind: Kind) -> None:
    english, korean = (told(crossing(kind), lang=lang) for lang in ("en", "ko"))

    def rows(screen: Screen) -> list[str]:
        return [
            line[:44] for line in screen.lines if line[10:11] in set("+12345678") and line[13:18] in ("C → S", "C ← S")
        ]

    assert len(rows(english)) >= 8
    assert rows(english) == rows(korean)


def test_a_tls13_download_is_told_from_the_first_hello_to_the_last_record() -> None:
    screen = told(crossing("tls13"))
    assert screen.lines[0] == "     0.0  localhost → 127.0.0.1 (DNS 3.0 ms), TCP to port 40871 took 11.0 ms"
    assert screen.line_with("ClientHello  ").startswith("    16.0  1  C → S  ClientHello")
    assert screen.line_with("ClientHello  ").endswith("B  open")
    assert screen.line_with("chose") == "             chose    TLS 1.3 · TLS_AES_128_GCM_SHA256 · X25519"
    assert screen.line_with("reveals") == "             reveals  server name localhost · ALPN http/1.1"
    assert "both sides now have keys" in screen.line_with("────")
    assert screen.line_with(" CertificateVerify").endswith("sealed")
    assert "the server owns that key" in screen.line_with("✓ the server owns")
    assert screen.line_with("ServerHelloDone").endswith("not in TLS 1.3: Finished ends the flight")
    assert screen.line_with("one round trip").strip() == "handshake 2.0 ms, one round trip"
    assert screen.line_with("GET /picture.bin").startswith("    19.0  9  C → S  GET /picture.bin · HTTP/1.1")
    assert screen.line_with("200 ·").endswith('200 · 65,536 bytes · ETag "5f-1a"')


def test_what_the_records_add_is_counted_from_the_run() -> None:
    run = next(item for item in crossing("tls13") if isinstance(item, ApplicationData) and item.side is Side.SERVER)
    assert run.length is not None
    surplus = f"{run.wire_bytes / run.length - 1:+.2%}".replace("%", " %")
    expected = f"{run.records} records, {run.wire_bytes:,} bytes on the wire ({surplus} over the plaintext)"
    assert told(crossing("tls13")).line_with("on the wire").strip() == expected


def test_the_chain_is_drawn_with_what_was_checked_of_each_certificate() -> None:
    screen = told(crossing("ecdhe"))
    start = screen.lines.index(screen.line_with("The chain is checked")) + 1
    chain = "\n".join(screen.lines[start : start + 4])
    assert "localhost" in chain
    assert "✓ name ✓ dates" in chain
    assert "└ Transom CA tester@localhost" in chain
    assert "✓ signature ✓ trusted" in chain


UNCHECKED: dict[Acceptance, str] = {
    "insecure": "Nobody checks it: -k.",
    "pin": "No chain is checked: only its key is compared with --pin.",
}


@pytest.mark.parametrize("tree", [False, True])
@pytest.mark.parametrize("acceptance", UNCHECKED)
def test_a_chain_that_nobody_checks_is_not_said_to_be_checked(acceptance: Acceptance, tree: bool) -> None:
    text = flowing(told(crossing("tls13"), acceptance=acceptance, tree=tree))
    assert UNCHECKED[acceptance] in text
    assert "The chain is checked" not in text
    assert "the same checks" not in text


@pytest.mark.parametrize(
    ("chain", "what"), [((), "the client has none to show"), ((b"\x30\x00",), "the server checks it")]
)
def test_a_certificate_of_the_client_is_not_the_one_that_is_checked_here(chain: tuple[bytes, ...], what: str) -> None:
    mine = handshake(HandshakeType.certificate, Certificate12(certificate_list=chain), side=Side.CLIENT)
    text = flowing(told((mine,)))
    assert what in text
    assert "The chain is checked" not in text


def test_in_tls12_each_direction_is_sealed_by_its_own_change_cipher_spec() -> None:
    screen = told(crossing("ecdhe"))
    rules = [line for line in screen.lines if "────" in line]
    assert ["C → S" in rules[0], "C ← S" in rules[1]] == [True, True]
    assert len(rules) == 2
    assert screen.line_with("handshake ").strip() == "handshake 3.0 ms, 2 round trips"


def test_the_suite_is_taken_apart() -> None:
    parts = "key exchange ECDHE · signature RSA · cipher AES-256-GCM · hash SHA-384"
    assert f"suite {parts}" in flowing(told(crossing("ecdhe")))


def test_static_rsa_has_no_server_key_exchange_and_sends_the_pre_master_secret() -> None:
    screen = told(crossing("rsa"))
    assert screen.line_with("ServerKeyExchange").endswith("not sent: the certificate's own key is used")
    assert "48-byte pre-master secret (03 03 + 46 random)" in screen.text


def test_without_keys_the_sealed_messages_have_no_names_and_the_data_only_sizes() -> None:
    screen = told(journey("tls13").without_keys.items)
    assert "CertificateVerify" not in screen.text
    assert "GET /" not in screen.text
    assert "Application Data" in screen.text


def test_with_tree_every_field_stands_under_its_message_and_each_step_is_told_in_full() -> None:
    screen = told(crossing("ecdhe"), tree=True)
    assert screen.line_with("Record Layer: Handshake Protocol: Server Hello Done")
    assert screen.line_with("Cipher Suites (1 suite)")
    assert "          0  The CA signed the server's name" in screen.text
    assert "Request and file cross in records" in screen.text
    assert "(nothing is decrypted)" in screen.text


def test_a_proof_that_fails_is_marked() -> None:
    finished = handshake(
        HandshakeType.finished, Finished(verify_data=bytes(12)), side=Side.SERVER, step=8, sealed=True, proof=False
    )
    assert told((finished,)).lines[-1].strip() == "✗ nobody changed the handshake"


def test_a_capture_is_told_from_its_first_packet_on() -> None:
    assert told(crossing("http"), way=None).lines[0] == "     0.0  127.0.0.1:50000 → 127.0.0.1:40871"


def test_http_in_the_clear_is_open() -> None:
    assert told(crossing("http")).line_with("GET /picture.bin").startswith("    16.0  9  C → S  open ")


def test_what_a_server_writes_into_its_headers_cannot_reach_the_terminal() -> None:
    items: tuple[Item, ...] = (
        HttpRequest(at(0), 0, "GET", "/\x1b[2J", "a\u202eb", "1.1", Headers(), 10),
        HttpResponse(at(1), 0, 404, "no\x07pe", "1.1", Headers([("ETag", "\x9b31m")]), 10),
        HttpBody(at(2), Side.SERVER, 0, 5, None, complete=False, expected=9),
        Problem(at(3), Side.SERVER, "code", Sentence("here\x1b"), Sentence("what")),
    )
    text = told(items).text
    assert set(text) & set("\x1b\x07\x9b\u202e") == set()
    assert "cut short: 5 of 9" in text


def test_a_change_cipher_spec_means_nothing_in_tls13() -> None:
    before = [item for item in crossing("tls13") if isinstance(item, Message)][:2]
    screen = told((*before, change_cipher_spec(Side.SERVER, at(9))))
    assert screen.lines[-1].strip() == "means nothing in TLS 1.3"


def test_an_alert_is_named_with_its_number() -> None:
    refusal = alert(Side.SERVER, AlertLevel.fatal, AlertDescription.handshake_failure)
    assert told((refusal,)).lines[-1].strip() == "fatal handshake_failure (40)"


def closing(kind: Kind, lang: Lang = "en") -> Screen:
    screen = Screen()
    explainer = Explainer(Terminal(io.StringIO()), words(lang), way=WAY)
    for item in crossing(kind):
        explainer(item)
    saved = Saved(CARRIED.name, CARRIED.size, 120 * MILLISECOND, CARRIED.sha256, "digest")
    write_closing(screen.terminal, words(lang), explainer.session, journey(kind).with_keys.facts, saved=saved, way=WAY)
    return screen


def test_the_closing_tells_where_the_time_went_and_what_the_path_could_see() -> None:
    screen = closing("tls13")
    assert screen.lines[0].startswith("picture.bin  65,536 bytes in 0.12 s  SHA-256 7daca2…e4c2")
    assert "as the server's digest says" in " ".join(screen.lines[:2])
    times = "DNS 3.0 ▏TCP 11.0 ▏here 2.0 ▏TLS 2.0 ▏waiting 1.0 ▏file "
    assert f"where the time went {times}" in flowing(screen)
    assert "localhost, about " in screen.line_with("the path could see")
    tls = journey("tls13").with_keys.facts.tls
    assert tls is not None
    assert f"JA4 {tls.ja4}" in flowing(screen)


def test_before_tls13_the_path_could_see_the_certificate_and_without_tls_everything() -> None:
    assert "the certificate" in flowing(closing("ecdhe"))
    assert "the certificate" not in flowing(closing("tls13"))
    assert closing("http").line_with("the path could see").endswith("everything: it was not encrypted")


def failure(error: TransomError, items: tuple[Item, ...], lang: Lang = "en") -> Screen:
    screen = Screen()
    explainer = Explainer(screen.terminal, words(lang), way=WAY)
    for item in items:
        explainer(item)
    write_failure(screen.terminal, words(lang), explainer.session, error, file_written=False)
    return screen


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_an_expired_certificate_is_told_up_to_the_refusal_and_what_to_do(lang: Lang) -> None:
    later = NOW + timedelta(days=365)
    store = local_ca().trust_store
    what = refused(
        client_config(
            verify=lambda chain, name: verify_chain(chain, name, store, later),
            versions=(ProtocolVersion.TLSv1_2,),
        )
    )
    assert what.error is not None
    screen = failure(what.error, seen(what, keys=False).items, lang)
    begins = {"en": "transom: certificate of localhost expired on ", "ko": "transom: localhost 인증서가 20"}
    assert screen.line_with("transom: ").startswith(begins[lang])
    assert "certificate_expired (45)" in screen.text
    assert [line for line in screen.lines if width(line) > 80 and not line.startswith("transom: ")] == []
    expected = {"en": "no request was sent, no file was written", "ko": "요청은 보내지 않음, 파일은 만들지 않음"}
    assert expected[lang] in flowing(screen)
    assert {"en": "the server's owner must renew", "ko": "인증서를 갱신해야 합니다"}[lang] in flowing(screen)


def test_an_unknown_ca_is_told_with_the_option_that_would_help() -> None:
    what = refused(client_config(verify=lambda chain, name: verify_chain(chain, name, TrustStore(), NOW)))
    assert what.error is not None
    text = flowing(failure(what.error, seen(what, keys=False).items))
    assert "if you know this CA, give its certificate: --cacert FILE" in text


def test_a_server_that_gave_up_is_quoted() -> None:
    refusal = alert(Side.SERVER, AlertLevel.fatal, AlertDescription.handshake_failure)
    screen = failure(PeerAlerted("handshake_failure"), (refusal,))
    assert "they sent alert handshake_failure (40), no request was sent, no file was written" in flowing(screen)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_server_that_takes_no_version_is_not_said_to_know_more(lang: Lang) -> None:
    refusal = alert(Side.SERVER, AlertLevel.fatal, AlertDescription.protocol_version)
    text = flowing(failure(PeerAlerted("protocol_version"), (refusal,), lang))
    assert text.endswith({
        "en": "the server takes none of the TLS versions that were offered; none before TLS 1.2 is spoken here",
        "ko": "제시된 TLS 버전을 하나도 받아들이지 않습니다. 여기서는 TLS 1.2보다 낮은 버전을 쓰지 않습니다.",
    }[lang])  # fmt: skip


def test_close_notify_is_no_part_of_a_failure() -> None:
    ended = alert(Side.SERVER, AlertLevel.warning, AlertDescription.close_notify)
    assert "close_notify" not in failure(TransomError("the disk is full"), (ended,)).lines[-1]


def test_a_request_that_was_sent_is_not_denied() -> None:
    items = tuple(item for item in crossing("tls13") if not isinstance(item, HttpResponse))
    screen = failure(TransomError("the disk is full"), items)
    assert "no request was sent" not in screen.text
    assert screen.lines[-1].strip() == "no file was written"


def test_nothing_is_told_that_did_not_happen() -> None:
    whole = [item for item in crossing("tls13") if isinstance(item, Message)]
    fewer = tuple(item for item in whole if item.name != "CertificateVerify")
    assert "CertificateVerify" not in told(fewer).text
    longer = tuple(replace(item, length=item.length + 1000) for item in whole)
    assert told(tuple(whole)).text != told(longer).text


def test_the_wire_of_the_crossing_is_what_our_engine_sent() -> None:
    assert sum(len(data) for _, data in crossed("tls13").wire) == journey("tls13").wire_bytes


def retried() -> tuple[Item, ...]:
    """A server that wants P-384 when the client's share is X25519."""
    log: list[str] = []
    server = server_config(groups=(NamedGroup.secp384r1,))
    shuttle = Shuttle.between(client_config(keylog=log.append), server).handshake()
    return seen(Crossed(tuple(shuttle.wire), "".join(log).encode()), keys=True).items


def test_a_retry_is_no_step_and_costs_a_round_trip() -> None:
    screen = told(retried())
    assert "  +  C ← S  HelloRetryRequest" in screen.line_with("HelloRetryRequest")
    assert "The server wants another key share" in screen.text
    assert screen.text.count("1  C → S  ClientHello ") == 2
    assert screen.line_with("round trips").strip().endswith("2 round trips")
    assert screen.text.count("means nothing in TLS 1.3") == 2


def test_the_three_version_fields_of_a_hello_are_explained_under_its_tree() -> None:
    text = flowing(told(crossing("tls13"), tree=True))
    assert "versions the record says TLS 1.0 and the hello TLS 1.2" in text
    assert "versions the record says" not in flowing(told(crossing("tls13")))


def test_a_root_that_was_sent_is_said_to_be_needless() -> None:
    assert "A root need not be sent" in flowing(told(crossing("ecdhe"), tree=True))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "of the chain cannot be read: a name is a BIT STRING, which only x500UniqueIdentifier is"),
        (
            "ko",
            "체인의 1번째 인증서를 읽을 수 없습니다: 이름이 BIT STRING인데, x500UniqueIdentifier만 그럴 수 있습니다",
        ),
    ],
)
def test_a_certificate_that_cannot_be_read_is_told_with_its_reason_in_each_language(lang: Lang, said: str) -> None:
    verdict = judge([dict(hostile())["a name that is a bit string"]], None, None, None)
    screen = Screen()
    Explainer(screen.terminal, words(lang), way=WAY)(ChainJudged(at(0), Side.SERVER, verdict))
    assert flowing(screen).startswith("✗ ")
    assert said in flowing(screen)
