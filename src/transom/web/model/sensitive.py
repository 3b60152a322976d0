"""Which names stand for a secret: of header fields, and of parameters in queries, forms, JSON and the like.

Gathered from what others take out before something is handed on: Chromium's net log (Cookie, Set-Cookie, Authorization,
Proxy-Authorization, and the tokens of NTLM and Negotiate), Chromium's sanitized HAR export, Cloudflare's HAR sanitizer
(SAML, OAuth's `code`, `state`, `code_verifier`, `assertion`), Sentry's deny list (`passwd`, `api_key`, `session`,
`csrf`, `credentials`), what curl keeps from another host on a redirect; signed URLs of S3, Google and Azure (`sig`,
`X-Amz-Signature`, `X-Amz-Credential`), of Akamai (`hdnts`). A name too many costs a value; one too few is a leak.
"""

from __future__ import annotations

import re
from functools import lru_cache

from transom.web.model.unescaped import plain

_PARTS = (
    "accesskey", "accountkey", "apikey", "assertion", "authkey", "authorization", "authtoken", "bearer", "clientcert",
    "consumerkey", "cookie", "credential", "csrf", "deploykey", "encryptionkey", "functionskey", "jwt", "licensekey",
    "masterkey", "passcode", "passphrase", "passwd", "password", "presharedkey", "privatekey", "saml", "secret",
    "sessid", "session", "sharedkey", "signature", "signingkey", "sshkey", "storagekey", "subscriptionkey", "token",
    "verifier", "xsrf",
    *(f"{what}code" for what in (
        "access", "activation", "auth", "backup", "confirmation", "device", "invite", "login", "otp", "pairing",
        "recovery", "reset", "security", "sms", "user", "verification",
    )),
)  # fmt: skip
"""A name with one of these in it, whatever stands between their letters but letters and digits."""

_KOREAN_WORDS = ("비밀번호", "패스워드", "암호문", "비밀키", "개인키", "인증번호", "인증코드", "토큰", "쿠키")
_KOREAN = re.compile("|".join(_KOREAN_WORDS))

_WORDS = frozenset({
    "auth", "cvc", "cvv", "hmac", "mfa", "otp", "pass", "passkey", "pin", "psk", "psw", "pw", "pwd", "sig", "totp",
})  # fmt: skip
"""A name that is one of these, or ends in it: `db_pass`, `userPwd`, `X-OTP`. Of `bypass` it is no word."""

_FIELDS = frozenset({"authenticationinfo", "authentication", "proxyauthenticationinfo", "dpop", "xauth", "sid"})
"""Header fields, beside those."""

_NO_SECRET = b"sec-websocket-key"
"""It ends in Key, as `X-Client-Key` does. But it is a nonce (RFC 6455 §1.3)."""

_PARAMETERS = frozenset({"authenticity", "hdnea", "hdntl", "hdnts", "sid"})
"""Parameters that are called just so, or so within another: `user[sid]`, `login.sid`."""

_AMBIGUOUS = frozenset({"code", "key", "sign", "state", "ticket"})
"""Secrets in a query or a form. Elsewhere `code` may be of an error, `key` that of a map, `state` Texas."""

_STEPS = frozenset({
    "activate", "activation", "confirm", "confirmation", "invitation", "invite", "magic", "magiclink", "otp", "recover",
    "recovery", "reset", "unsubscribe", "verification", "verify", "webhook", "webhooks",
})  # fmt: skip
"""Parts of a path behind which what proves a person stands, as in `/reset/4f2a…`; beside the names of secrets."""

_PART = re.compile("|".join(_PARTS))
_CORES = (
    "key", "code", "pass", "token", "secret", "cookie", "signature", "sess", "assertion", "authorization", "bearer",
    "clientcert", "credential", "csrf", "jwt", "saml", "verifier", "xsrf",
    "activat", "confirm", "invit", "magic", "otp", "recover", "reset", "unsubscribe", "verif", "webhook",
)  # fmt: skip
"""Each of the parts, and each of the steps, has one of these in it: so there is less to look for."""


def _clue(core: str, parts: list[str]) -> tuple[bytes, re.Pattern[bytes] | None]:
    """What to look for, and what has to match there, where there are other words with that in them."""
    around = [part.partition(core) for part in parts]
    if core in parts:
        return core.encode(), None
    return core.encode(), re.compile("|".join(f"{f'(?<={a})' if a else ''}{core}{b}" for a, _, b in around).encode())


CLUES = tuple(
    _clue(core, [part for part in (*_PARTS, *_STEPS) if next(one for one in _CORES if one in part) == core])
    for core in _CORES
)
"""One of these is in what a name comes to that has one of the parts in it, nothing but its letters and digits."""
ENDINGS = tuple(sorted({*_WORDS, *_FIELDS, *_PARAMETERS, *_AMBIGUOUS}))
"""Any other name ends in one of these words. Of a field's, `key` may be the end of a word: `X-Monkey`."""
KOREAN = tuple(word.encode() for word in _KOREAN_WORDS)
_OTHER = re.compile(r"[^a-z0-9]+")
_WITHIN = re.compile(r"[\[\].?&;#/]+")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


@lru_cache(4096)
def names_secret_field(name: bytes) -> bool:
    """Whether the value of this header field, or of a line that looks like one, is kept from a report."""
    if name.lower() == _NO_SECRET:
        return False
    joined = _OTHER.sub("", name.decode("latin-1").lower())
    return joined in _FIELDS or (b"-" in name and joined.endswith("key")) or names_secret(name)


@lru_cache(4096)
def names_secret_parameter(name: bytes) -> bool:
    """The same of a parameter of a query or a form."""
    return _last(_text(name)) in _AMBIGUOUS or names_secret(name)


@lru_cache(4096)
def names_secret(name: bytes) -> bool:
    """The same of a member, an element, a column; it may be escaped, or stand at the end of a URL."""
    text = _text(name)
    if not (last := _last(text)):
        return _KOREAN.search(text) is not None
    words = _WORD.findall(text)
    if last in _PARAMETERS or last in _WORDS or (bool(words) and words[-1].lower() in _WORDS):
        return True
    return _PART.search(_OTHER.sub("", text.lower())) is not None or _KOREAN.search(text) is not None


@lru_cache(4096)
def may_name_secret(name: bytes) -> bool:
    """Whether it is one of those that stand for much else besides."""
    return _last(_text(name)) in _AMBIGUOUS


@lru_cache(4096)
def leads_to_secret(segment: bytes) -> bool:
    """Whether what stands behind this part of a path may prove who somebody is."""
    return names_secret_parameter(segment) or _OTHER.sub("", _text(segment).lower()) in _STEPS


_DIGIT = re.compile(rb"[0-9]")
_SPACE = re.compile(rb"\s")
_LONG = 16


def looks_drawn(text: bytes, least: int) -> bool:
    """Whether it may have been drawn at random: no word or words that somebody wrote."""
    if _SPACE.search(text):
        return False
    if len(text) >= least and _DIGIT.search(text):
        return True
    return len(text) >= _LONG and text.lower() != text != text.upper()


def _text(name: bytes) -> str:
    return plain(name).decode("utf-8", "replace")


def _last(text: str) -> str:
    """What is called so within something: `pin` of `user[pin]`."""
    parts = [part for part in _WITHIN.split(text.lower()) if part.strip()]
    return _OTHER.sub("", parts[-1]) if parts else ""
