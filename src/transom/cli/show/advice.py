"""What can be done about a transfer that failed."""

from __future__ import annotations

import math
import re

from transom.cli.asked import Asked
from transom.cli.words import Words
from transom.dissect.handshake_end import UNANSWERED_AS_A_RULE
from transom.errors import (
    DecodeError,
    PeerAlerted,
    PeerMisbehaved,
    ResetUnanswered,
    TransomError,
    Truncated,
    Unanswered,
)
from transom.files.digest import DigestDiffers
from transom.net.connect import NotReached, NotResolved
from transom.net.tunnel import NoTunnel
from transom.transfer.client import NotPastTheProxy
from transom.transfer.failure import Refused
from transom.transfer.redirects import REDIRECTS
from transom.transfer.retry import LONGEST_WAIT, may_pass, retry_after
from transom.transfer.url import parse_url
from transom.trust.verdict import UntrustedChain
from transom.wire.escape import escape


def advice_of(error: TransomError, words: Words, asked: Asked | None = None) -> str:
    """By whose fault and how it is; empty where the error's own message is all there is to say."""
    asked = asked or Asked()
    url, retries = asked.url, asked.retries
    if isinstance(error, UntrustedChain) and error.verdict.problem:
        return words.say(f"advice.{error.verdict.problem}")
    if asked.netrc and isinstance(error, Refused) and error.response.status == _LOGIN:
        return words.say("advice.no_netrc_entry", file=escape(asked.netrc), host=escape(parse_url(url).host))
    if key := _refusal(error, url):
        return words.say(key)
    if isinstance(error, NotReached):
        return words.say("advice.not_reached" if retries else "advice.not_reached_once")
    if key := _key(_OF_THE_WAY, error):
        return words.say(key)
    if isinstance(error, PeerAlerted) and error.description == "protocol_version":
        return words.say("advice.protocol_version")
    if isinstance(error, Unanswered | ResetUnanswered):
        return words.tell(UNANSWERED_AS_A_RULE)
    if isinstance(error, Truncated) and "before any response" in error.what and url.startswith("http://"):
        return words.say("advice.perhaps_tls")
    if "whose URLs begin with http" in str(error):
        return ""  # it is another protocol, and to say so says what to type
    if isinstance(error, Refused) and may_pass(error):
        return _when(error, words, retries=retries)
    if not retries and (isinstance(error, Truncated) or error.sentence.template == "the connection broke: {reason}"):
        return words.say("advice.truncated_once")
    return words.say(key) if (key := _key(_ADVICE, error)) else ""


def _key(rows: _Rows, error: TransomError) -> str:
    """Of the first row that fits; empty where none does."""
    return next((key for kind, key in rows if isinstance(error, kind)), "")


def _refusal(error: TransomError, url: str) -> str:
    """The key for an answer that says by its status what it wants; empty for any other."""
    if isinstance(error, NoTunnel):
        return "advice.proxy_login" if error.status == _PROXY_LOGIN else ""
    if not isinstance(error, Refused):
        return ""
    status = error.response.status
    if status in (400, 404) and (key := _misspelled(url)):
        return key
    if status in REDIRECTS and error.response.headers.get("Location"):
        return "advice.redirect"
    if status == 400 and url.startswith("http://"):
        return "advice.perhaps_tls"  # what nginx, Apache and `transom serve` say to HTTP where TLS is spoken
    return _BY_STATUS.get(status, "")


def _misspelled(url: str) -> str:
    """The key for a URL that was typed as the file is called, where a character of the name means something else."""
    if _NO_ESCAPE.search(url):
        return "advice.percent"
    return "advice.hash" if "#" in url else ""


def _when(error: Refused, words: Words, *, retries: bool) -> str:
    wait = retry_after(error)
    seconds = f"{math.ceil(wait):,}"
    if wait > LONGEST_WAIT:
        return words.say("advice.retry_later", seconds=seconds, most=f"{LONGEST_WAIT:.0f}")
    if retries:
        return ""
    return words.say("advice.retry_after", seconds=seconds) if wait else words.say("advice.retry")


_NO_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")

_LOGIN, _PROXY_LOGIN = 401, 407

_BY_STATUS = {206: "advice.part", _LOGIN: "advice.login", _PROXY_LOGIN: "advice.proxy_login"}

_Rows = tuple[tuple[type[TransomError], str], ...]

_OF_THE_WAY: _Rows = (
    (NotResolved, "advice.not_resolved"),
    (NotPastTheProxy, "advice.past_the_proxy"),
    (DigestDiffers, "advice.digest"),
)
"""What helps whatever else the error's text may tell of what crossed."""

_ADVICE: _Rows = (
    (PeerAlerted, "advice.alerted"),
    (Truncated, "advice.truncated"),
    (DecodeError, "advice.malformed"),
    (PeerMisbehaved, "advice.malformed"),
)
