"""supported_groups, once elliptic_curves (RFC 8446 §4.2.7, RFC 8422 §5.1.1), and ec_point_formats beside it."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import ECPointFormat, NamedGroup
from transom.wire.codec import u8, u16, vector
from transom.wire.struct import field


class NamedGroupList(ExtensionBody, rfc="8446 §4.2.7", type=ExtensionType.supported_groups):
    """The groups a side can use, most preferred first."""

    named_group_list: tuple[NamedGroup, ...] = field(vector(u16(NamedGroup), 2, 2**16 - 1))


class ECPointFormatList(ExtensionBody, rfc="8422 §5.1.2", type=ExtensionType.ec_point_formats):
    """Before TLS 1.3: how points may be written; uncompressed is the only one left in use."""

    ec_point_format_list: tuple[ECPointFormat, ...] = field(vector(u8(ECPointFormat), 1, 2**8 - 1))
