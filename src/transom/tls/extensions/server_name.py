"""server_name: which of the server's names the client wants, readable by anyone on the path (RFC 6066 §3)."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.small import NameType
from transom.wire.codec import opaque, u8, vector
from transom.wire.struct import Struct, field, struct


class ServerName(Struct, rfc="6066 §3"):
    """One name; `host_name` is ASCII without a trailing dot."""

    name_type: NameType = field(u8(NameType))
    host_name: bytes = field(opaque(1, 2**16 - 1))


class ServerNameList(ExtensionBody, rfc="6066 §3", type=ExtensionType.server_name):
    """What a client sends; in practice exactly one host name."""

    server_name_list: tuple[ServerName, ...] = field(vector(struct(ServerName), 1, 2**16 - 1))


class ServerNameAcknowledged(ExtensionBody, rfc="6066 §3", type=ExtensionType.server_name):
    """What a server answers: empty, the name was used."""
