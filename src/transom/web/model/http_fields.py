"""The lines of an HTTP/1 head as fields with their places, from its bytes (RFC 9112 §2.1)."""

from __future__ import annotations

from transom.dissect.json_lines import Json
from transom.dissect.lines import Space


def head_fields(data: bytes, offset: int, space: Space) -> list[Json]:
    """The first line, then a field a header line; `offset` is where `data` begins in `space`."""
    fields: list[Json] = []
    at = 0
    for line in data.splitlines(keepends=True):
        text = line.rstrip(b"\r\n").decode("latin-1")
        name, colon, content = text.partition(":")
        parted = bool(fields) and bool(colon)
        if text:
            fields.append({
                "depth": 1 if fields else 0,
                "name": name if parted else text,
                "value": content.strip() if parted else None,
                "space": space.value,
                "offset": offset + at,
                "length": len(line),
                "rfc": "9112 §5" if fields else None,
            })  # fmt: skip
        at += len(line)
    return fields
