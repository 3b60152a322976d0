"""padding, max_fragment_length and record_size_limit: how large things are."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.small import HeartbeatMode, MaxFragmentLength
from transom.wire.codec import rest, u8, u16
from transom.wire.struct import field


class Padding(ExtensionBody, rfc="7685 §3", type=ExtensionType.padding):
    """Zeros that keep a hello out of the sizes some old servers stumble over."""

    padding: bytes = field(rest())


class MaxFragmentLengthRequest(ExtensionBody, rfc="6066 §4", type=ExtensionType.max_fragment_length):
    """A wish for, or the grant of, shorter records."""

    max_fragment_length: MaxFragmentLength = field(u8(MaxFragmentLength))


class RecordSizeLimit(ExtensionBody, rfc="8449 §4", type=ExtensionType.record_size_limit):
    """The longest record plaintext this side takes."""

    record_size_limit: int = field(u16())


class Heartbeat(ExtensionBody, rfc="6520 §2", type=ExtensionType.heartbeat):
    """Whether heartbeats may be sent to this side."""

    mode: HeartbeatMode = field(u8(HeartbeatMode))
