"""The frames of HTTP/2 as declared in RFC 9113 §4.1 and §6: what each carries, apart from how the stream is cut."""

from __future__ import annotations

from transom.errors import Sentence
from transom.value import value
from transom.wire.codec import fixed, items, rest, u8, u16, u24, u32
from transom.wire.codepoint import CodePoint
from transom.wire.struct import Struct, field, struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client begins with (RFC 9113 §3.4)."""

HEADER_LENGTH = 9

DEFAULT_FRAME_SIZE = 16_384
"""The largest payload unless SETTINGS_MAX_FRAME_SIZE says more (RFC 9113 §6.5.2)."""


class FrameType(CodePoint):
    """IANA: HTTP/2 Frame Type."""

    DATA = 0x00
    HEADERS = 0x01
    PRIORITY = 0x02
    RST_STREAM = 0x03
    SETTINGS = 0x04
    PUSH_PROMISE = 0x05
    PING = 0x06
    GOAWAY = 0x07
    WINDOW_UPDATE = 0x08
    CONTINUATION = 0x09
    ALTSVC = 0x0A
    ORIGIN = 0x0C
    PRIORITY_UPDATE = 0x10


class Setting(CodePoint):
    """IANA: HTTP/2 Settings."""

    HEADER_TABLE_SIZE = 0x01
    ENABLE_PUSH = 0x02
    MAX_CONCURRENT_STREAMS = 0x03
    INITIAL_WINDOW_SIZE = 0x04
    MAX_FRAME_SIZE = 0x05
    MAX_HEADER_LIST_SIZE = 0x06
    ENABLE_CONNECT_PROTOCOL = 0x08
    NO_RFC7540_PRIORITIES = 0x09


ERROR_NAMES = (
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
)  # fmt: skip
"""IANA: HTTP/2 Error Code, from 0 on. They are four bytes wide: a `CodePoint` would keep each one a peer makes up."""

NO_ERROR = 0
CANCEL = 8

END_STREAM = 0x01
ACK = 0x01
END_HEADERS = 0x04
PADDED = 0x08
PRIORITY_FLAG = 0x20

STREAM_BITS = 0x7FFF_FFFF
"""The highest bit before a stream identifier is reserved (RFC 9113 §4.1)."""


def error_name(code: int) -> str:
    """`CANCEL`, or the number of a code that has no name."""
    return ERROR_NAMES[code] if code < len(ERROR_NAMES) else f"0x{code:x}"


class FrameHeader(Struct, rfc="9113 §4.1"):
    length: int = field(u24())
    type: FrameType = field(u8(FrameType))
    flags: int = field(u8())
    stream_identifier: int = field(u32())


class PadLength(Struct, rfc="9113 §6.1"):
    pad_length: int = field(u8())


class PriorityFields(Struct, rfc="9113 §6.3"):
    """`stream_dependency` has the exclusive flag as its highest bit."""

    stream_dependency: int = field(u32())
    weight: int = field(u8())


class RstStream(Struct, rfc="9113 §6.4"):
    error_code: int = field(u32())


class SettingValue(Struct, rfc="9113 §6.5.1"):
    identifier: Setting = field(u16(Setting))
    value: int = field(u32())


class Settings(Struct, rfc="9113 §6.5"):
    settings: tuple[SettingValue, ...] = field(items(struct(SettingValue)))


class PromisedStream(Struct, rfc="9113 §6.6"):
    promised_stream_identifier: int = field(u32())


class Ping(Struct, rfc="9113 §6.7"):
    opaque_data: bytes = field(fixed(8))


class GoAway(Struct, rfc="9113 §6.8"):
    last_stream_identifier: int = field(u32())
    error_code: int = field(u32())
    additional_debug_data: bytes = field(rest())


class WindowUpdate(Struct, rfc="9113 §6.9"):
    window_size_increment: int = field(u32())


PAYLOADS: dict[FrameType, type[Struct]] = {
    FrameType.PRIORITY: PriorityFields,
    FrameType.RST_STREAM: RstStream,
    FrameType.SETTINGS: Settings,
    FrameType.PING: Ping,
    FrameType.GOAWAY: GoAway,
    FrameType.WINDOW_UPDATE: WindowUpdate,
}
"""The types whose payload is one structure. DATA and what carries header fields are parted by `parts_of`."""


@value
class Parts:
    """Where in a payload what is: `[start, end)` of its content, behind what stands before it and before padding.

    `priority` and `promised` are the offsets of those structures, None where they are not there. `malformed` says why
    the payload is not what its flags say.
    """

    start: int
    end: int
    priority: int | None = None
    promised: int | None = None
    malformed: Sentence | None = None


def parts_of(type_: FrameType, flags: int, payload: bytes, length: int) -> Parts:
    """The parts of a DATA, HEADERS, PUSH_PROMISE or CONTINUATION of `length` bytes; the first bytes of it are enough.

    RFC 9113 §6.1, §6.2, §6.6, §6.10.
    """
    start, padding = 0, 0
    priority = promised = None
    if flags & PADDED and type_ in PADDABLE:
        start, padding = 1, payload[0] if payload else 0
    if type_ is FrameType.HEADERS and flags & PRIORITY_FLAG:
        priority, start = start, start + 5
    if type_ is FrameType.PUSH_PROMISE:
        promised, start = start, start + 4
    end = length - padding
    if start > end:
        what = "{length} bytes, and {besides} in padding and what precedes it"
        return Parts(length, length, malformed=Sentence(what, length=length, besides=start + padding))
    return Parts(start, end, priority, promised)


PADDABLE = (FrameType.DATA, FrameType.HEADERS, FrameType.PUSH_PROMISE)
