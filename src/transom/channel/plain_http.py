"""What a port of HTTPS says to plain HTTP: an answer that whoever mistyped the scheme can read, and no alert of TLS."""

from __future__ import annotations

from transom.tls.record.deframer import HTTP_STARTS
from transom.wire.tap import Buffer

_SAID = """This port speaks HTTPS: ask for https:// in place of http://.
이 포트는 HTTPS입니다. http:// 대신 https://로 요청하십시오.
""".encode()

_HEAD = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n"
) % len(_SAID)


def answer_to_plain_http(first: Buffer) -> bytes:
    """What to send before closing; empty where the first bytes that a client sends are no HTTP."""
    begins = bytes(first[:16])
    if not begins.startswith(HTTP_STARTS):
        return b""
    return _HEAD if begins.startswith(b"HEAD ") else _HEAD + _SAID
