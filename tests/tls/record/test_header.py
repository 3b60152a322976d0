from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from transom.tls.iana.content_types import ContentType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.record.header import HEADER_LENGTH, read_header, write_header
from transom.wire.codec import opaque, u8, u16
from transom.wire.struct import Struct, field


class TLSPlaintext(Struct, rfc="8446 §5.1"):
    type: ContentType = field(u8(ContentType))
    legacy_record_version: ProtocolVersion = field(u16(ProtocolVersion))
    fragment: bytes = field(opaque(0, 2**16 - 1))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 255), st.integers(0, 2**16 - 1), st.binary(max_size=50))
def test_the_header_written_by_hand_agrees_with_its_declaration(
    content_type: int, version: int, fragment: bytes
) -> None:
    declared = TLSPlaintext(
        type=ContentType(content_type), legacy_record_version=ProtocolVersion(version), fragment=fragment
    )
    raw = declared.encode()
    assert raw[:HEADER_LENGTH] == write_header(content_type, len(fragment), version)
    assert read_header(raw) == (declared.type, declared.legacy_record_version, len(fragment))
    assert read_header(b"before" + raw, 6) == read_header(raw)
