"""The five bytes before every record (RFC 8446 §5.1), written by hand because each record passes here."""

from __future__ import annotations

import struct
from typing import NamedTuple

from transom.wire.tap import Buffer

HEADER_LENGTH = 5
MAX_PLAINTEXT = 2**14
"""The longest content of a record (RFC 8446 §5.1)."""
MAX_CIPHERTEXT_13 = MAX_PLAINTEXT + 256
"""The longest protected fragment of TLS 1.3 (RFC 8446 §5.2)."""
MAX_CIPHERTEXT_12 = MAX_PLAINTEXT + 2048
"""The longest protected fragment of TLS 1.2 (RFC 5246 §6.2.3): no record of any version is longer."""

TLS_1_2 = 0x0303
"""What the header of every record says since TLS 1.2; only a first ClientHello may say 0x0301."""

_HEADER = struct.Struct(">BHH")
unpack_header = _HEADER.unpack_from
"""(buffer, offset) → content type, version, length: `read_header` without its names, for the bulk road."""


class RecordHeader(NamedTuple):
    """ContentType, legacy_record_version, and the length of the fragment that follows."""

    content_type: int
    version: int
    length: int


def read_header(buffer: Buffer, offset: int = 0) -> RecordHeader:
    """The header at `offset`, where five bytes must be."""
    return RecordHeader._make(_HEADER.unpack_from(buffer, offset))


def write_header(content_type: int, length: int, version: int = TLS_1_2) -> bytes:
    """The five bytes before a fragment of `length` bytes."""
    return _HEADER.pack(content_type, version, length)
