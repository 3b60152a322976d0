"""Each alert has its sentence: who sends which, what it says, and what that means for the transfer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.crossing import journey
from tests.dissect.items import alert, at
from transom.cli.show.alerts import alert_sentence
from transom.cli.words import LANGS, words
from transom.dissect.journey import Kind
from transom.dissect.session import Session
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.wire.tap import Side

FATAL, WARNING = AlertLevel.fatal, AlertLevel.warning
BEFORE, AFTER = at(0), at(60_000)


def sentence(side: Side, level: AlertLevel, name: AlertDescription, kind: Kind = "ecdhe", *, late: bool = False) -> str:
    session = Session.of(journey(kind).with_keys.items)
    return alert_sentence(alert(side, level, name, AFTER if late else BEFORE), session, words("en"))


def test_an_alert_that_ends_a_handshake_says_that_no_file_crosses() -> None:
    said = sentence(Side.CLIENT, FATAL, AlertDescription.unknown_ca)
    assert said.startswith("The client sends the alert unknown_ca (48): the chain leads to no CA that it trusts. ")
    assert said.endswith("before the handshake is done: the connection ends, and no file crosses.")


def test_an_alert_behind_the_handshake_cuts_what_was_on_its_way() -> None:
    said = sentence(Side.SERVER, FATAL, AlertDescription.bad_record_mac, late=True)
    assert said.startswith("The server sends the alert bad_record_mac (20): ")
    assert said.endswith("what had not come whole by then is cut short.")


def test_close_notify_is_an_end_and_no_failure() -> None:
    said = sentence(Side.SERVER, WARNING, AlertDescription.close_notify, late=True)
    assert "(0): it has sent all" in said
    assert "fatal" not in said


@pytest.mark.parametrize(("kind", "goes_on"), [("ecdhe", True), ("tls13", False)])
def test_a_warning_is_one_in_tls12_and_an_error_in_tls13(kind: Kind, goes_on: bool) -> None:
    """RFC 5246 §7.2.2; RFC 8446 §6: whatever the level says."""
    assert ("may go on" in sentence(Side.SERVER, WARNING, AlertDescription.unrecognized_name, kind)) is goes_on
    assert "may go on" in sentence(Side.CLIENT, WARNING, AlertDescription.user_canceled, kind)


def test_a_code_without_a_name_is_said_to_have_none() -> None:
    assert "no RFC has a name" in sentence(Side.SERVER, FATAL, AlertDescription(200))


def test_of_one_that_stays_shut_nothing_is_guessed() -> None:
    shut = replace(alert(Side.CLIENT, FATAL, AlertDescription.unknown_ca), alert=None, sealed=True, opened=False)
    for lang in LANGS:
        said = alert_sentence(shut, Session(), words(lang))
        assert said
        assert "unknown_ca" not in said


@pytest.mark.parametrize("name", AlertDescription)
def test_every_alert_that_there_is_has_its_sentence_in_both_languages(name: AlertDescription) -> None:
    for lang in LANGS:
        said = alert_sentence(alert(Side.CLIENT, FATAL, name), Session(), words(lang))
        assert f"{name.name} ({int(name)})" in said
        assert words(lang).texts[f"alert.{name.name}"] in said
