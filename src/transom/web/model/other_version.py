"""How a step is in the version of TLS that a session does not speak: 1.3 for one of 1.2, 1.2 for one of 1.3."""

from __future__ import annotations

from transom.dissect.json_lines import Json
from transom.tls.iana.versions import ProtocolVersion
from transom.web.model.context import Context

OUTSIDE_12 = {
    "NewSessionTicket": "new_session_ticket",
    "CertificateRequest": "certificate_request",
    "CertificateVerify": "certificate_verify",
}
OUTSIDE_13 = {
    **OUTSIDE_12,
    "HelloRetryRequest": "hello_retry_request",
    "EncryptedExtensions": "encrypted_extensions",
}
"""Messages without a number that the other version has a word for."""


def session_version(context: Context) -> ProtocolVersion | None:
    """What the server chose."""
    tls = context.seen.facts.tls
    return tls.server_hello.version if tls and tls.server_hello else None


def other_version(step: int | str, context: Context) -> Json:
    """Of a step by its number, or of a message outside the nine: the other version, and the name in its words."""
    version = session_version(context)
    if version is None:
        return None
    is_13 = version >= ProtocolVersion.TLSv1_3
    place = step if isinstance(step, int) else (OUTSIDE_13 if is_13 else OUTSIDE_12).get(step)
    if place is None:
        return None
    return {"version": "1.2" if is_13 else "1.3", "name": str(place)}
