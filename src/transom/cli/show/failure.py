"""The end of a transfer that failed: what was seen and expected, what was said to the other side, what to do."""

from __future__ import annotations

from transom.cli.show.advice import advice_of
from transom.cli.show.terminal import Ink, Inked, Terminal
from transom.cli.words import Words
from transom.dissect.session import Session
from transom.dissect.timeline import Message
from transom.errors import PeerAlerted, PeerIncompatible, TransomError
from transom.tls.iana.alerts import AlertDescription
from transom.wire.escape import escape_message
from transom.wire.tap import Side


def write_failure(
    terminal: Terminal, words: Words, session: Session, error: TransomError, *, file_written: bool
) -> None:
    """The error in its own words, what followed from it, and what can be done."""
    terminal.line(Inked(f"transom: {escape_message(words.tell(error))}", Ink.PROBLEM))
    terminal.paragraph(", ".join(_consequences(session, words, file_written=file_written)), 2)
    if advice := _advice(error, session, words):
        terminal.paragraph(advice, 2)


def _consequences(session: Session, words: Words, *, file_written: bool) -> list[str]:
    told: list[str] = []
    if (alert := session.alerts.get(Side.CLIENT)) and not _is_close_notify(alert):
        told.append(words.say("failed.we_sent_alert", alert=_alert_text(alert)))
    if (alert := session.alerts.get(Side.SERVER)) and not _is_close_notify(alert):
        told.append(words.say("failed.they_sent_alert", alert=_alert_text(alert)))
    if session.request_at is None:
        told.append(words.say("failed.no_request"))
    if not file_written:
        told.append(words.say("failed.no_file"))
    return told


def _is_close_notify(message: Message) -> bool:
    """It ends every connection, whatever went wrong."""
    return message.alert is not None and message.alert[1] is AlertDescription.close_notify


def _alert_text(message: Message) -> str:
    if message.alert is None:
        return "?"
    return f"{message.alert[1].name} ({message.alert[1]:d})"


def _advice(error: TransomError, session: Session, words: Words) -> str:
    """Where the lines above the error say more of it than the error does; else what it says by itself."""
    if isinstance(error, PeerAlerted) and session.client_chain == ():
        return words.say("advice.no_client_certificate")
    if isinstance(error, PeerIncompatible):
        return words.say("advice.incompatible")
    return advice_of(error, words)
