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
from urllib.parse import unquote_to_bytes

_PARTS = (
    "accesskey", "apikey", "assertion", "authkey", "authorization", "authtoken", "bearer", "cookie", "credential",
    "csrf", "functionskey", "jwt", "masterkey", "passcode", "passphrase", "passwd", "password", "privatekey", "saml",
    "secret", "sessid", "session", "signature", "subscriptionkey", "token", "verifier", "xsrf",
)  # fmt: skip
"""A name with one of these in it, whatever stands between their letters but letters and digits."""

_FIELDS = frozenset({"authenticationinfo", "authentication", "proxyauthenticationinfo", "dpop", "xauth"})
"""Header fields, beside those."""

_LAST_WORDS = frozenset({"auth", "hmac", "key", "otp", "pass", "pin", "pwd", "sig", "totp"})
_NO_SECRET = b"sec-websocket-key"
"""It ends like one: `X-Client-Key`, `X-OTP`. But it is a nonce (RFC 6455 §1.3)."""

_PARAMETERS = frozenset({
    "auth", "authenticity", "code", "cvc", "cvv", "hdnea", "hdntl", "hdnts", "hmac", "key", "mfa", "otp", "pass",
    "passkey", "pin", "psw", "pw", "pwd", "sid", "sig", "sign", "state", "ticket", "totp",
})  # fmt: skip
"""Parameters that are called just so, or so within another: `user[pin]`, `login.code`."""

_PART = re.compile("|".join(_PARTS))
_OTHER = re.compile(r"[^a-z0-9]+")
_WITHIN = re.compile(r"[\[\].?&;#/\s]+")


def names_secret_field(name: bytes) -> bool:
    """Whether the value of this header field is kept from a report."""
    *before, last = _OTHER.split(name.decode("latin-1").lower())
    plain = "".join((*before, last))
    if plain in _FIELDS or _PART.search(plain) is not None:
        return True
    return bool(before) and last in _LAST_WORDS and name.lower() != _NO_SECRET


@lru_cache(4096)
def names_secret_parameter(name: bytes) -> bool:
    """The same of a parameter; it may be percent-encoded, or stand at the end of a URL that is."""
    plain = unquote_to_bytes(name).decode("latin-1").lower()
    last = [part for part in _WITHIN.split(plain) if part]
    if not last:
        return False
    return _OTHER.sub("", last[-1]) in _PARAMETERS or _PART.search(_OTHER.sub("", plain)) is not None
