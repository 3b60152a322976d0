"""Every error Transom raises, as one family.

A message says what was seen, what was expected and where:
``ServerHello.extensions[3].key_share.group: secp256r1 was not offered (RFC 8446 §4.2.8)``.

What it says is a `Sentence` wherever it quotes a value: whoever speaks another language needs both
(`transom.cli.words`).

Whose fault it is decides the class. `UsageError` is never caused by bytes from the network; a `PeerError` always is,
and knows the alert that answers it, so that the mapping from error to alert is made where the error is, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self, cast

AlertName = Literal[
    "close_notify",
    "unexpected_message",
    "bad_record_mac",
    "record_overflow",
    "handshake_failure",
    "bad_certificate",
    "unsupported_certificate",
    "certificate_revoked",
    "certificate_expired",
    "certificate_unknown",
    "illegal_parameter",
    "unknown_ca",
    "access_denied",
    "decode_error",
    "decrypt_error",
    "protocol_version",
    "insufficient_security",
    "internal_error",
    "inappropriate_fallback",
    "user_canceled",
    "no_renegotiation",
    "missing_extension",
    "unsupported_extension",
    "unrecognized_name",
    "bad_certificate_status_response",
    "unknown_psk_identity",
    "certificate_required",
    "no_application_protocol",
]
"""The names of TLS alerts, as the IANA registry spells them (RFC 8446 §6)."""


class Sentence(str):
    """An English sentence that still knows what it was made of, so that it can be said in another language.

    `template` is what `str.format` fills, and what a catalogue knows the sentence by; with no `values` it is the
    sentence. A value may be a Sentence or a TransomError itself, which is then said in that language too.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        sentence = super().__new__(cls, template.format_map(values) if values else template)
        sentence.template = template
        sentence.values = values
        return sentence

    @classmethod
    def of(cls, what: str, values: dict[str, object]) -> Self:
        """What an error was raised with: a template and its values, a Sentence already, or one that quotes nothing."""
        return what if isinstance(what, cls) and not values else cls(what, **values)


def reason_of(error: OSError) -> Sentence:
    """Why the system did not do it, in its own words: strerror(3) speaks English, as nobody sets a locale for it."""
    return Sentence(error.strerror or str(error))


def joined(sentences: Iterable[str]) -> str:
    """One after the other, with semicolons."""
    first, *others = sentences
    for then in others:
        first = Sentence("{first}; {then}", first=first, then=then)
    return first


class TransomError(Exception):
    """The root of the family: everything Transom raises on purpose.

    `what` is what it says, or the template of it, which `values` fill: a `Sentence` either way.
    """

    def __init__(self, what: str, /, **values: object) -> None:
        super().__init__(Sentence.of(what, values))

    @property
    def sentence(self) -> Sentence:
        """What it says, in whatever language."""
        return cast(Sentence, self.args[0])


class UsageError(TransomError):
    """Called wrongly: an option, an argument or an order of calls that cannot work."""


class MayNotCapture(UsageError):
    """Packets are for who has CAP_NET_RAW (capabilities(7)), and whoever asked has not."""


class PeerError(TransomError):
    """The other side did something that ends the conversation.

    `alert` is what we answer with (None: nothing can or need be sent), `rfc` the section that was broken
    ("8446 §4.2.8"), `where` the place: a field path, a state, an offset.
    """

    default_alert: AlertName | None = None

    def __init__(
        self,
        what: str,
        /,
        *,
        alert: AlertName | None = None,
        rfc: str | None = None,
        where: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(what, **values)
        self.what = super().sentence
        self.alert = alert or self.default_alert
        self.rfc = rfc
        self.where: str | None = where

    @property
    def sentence(self) -> Sentence:
        """A field path leads, since `what` is said of it; a state of the RFC (WAIT_SH) comes last."""
        what = Sentence("{what} (RFC {rfc})", what=self.what, rfc=self.rfc) if self.rfc else self.what
        if self.where is None:
            return what
        if self.where.isupper():
            return Sentence("{what}, in {state}", what=what, state=self.where)
        return Sentence("{where}: {what}", where=Sentence.of(self.where, {}), what=what)

    def __str__(self) -> str:
        return str(self.sentence)


class DecodeError(PeerError):
    """Bytes that do not parse as the structure they should be."""

    default_alert = "decode_error"

    def __init__(
        self,
        what: str,
        /,
        *,
        alert: AlertName | None = None,
        rfc: str | None = None,
        where: str | None = None,
        offset: int | None = None,
        **values: object,
    ) -> None:
        super().__init__(what, alert=alert, rfc=rfc, where=where, **values)
        self.offset = offset

    def within(self, name: str) -> DecodeError:
        """The same error, seen from the structure around it: `name` is put before the path."""
        if self.where is None:
            self.where = name
        elif self.where.startswith("["):
            self.where = name + self.where
        else:
            self.where = f"{name}.{self.where}"
        return self


class PeerMisbehaved(PeerError):
    """It parses, and it is not allowed: not now, or not at all."""

    default_alert = "illegal_parameter"


class PeerIncompatible(PeerError):
    """Both sides are in order and have nothing in common."""

    default_alert = "handshake_failure"


class PeerUntrusted(PeerError):
    """The certificate or the name in it does not hold."""

    default_alert = "bad_certificate"
    by_pin_alone = False
    """The chain was accepted, and the server's key is not the one that was pinned besides."""


class PeerAlerted(PeerError):
    """The other side gave up and said so with an alert."""

    def __init__(self, description: str, *, where: str | None = None) -> None:
        super().__init__("the peer sent the alert {description}", where=where, description=description)
        self.description = description


class Truncated(PeerError):
    """The stream ended without close_notify, or before its announced length."""


class Unanswered(Truncated):
    """The server ended the connection and had said nothing: the ClientHello was all that crossed."""


class HttpError(TransomError):
    """An HTTP message that breaks the protocol, or an answer that cannot be used.

    `status` is the status to answer with (a server) or the one that came (a client), when there is one.
    """

    def __init__(self, what: str, /, *, status: int | None = None, **values: object) -> None:
        super().__init__(what, **values)
        self.status = status


class TransferError(TransomError):
    """A transfer that did not come to a whole file: `exit_code` is curl's number for it where curl has one."""

    def __init__(self, what: str, /, *, exit_code: int = 1, **values: object) -> None:
        super().__init__(what, **values)
        self.exit_code = exit_code
        self.is_ours_to_mend = False
        """To try again as it was is of no use."""

    def because(self, reason: Sentence) -> None:
        """Add what it may well be for, which we did or left undone."""
        self.args = (Sentence("{what}: {reason}", what=self.sentence, reason=reason),)
        self.is_ours_to_mend = True


class ResetUnanswered(TransferError):
    """The server's side reset the connection and had said nothing: what `Unanswered` is, by a reset."""


class CaptureError(TransomError):
    """The capture file cannot be read at all; oddities inside a readable one are findings, not errors."""


class NoCapture(CaptureError):
    """It is read, and it is none."""
