"""Fingerprints of a TLS stack by the hellos it sends: JA3, JA3S and JA4.

JA3 and JA3S follow github.com/salesforce/ja3 (README), JA4 follows github.com/FoxIO-LLC/ja4
(technical_details/JA4.md), both BSD-3. All of them drop GREASE (RFC 8701) wherever it stands. A fingerprint is of the
first ClientHello of a connection: after a HelloRetryRequest the second differs, and a resumed handshake has another
JA4 than a full one, since pre_shared_key counts as an extension.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.signature_algorithms import SignatureSchemeList
from transom.tls.extensions.supported_groups import ECPointFormatList, NamedGroupList
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.wire.codepoint import CodePoint

C = TypeVar("C", bound=CodePoint)

_NO_LIST = "0" * 12
_JA4_VERSIONS = {
    ProtocolVersion.TLSv1_3: "13",
    ProtocolVersion.TLSv1_2: "12",
    ProtocolVersion.TLSv1_1: "11",
    ProtocolVersion.TLSv1: "10",
    ProtocolVersion.SSLv3: "s3",
    ProtocolVersion.SSLv2: "s2",
}
_NAMED_APART = (ExtensionType.server_name, ExtensionType.application_layer_protocol_negotiation)


def ja3_full(hello: ClientHello) -> str:
    """`version,suites,extensions,groups,point formats`: decimal, in wire order, the version being the legacy one."""
    groups = hello.extensions.get(NamedGroupList)
    formats = hello.extensions.get(ECPointFormatList)
    lists: tuple[Iterable[CodePoint], ...] = (
        hello.cipher_suites,
        hello.extensions.types,
        groups.named_group_list if groups else (),
        formats.ec_point_format_list if formats else (),
    )
    return ",".join((str(int(hello.legacy_version)), *map(_decimal, lists)))


def ja3(hello: ClientHello) -> str:
    """The MD5 of `ja3_full`, in hex."""
    return _md5(ja3_full(hello))


def ja3s_full(hello: ServerHello) -> str:
    """`version,suite,extensions` of the answer."""
    return f"{int(hello.legacy_version)},{int(hello.cipher_suite)},{_decimal(hello.extensions.types)}"


def ja3s(hello: ServerHello) -> str:
    """The MD5 of `ja3s_full`, in hex."""
    return _md5(ja3s_full(hello))


def ja4(hello: ClientHello) -> str:
    """`t13d1516h2_8daaf6152771_e5627efa2ab1`: a readable part, the suites, the extensions and signature schemes."""
    suites = sorted(_codes(hello.cipher_suites))
    extensions = sorted(_codes(kind for kind in hello.extensions.types if kind not in _NAMED_APART))
    return f"{_ja4_a(hello)}_{_digest(','.join(suites))}_{_digest(_with_schemes(extensions, hello))}"


def _ja4_a(hello: ClientHello) -> str:
    version = _JA4_VERSIONS.get(max(_no_grease(hello.versions), default=hello.legacy_version), "00")
    named = "d" if ExtensionType.server_name in hello.extensions else "i"
    suites = min(len(_no_grease(hello.cipher_suites)), 99)
    extensions = min(len(_no_grease(hello.extensions.types)), 99)
    return f"t{version}{named}{suites:02}{extensions:02}{_ja4_alpn(hello)}"


def _ja4_alpn(hello: ClientHello) -> str:
    """The ends of the first protocol name: its characters if both are ASCII letters or digits, else hex digits."""
    offered = hello.extensions.get(ProtocolNameList)
    if offered is None or not offered.protocol_name_list:
        return "00"
    name = offered.protocol_name_list[0]
    ends = name[:1] + name[-1:]
    if ends.isalnum():  # of bytes: ASCII letters and digits alone
        return ends.decode("ascii")
    return name.hex()[0] + name.hex()[-1]


def _with_schemes(extensions: Sequence[str], hello: ClientHello) -> str:
    schemes = hello.extensions.get(SignatureSchemeList)
    codes = _codes(schemes.supported_signature_algorithms) if schemes else []
    return ",".join(extensions) + ("_" + ",".join(codes) if codes else "") if extensions else ""


def _no_grease(points: Iterable[C]) -> list[C]:
    return [point for point in points if not point.is_grease]


def _decimal(points: Iterable[CodePoint]) -> str:
    return "-".join(str(int(point)) for point in _no_grease(points))


def _codes(points: Iterable[CodePoint]) -> list[str]:
    return [f"{int(point):04x}" for point in _no_grease(points)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else _NO_LIST


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
