"""The end of a transfer that failed: what was seen and expected, what was said to the other side, what to do."""

from __future__ import annotations

from transom.cli.asked import Asked
from transom.cli.show.advice import advice_of
from transom.cli.show.terminal import Ink, Inked, Terminal
from transom.cli.words import Words
from transom.dissect.session import Session
from transom.errors import PeerAlerted, PeerIncompatible, ResetUnanswered, TransomError, Unanswered
from transom.tls.iana.alerts import AlertDescription
from transom.wire.escape import escape_message
from transom.wire.tap import Side


def write_failure(
    terminal: Terminal,
    words: Words,
    session: Session,
    error: TransomError,
    *,
    file_written: bool,
    asked: Asked | None = None,
) -> None:
    """The error in its own words, what followed, and what can be done."""
    terminal.entry(Inked(f"transom: {escape_message(words.tell(error))}", Ink.PROBLEM), 0)
    terminal.paragraph(", ".join(_consequences(session, words, file_written=file_written)), 2)
    if advice := _advice(error, session, words, asked):
        terminal.paragraph(advice, 2)


def _consequences(session: Session, words: Words, *, file_written: bool) -> list[str]:
    told: list[str] = []
    ours, theirs = (_alert_text(session, side) for side in Side)
    if ours:
        told.append(words.say("failed.we_sent_alert", alert=ours))
    if theirs:
        told.append(words.say("failed.they_sent_alert", alert=theirs))
    if session.request_at is None:
        told.append(words.say("failed.no_request"))
    if not file_written:
        told.append(words.say("failed.no_file"))
    return told


def _alert_text(session: Session, side: Side) -> str:
    """The first alert of a side; none for close_notify, which ends every connection, whatever went wrong."""
    message = session.alerts.get(side)
    if message is None or message.alert is None or message.alert[1] is AlertDescription.close_notify:
        return ""
    return f"{message.alert[1].name} ({message.alert[1]:d})"


def _advice(error: TransomError, session: Session, words: Words, asked: Asked | None) -> str:
    """Where the lines above the error say more of it than the error does; else what it says by itself."""
    if isinstance(error, PeerAlerted) and session.client_chain == ():
        return words.say("advice.no_client_certificate")
    if isinstance(error, PeerIncompatible):
        return words.say("advice.incompatible")
    if isinstance(error, Unanswered | ResetUnanswered):
        return ""  # the problem above says it
    return advice_of(error, words, asked)
