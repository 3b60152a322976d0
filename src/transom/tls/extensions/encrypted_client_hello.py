"""encrypted_client_hello: the real hello, sealed inside an outer one (RFC 9849 §5)."""

from __future__ import annotations

from transom.errors import DecodeError, UsageError
from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.small import EchClientHelloType, HpkeAead, HpkeKdf
from transom.wire.codec import Codec, fixed, opaque, rest, u8, u16
from transom.wire.reader import Reader
from transom.wire.struct import Struct, field
from transom.wire.tree import Node


class EchOuter(Struct, rfc="9849 §5"):
    """What the path sees: which key it is for, and the sealed inner hello."""

    kdf_id: HpkeKdf = field(u16(HpkeKdf))
    aead_id: HpkeAead = field(u16(HpkeAead))
    config_id: int = field(u8())
    enc: bytes = field(opaque(0, 2**16 - 1))
    payload: bytes = field(opaque(1, 2**16 - 1))


class _OuterIfOuter(Codec["EchOuter | None"]):
    """select (ECHClientHello.type): outer has five fields, inner has none."""

    def read(self, reader: Reader, tree: Node | None, name: str) -> EchOuter | None:  # noqa: ARG002 (its fields stand beside ech_type)
        kind = EchClientHelloType(reader.data[reader.pos - 1])
        if kind is EchClientHelloType.inner:
            return None
        if kind is not EchClientHelloType.outer:
            raise DecodeError("type {kind:d} is neither outer (0) nor inner (1)", kind=kind, offset=reader.pos - 1)
        return EchOuter.read(reader, tree)

    def write(self, value: EchOuter | None, out: bytearray) -> None:
        if (value is None) != (out[-1] == EchClientHelloType.inner):
            raise UsageError("an outer ECH extension has a body, an inner one has none")
        if value is not None:
            value.write(out)


class EchClientHello(ExtensionBody, rfc="9849 §5", type=ExtensionType.encrypted_client_hello):
    """In a ClientHello: `outer` is None in the inner hello."""

    ech_type: EchClientHelloType = field(u8(EchClientHelloType))
    outer: EchOuter | None = field(_OuterIfOuter())


class EchRetryConfigs(ExtensionBody, rfc="9849 §5", type=ExtensionType.encrypted_client_hello):
    """In EncryptedExtensions: the keys to try again with."""

    retry_configs: bytes = field(rest(4))


class EchHelloRetryRequest(ExtensionBody, rfc="9849 §5", type=ExtensionType.encrypted_client_hello):
    """In a HelloRetryRequest: eight bytes that say whether the inner hello was read."""

    confirmation: bytes = field(fixed(8))
