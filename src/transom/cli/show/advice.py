"""What can be done about a transfer that failed."""

from __future__ import annotations

from transom.cli.words import Words
from transom.errors import DecodeError, PeerAlerted, PeerMisbehaved, TransomError, Truncated
from transom.transfer.failure import Refused
from transom.transfer.redirects import REDIRECTS
from transom.trust.verdict import UntrustedChain


def advice_of(error: TransomError, words: Words) -> str:
    """By whose fault and how it is; empty where the error's own message is all there is to say."""
    if isinstance(error, UntrustedChain) and error.verdict.problem:
        return words.say(f"advice.{error.verdict.problem}")
    if isinstance(error, Refused) and error.response.status in REDIRECTS and error.response.headers.get("Location"):
        return words.say("advice.redirect")
    if isinstance(error, PeerAlerted) and error.description == "protocol_version":
        return words.say("advice.protocol_version")
    return next((words.say(key) for kind, key in _ADVICE if isinstance(error, kind)), "")


_ADVICE: tuple[tuple[type[TransomError], str], ...] = (
    (PeerAlerted, "advice.alerted"),
    (Truncated, "advice.truncated"),
    (DecodeError, "advice.malformed"),
    (PeerMisbehaved, "advice.malformed"),
)
"""The first row that fits."""
