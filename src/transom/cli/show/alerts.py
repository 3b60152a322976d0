"""The sentence of an alert: who sends which, what it says, and what that means for the transfer.

RFC 8446 §6 and RFC 5246 §7.2.
"""

from __future__ import annotations

from transom.cli.words import Words
from transom.dissect.session import Session
from transom.dissect.timeline import Message
from transom.tls.iana.alerts import AlertDescription, AlertLevel

_CLOSURES_13 = (AlertDescription.close_notify, AlertDescription.user_canceled)
"""In TLS 1.3 every other alert is an error and fatal, whatever its level says (RFC 8446 §6)."""


def alert_sentence(message: Message, session: Session, words: Words) -> str:
    """In full; of one that stays shut, that there is one."""
    if message.alert is None:
        return words.say(f"alerted.{message.side.value}.shut")
    level, description = message.alert
    meaning = words.say(f"alert.{description.name}" if description.is_known else "alerted.unnamed")
    said = {"name": description.name, "code": int(description), "meaning": meaning}
    return words.say(f"alerted.{message.side.value}.says", then=words.say(_then(message, session, level)), **said)


def _then(message: Message, session: Session, level: AlertLevel) -> str:
    description = message.alert[1] if message.alert else None
    if description is AlertDescription.close_notify:
        return "alerted.then_closes"
    is_fatal = level is AlertLevel.fatal or (session.is_tls13 and description not in _CLOSURES_13)
    if not is_fatal:
        return "alerted.then_goes_on"
    is_done = session.done_at is not None and session.done_at <= message.moment.time
    return "alerted.then_cut" if is_done else "alerted.then_no_transfer"
