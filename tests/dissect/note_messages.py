"""The three messages whose trees the study note shows, encoded from their fields."""

from __future__ import annotations

from pathlib import Path

from tests.dissect.items import handshake
from transom.dissect.timeline import Message
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import Extension, ExtensionBody, Extensions
from transom.tls.extensions.key_share import KeyShareClientHello, KeyShareEntry
from transom.tls.extensions.pre_shared_key import PskKeyExchangeModes
from transom.tls.extensions.server_name import ServerName, ServerNameAcknowledged, ServerNameList
from transom.tls.extensions.session import ExtendedMasterSecret, RenegotiationInfo
from transom.tls.extensions.signature_algorithms import SignatureSchemeList
from transom.tls.extensions.sizes import Padding
from transom.tls.extensions.status import CertificateStatusRequest, SctRequest
from transom.tls.extensions.supported_groups import ECPointFormatList, NamedGroupList
from transom.tls.extensions.supported_versions import SupportedVersionsClientHello
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import ECPointFormat, NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.small import CertificateStatusType, CompressionMethod, NameType, PskKeyExchangeMode
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.certificate import Certificate12
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.wire.tap import Side

FIXTURES = Path(__file__).parent / "fixtures"

SUITES = (
    0x7A7A, 0x1301, 0x1302, 0x1303, 0xC02C, 0xC02B, 0xCCA9, 0xC030, 0xC02F, 0xCCA8, 0xC00A, 0xC009, 0xC014, 0xC013,
    0x009D, 0x009C, 0x0035, 0x002F, 0xC008, 0xC012, 0x000A,
)  # fmt: skip
"""The note's list, with the code points that its names really have."""

GREASE = 0x1A1A


def client_hello() -> ClientHello:
    """A hello of 508 bytes: the padding extension fills it up to 512 with its header (RFC 7685 §1)."""
    bare = _client_hello(0)
    return _client_hello(508 - len(bare.encode()))


def _client_hello(padding: int) -> ClientHello:
    bodies: tuple[ExtensionBody, ...] = (
        ServerNameList(server_name_list=(ServerName(name_type=NameType.host_name, host_name=b"files.example"),)),
        ExtendedMasterSecret(),
        RenegotiationInfo(renegotiated_connection=b""),
        NamedGroupList(
            named_group_list=(
                NamedGroup(GREASE),
                NamedGroup.x25519,
                NamedGroup.secp256r1,
                NamedGroup.secp384r1,
                NamedGroup.secp521r1,
            )
        ),
        ECPointFormatList(ec_point_format_list=(ECPointFormat.uncompressed,)),
        ProtocolNameList(protocol_name_list=(b"h2", b"http/1.1")),
        CertificateStatusRequest(status_type=CertificateStatusType.ocsp, responder_id_list=(), request_extensions=b""),
        SignatureSchemeList(
            supported_signature_algorithms=(
                SignatureScheme.ecdsa_secp256r1_sha256,
                SignatureScheme.rsa_pss_rsae_sha256,
                SignatureScheme.rsa_pkcs1_sha256,
            )
        ),
        SctRequest(),
        KeyShareClientHello(
            client_shares=(
                KeyShareEntry(group=NamedGroup(GREASE), key_exchange=b"\0"),
                KeyShareEntry(group=NamedGroup.x25519, key_exchange=bytes(range(32))),
            )
        ),
        PskKeyExchangeModes(ke_modes=(PskKeyExchangeMode.psk_dhe_ke,)),
        SupportedVersionsClientHello(
            versions=(ProtocolVersion(GREASE), ProtocolVersion.TLSv1_3, ProtocolVersion.TLSv1_2)
        ),
        Padding(padding=bytes(padding)),
    )
    grease = Extension(ExtensionType(GREASE), b"")
    return ClientHello(
        legacy_version=ProtocolVersion.TLSv1_2,
        random=bytes.fromhex("f17225f14e937a2b2a28474daca742fc38738791f3b1cfc8a9cb5c72d2ec1f39"),
        legacy_session_id=bytes.fromhex("01c69c49433a74d6bd7075088701d4b85cc2d79c18ac37fafc1d37d749ca081d"),
        cipher_suites=tuple(map(CipherSuite, SUITES)),
        legacy_compression_methods=(CompressionMethod.null,),
        extensions=Extensions((grease, *Extensions.of(*bodies).items)),
    )


def server_hello() -> ServerHello:
    return ServerHello(
        legacy_version=ProtocolVersion.TLSv1_2,
        random=bytes.fromhex("74cf055c18d74c1c475d74c1c91d4ea14f97d6284527007cfa76cbba5b175bc7"),
        legacy_session_id_echo=bytes.fromhex("26335b5551090d4ce70d0daa7f30f3e2b6ee4c8a686b43d491a4d9fc53873a95"),
        cipher_suite=CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        legacy_compression_method=CompressionMethod.null,
        extensions=Extensions.of(
            ServerNameAcknowledged(),
            RenegotiationInfo(renegotiated_connection=b""),
            ECPointFormatList(
                ec_point_format_list=(
                    ECPointFormat.uncompressed,
                    ECPointFormat.ansiX962_compressed_prime,
                    ECPointFormat.ansiX962_compressed_char2,
                )
            ),
            ProtocolNameList(protocol_name_list=(b"http/1.1",)),
        ),
    )


def chain() -> tuple[bytes, ...]:
    return tuple((FIXTURES / f"{name}.der").read_bytes() for name in ("leaf", "intermediate", "root"))


def note_client_hello() -> Message:
    return handshake(
        HandshakeType.client_hello, client_hello(), side=Side.CLIENT, step=1, version=ProtocolVersion.TLSv1
    )


def note_server_hello() -> Message:
    return handshake(HandshakeType.server_hello, server_hello(), step=2)


def note_certificate() -> Message:
    return handshake(HandshakeType.certificate, Certificate12(certificate_list=chain()), step=3)
