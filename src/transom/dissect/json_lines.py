"""The JSON lines of `--json`: one object a line, its fields as docs/json-lines.schema.json declares them.

Names are stable. Times are epoch seconds as decimal numbers, exact to the nanosecond, which a float is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii

from transom.dissect.exchanges import Exchange
from transom.dissect.facts import Facts, TlsFacts
from transom.dissect.timeline import ApplicationData, Message
from transom.trust.certificate import PARSE_ERRORS, read_certificate
from transom.trust.verdict import Verdict
from transom.wire.tap import Side

Json = None | bool | int | str | Decimal | Sequence["Json"] | Mapping[str, "Json"]
Line = dict[str, Json]


def encode(value: Json) -> str:
    """JSON text in ASCII, without line ends: control characters, DEL among them, cross as escapes."""
    return _encoded(value).replace("\x7f", "\\u007f")  # there is none but in a string


def _encoded(value: Json) -> str:
    match value:
        case str():
            return encode_basestring_ascii(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return int.__repr__(value)
        case Decimal():
            return f"{value:f}"
        case dict() | Mapping():
            named = [f"{encode_basestring_ascii(name)}:{_encoded(part)}" for name, part in value.items()]
            return "{" + ",".join(named) + "}"
        case _:
            return "[" + ",".join(map(_encoded, value)) + "]"


def seconds(nanoseconds: int | None) -> Decimal | None:
    """Nanoseconds as seconds, every digit kept."""
    return None if nanoseconds is None else Decimal(nanoseconds).scaleb(-9)


def conversation_line(facts: Facts) -> Line:
    """What is known of a conversation once it is over."""
    ends = facts.endpoints
    return {
        "type": "conversation",
        "conversation": facts.number,
        "client": str(ends.client) if ends else None,
        "server": str(ends.server) if ends else None,
        "protocol": facts.protocol,
        "start": seconds(facts.start),
        "end": seconds(facts.end),
        "client_bytes": facts.wire_bytes[Side.CLIENT],
        "server_bytes": facts.wire_bytes[Side.SERVER],
        "missing_bytes": facts.missing_bytes,
    }


def tls_line(number: int, tls: TlsFacts) -> Line:
    """What is known of its TLS."""
    code = tls.cipher_suite_code
    return {
        "type": "tls",
        "conversation": number,
        "version": tls.version,
        "cipher_suite": tls.cipher_suite,
        "cipher_suite_code": None if code is None else f"0x{code:04x}",
        "group": tls.group,
        "sni": tls.sni,
        "alpn": tls.alpn,
        "resumed": tls.resumed,
        "ja3": tls.ja3,
        "ja3_full": tls.ja3_full,
        "ja3s": tls.ja3s,
        "ja4": tls.ja4,
        "decrypted": tls.decrypted,
        "why_not": tls.why_not,
        "certificates": [_certificate(der) for der in tls.certificates],
        "verdict": outcome(tls.verdict),
    }


def message_line(number: int, item: Message | ApplicationData) -> Line:
    """One TLS message, or one run of application data."""
    line: Line = {"type": "message", "conversation": number, "from": item.side.value, "step": item.step}
    if isinstance(item, ApplicationData):
        line |= {"name": "ApplicationData", "handshake_type": None, "length": item.length, "records": item.records}
        return line | {"encrypted": item.sealed, "time": seconds(item.moment.time)}
    line |= {"name": item.name, "handshake_type": None if item.type is None else int(item.type)}
    if item.alert:
        level, description = item.alert
        line |= {"level": level.name, "description": description.name}
    return line | {"length": item.length, "encrypted": item.sealed, "time": seconds(item.moment.time)}


def http_line(number: int, exchange: Exchange) -> Line:
    """One HTTP exchange."""
    request, response = exchange.request, exchange.response
    sent, answered = exchange.request_body, exchange.response_body
    head = response or request
    return {
        "type": "http",
        "conversation": number,
        "stream": exchange.stream,
        "version": head.version if head else None,
        "method": request.method if request else None,
        "authority": request.authority if request else None,
        "path": exchange.path,
        "status": response.status if response else None,
        "request_body_bytes": sent.length if sent else None,
        "response_body_bytes": answered.length if answered else None,
        "content_type": response.headers.get("Content-Type") if response else None,
        "request_sha256": sent.sha256 if sent else None,
        "response_sha256": answered.sha256 if answered else None,
        "complete": exchange.complete,
    }


def problem_line(number: int | None, code: str, where: str, what: str) -> Line:
    """Anything odd; `number` is None for what concerns the capture, not one conversation."""
    return {"type": "problem", "conversation": number, "code": code, "where": where, "what": what}


def command_line(
    code: int | None, signal: int | None, duration: float, conversations: int, unseen_sessions: int, udp: list[Line]
) -> Line:
    """How a command that was run has ended: by exiting with a code, or by a signal. `duration` is in seconds.

    `udp` has what it exchanged by UDP, a line of `udp_line` for each server.
    """
    return {
        "type": "command",
        "exit_code": code,
        "signal": signal,
        "seconds": seconds(int(duration * 10**9)),
        "conversations": conversations,
        "unseen_sessions": unseen_sessions,
        "udp": udp,
    }


def udp_line(server: str, datagrams: int, length: int, *, is_quic: bool) -> Line:
    """What was exchanged by UDP with one server, of which nothing was read: `length` bytes of payload."""
    return {"server": server, "protocol": "quic" if is_quic else None, "datagrams": datagrams, "bytes": length}


def outcome(verdict: Verdict | None) -> str | None:
    """`trusted`, the stable code of what is wrong, or None where nobody could judge."""
    if verdict is None:
        return None
    return verdict.problem or ("trusted" if verdict.trusted_by else None)


def _certificate(der: bytes) -> Line:
    sha256 = hashlib.sha256(der).hexdigest()
    try:
        certificate = read_certificate(der)
    except PARSE_ERRORS:
        names = ("subject", "issuer", "serial", "not_before", "not_after")
        return {**dict.fromkeys(names), "sha256": sha256}
    return {
        "subject": certificate.subject_name.rfc4514_string(),
        "issuer": certificate.issuer_name.rfc4514_string(),
        "serial": certificate.serial,
        "not_before": _epoch(certificate.not_before),
        "not_after": _epoch(certificate.not_after),
        "sha256": sha256,
    }


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
