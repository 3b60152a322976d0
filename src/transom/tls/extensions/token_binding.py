"""token_binding and channel_id: two ways Chrome once tied what a session carries to a key of the client's."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.wire.codec import u8, vector
from transom.wire.struct import field


class TokenBindingParameters(ExtensionBody, rfc="8472 §2", type=ExtensionType.token_binding):
    """The version of the protocol, and the kinds of key on offer or, from the server, the one chosen."""

    major: int = field(u8())
    minor: int = field(u8())
    key_parameters_list: tuple[int, ...] = field(vector(u8(), 1, 2**8 - 1))


class ChannelId(ExtensionBody, rfc="draft-balfanz-tls-channelid §3", type=ExtensionType.channel_id):
    """Empty in both hellos: the client will sign with a key of its own."""
