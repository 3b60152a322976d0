"""One instance, at least, of every structure that TLS declares: what the tests of all structures go over."""

from __future__ import annotations

from collections.abc import Iterator

from transom.tls.extensions import (
    alpn,
    application_settings,
    certificates,
    cookie,
    key_share,
    server_name,
    session,
    sizes,
    status,
    supported_groups,
    supported_versions,
    token_binding,
)
from transom.tls.extensions import encrypted_client_hello as ech
from transom.tls.extensions import pre_shared_key as psk
from transom.tls.extensions import signature_algorithms as schemes
from transom.tls.extensions.base import Extension, ExtensionBody, Extensions
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import ECCurveType, ECPointFormat, NamedGroup
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.small import (
    CertificateCompressionAlgorithm,
    CertificateStatusType,
    CertificateType,
    ClientCertificateType,
    CompressionMethod,
    EchClientHelloType,
    HeartbeatMode,
    HpkeAead,
    HpkeKdf,
    KeyUpdateRequest,
    MaxFragmentLength,
    NameType,
    PskKeyExchangeMode,
)
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages import certificate, ending, hello, key_exchange, not_handshake
from transom.wire.struct import Struct

_SCHEMES = (SignatureScheme.ecdsa_secp256r1_sha256, SignatureScheme(0x0A0A))
_OCSP = CertificateStatusType.ocsp
_SHARE = key_share.KeyShareEntry(group=NamedGroup.x25519, key_exchange=bytes(32))
_HOST = server_name.ServerName(name_type=NameType.host_name, host_name=b"files.example")
_PROTOCOLS = (b"h2", b"http/1.1")

CLIENT_HELLO_EXTENSIONS: tuple[ExtensionBody, ...] = (
    server_name.ServerNameList(server_name_list=(_HOST,)),
    alpn.ProtocolNameList(protocol_name_list=_PROTOCOLS),
    application_settings.ApplicationSettings(supported_protocols=_PROTOCOLS),
    application_settings.ApplicationSettingsOld(supported_protocols=()),
    application_settings.NextProtocolNegotiation(protocols=b"\x06spdy/3"),
    application_settings.QuicTransportParameters(parameters=b"\x01\x02"),
    certificates.CertificateAuthorities(authorities=(b"\x30\x00",)),
    certificates.PostHandshakeAuth(),
    certificates.CertificateCompressionAlgorithms(algorithms=(CertificateCompressionAlgorithm.brotli,)),
    certificates.ClientCertificateTypes(client_certificate_types=(CertificateType.X509,)),
    certificates.ServerCertificateTypes(server_certificate_types=(CertificateType.RawPublicKey,)),
    cookie.Cookie(cookie=b"cookie"),
    ech.EchClientHello(
        ech_type=EchClientHelloType.outer,
        outer=ech.EchOuter(
            kdf_id=HpkeKdf.HKDF_SHA256, aead_id=HpkeAead.AES_128_GCM, config_id=7, enc=bytes(32), payload=b"sealed"
        ),
    ),
    key_share.KeyShareClientHello(client_shares=(_SHARE,)),
    psk.PskKeyExchangeModes(ke_modes=(PskKeyExchangeMode.psk_dhe_ke,)),
    psk.EarlyDataIndication(),
    session.SessionTicket(ticket=b"ticket"),
    session.RenegotiationInfo(renegotiated_connection=b""),
    session.ExtendedMasterSecret(),
    session.EncryptThenMac(),
    schemes.SignatureSchemeList(supported_signature_algorithms=_SCHEMES),
    schemes.SignatureSchemeListCert(supported_signature_algorithms=_SCHEMES),
    schemes.DelegatedCredentialSchemes(supported_signature_algorithms=_SCHEMES),
    sizes.Padding(padding=bytes(5)),
    sizes.MaxFragmentLengthRequest(max_fragment_length=MaxFragmentLength.two_to_the_9),
    sizes.RecordSizeLimit(record_size_limit=0x4001),
    sizes.Heartbeat(mode=HeartbeatMode.peer_not_allowed_to_send),
    status.CertificateStatusRequest(
        status_type=CertificateStatusType.ocsp, responder_id_list=(b"responder",), request_extensions=b""
    ),
    status.CertificateStatusRequestListV2(
        certificate_status_req_list=(
            status.CertificateStatusRequestItem(status_type=CertificateStatusType.ocsp_multi, request=bytes(4)),
        )
    ),
    status.SctRequest(),
    supported_groups.NamedGroupList(named_group_list=(NamedGroup.x25519, NamedGroup(0x2A2A))),
    supported_groups.ECPointFormatList(ec_point_format_list=(ECPointFormat.uncompressed,)),
    supported_versions.SupportedVersionsClientHello(versions=(ProtocolVersion.TLSv1_3, ProtocolVersion.TLSv1_2)),
    token_binding.TokenBindingParameters(major=1, minor=0, key_parameters_list=(2, 0)),
    token_binding.ChannelId(),
    psk.OfferedPsks(
        identities=(psk.PskIdentity(identity=b"ticket", obfuscated_ticket_age=77),), binders=(bytes(32), bytes(48))
    ),
)

SERVER_HELLO_EXTENSIONS: tuple[ExtensionBody, ...] = (
    key_share.KeyShareServerHello(server_share=_SHARE),
    psk.SelectedPsk(selected_identity=1),
    supported_versions.SupportedVersionsServerHello(selected_version=ProtocolVersion.TLSv1_3),
    status.CertificateStatusPromised(),
    status.SignedCertificateTimestampList(sct_list=(b"timestamp",)),
    server_name.ServerNameAcknowledged(),
)

RETRY_REQUEST_EXTENSIONS: tuple[ExtensionBody, ...] = (
    key_share.KeyShareHelloRetryRequest(selected_group=NamedGroup.secp384r1),
    ech.EchHelloRetryRequest(confirmation=bytes(8)),
)

ENCRYPTED_EXTENSIONS: tuple[ExtensionBody, ...] = (
    application_settings.ApplicationSettingsOfServer(settings=b"settings"),
    application_settings.ApplicationSettingsOfServerOld(settings=b"old"),
    certificates.ClientCertificateTypeChosen(client_certificate_type=CertificateType.X509),
    certificates.ServerCertificateTypeChosen(server_certificate_type=CertificateType.X509),
    ech.EchRetryConfigs(retry_configs=bytes(6)),
)

_UNKNOWN = Extension(ExtensionType(0xABCD), b"unknown")


def _block(*bodies: ExtensionBody, unknown: bool = False) -> Extensions:
    known = Extensions.of(*bodies)
    return Extensions((*known.items, _UNKNOWN)) if unknown else known


def _server_hello(random: bytes, bodies: tuple[ExtensionBody, ...]) -> hello.ServerHello:
    return hello.ServerHello(
        legacy_version=ProtocolVersion.TLSv1_2,
        random=random,
        legacy_session_id_echo=bytes(32),
        cipher_suite=CipherSuite.TLS_AES_128_GCM_SHA256,
        legacy_compression_method=CompressionMethod.null,
        extensions=_block(*bodies, unknown=True),
    )


CLIENT_HELLO = hello.ClientHello(
    legacy_version=ProtocolVersion.TLSv1_2,
    random=bytes(range(32)),
    legacy_session_id=bytes(8),
    cipher_suites=(CipherSuite(0x1A1A), CipherSuite.TLS_AES_128_GCM_SHA256),
    legacy_compression_methods=(CompressionMethod.null,),
    extensions=_block(*CLIENT_HELLO_EXTENSIONS[:-1], unknown=True),
)
SERVER_HELLO = _server_hello(bytes(32), SERVER_HELLO_EXTENSIONS)
HELLO_RETRY_REQUEST = _server_hello(hello.HELLO_RETRY_REQUEST_RANDOM, RETRY_REQUEST_EXTENSIONS)

_ENTRY = certificate.CertificateEntry(
    cert_data=b"\x30\x00", extensions=_block(status.StapledStatus(status_type=_OCSP, response=b"OCSP"), unknown=True)
)
_ECDH = key_exchange.ServerECDHParams(
    curve_type=ECCurveType.named_curve, named_curve=NamedGroup.secp256r1, public=b"\x04" + bytes(64)
)
_DH = key_exchange.ServerDHParams(dh_p=b"\x17", dh_g=b"\x02", dh_Ys=b"\x05")
_SIGNED = key_exchange.DigitallySigned(algorithm=SignatureScheme.rsa_pkcs1_sha256, signature=b"signature")
_SIGNED_LEGACY = key_exchange.DigitallySignedLegacy(signature=b"signature")

MESSAGES: tuple[Struct, ...] = (
    CLIENT_HELLO,
    SERVER_HELLO,
    HELLO_RETRY_REQUEST,
    hello.HelloRequest(),
    certificate.Certificate12(certificate_list=(b"leaf", b"issuer")),
    certificate.Certificate13(certificate_request_context=b"", certificate_list=(_ENTRY, _ENTRY)),
    certificate.CompressedCertificate(
        algorithm=CertificateCompressionAlgorithm.zlib, uncompressed_length=9, compressed_certificate_message=b"zip"
    ),
    certificate.CertificateVerify(algorithm=SignatureScheme.ed25519, signature=bytes(64)),
    certificate.CertificateVerifyLegacy(signature=b"signature"),
    certificate.CertificateRequest12(
        certificate_types=(ClientCertificateType.ecdsa_sign,),
        supported_signature_algorithms=_SCHEMES,
        certificate_authorities=(b"\x30\x00",),
    ),
    certificate.CertificateRequestLegacy(
        certificate_types=(ClientCertificateType.rsa_sign,), certificate_authorities=()
    ),
    certificate.CertificateRequest13(
        certificate_request_context=b"ctx",
        extensions=_block(
            schemes.SignatureSchemeList(supported_signature_algorithms=_SCHEMES),
            certificates.OidFilters(
                filters=(certificates.OidFilter(certificate_extension_oid=b"\x55", certificate_extension_values=b"v"),)
            ),
        ),
    ),
    certificate.CertificateStatus(status_type=_OCSP, response=b"OCSP"),
    ending.EncryptedExtensions(extensions=_block(*ENCRYPTED_EXTENSIONS, unknown=True)),
    ending.ServerHelloDone(),
    ending.Finished(verify_data=bytes(32)),
    ending.NewSessionTicket12(ticket_lifetime_hint=300, ticket=b"ticket"),
    ending.NewSessionTicket13(
        ticket_lifetime=7200,
        ticket_age_add=99,
        ticket_nonce=b"\0",
        ticket=b"ticket",
        extensions=_block(psk.EarlyDataTicket(max_early_data_size=2**14)),
    ),
    ending.EndOfEarlyData(),
    ending.KeyUpdate(request_update=KeyUpdateRequest.update_requested),
    ending.NextProtocol(selected_protocol=b"spdy/3", padding=bytes(24)),
    key_exchange.ServerKeyExchangeECDHE(params=_ECDH, signed_params=_SIGNED),
    key_exchange.ServerKeyExchangeECDHELegacy(params=_ECDH, signed_params=_SIGNED_LEGACY),
    key_exchange.ServerKeyExchangeECDHAnon(params=_ECDH),
    key_exchange.ServerKeyExchangeDHE(params=_DH, signed_params=_SIGNED),
    key_exchange.ServerKeyExchangeDHELegacy(params=_DH, signed_params=_SIGNED_LEGACY),
    key_exchange.ServerKeyExchangeDHAnon(params=_DH),
    key_exchange.ClientKeyExchangeRSA(encrypted_pre_master_secret=bytes(256)),
    key_exchange.ClientKeyExchangeSSL3(encrypted_pre_master_secret=bytes(9)),
    key_exchange.ClientKeyExchangeECDHE(ecdh_Yc=bytes(32)),
    key_exchange.ClientKeyExchangeDHE(dh_Yc=bytes(32)),
    not_handshake.Alert(level=AlertLevel.fatal, description=AlertDescription.decode_error),
    not_handshake.ChangeCipherSpec(type=1),
)

EXTENSION_BODIES: tuple[ExtensionBody, ...] = (
    *CLIENT_HELLO_EXTENSIONS,
    *SERVER_HELLO_EXTENSIONS,
    *RETRY_REQUEST_EXTENSIONS,
    *ENCRYPTED_EXTENSIONS,
    ech.EchClientHello(ech_type=EchClientHelloType.inner, outer=None),
    certificates.OidFilters(filters=()),
    psk.EarlyDataTicket(max_early_data_size=0),
    status.ClientStatusRequest(),
    status.StapledStatus(status_type=_OCSP, response=b"OCSP"),
)

EVERYTHING: tuple[Struct, ...] = MESSAGES + EXTENSION_BODIES


def declared() -> Iterator[type[Struct]]:
    """Every structure that the TLS layer declares, those inside others included."""
    waiting = [Struct]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        yield from (kind for kind in kinds if kind.__module__.startswith("transom.tls."))


def inside(value: object) -> Iterator[Struct]:
    """The structure itself and all that its fields hold."""
    match value:
        case Struct():
            yield value
            for held in vars(value).values():
                yield from inside(held)
        case tuple():
            for held in value:
                yield from inside(held)
        case Extensions():
            for item in value:
                yield from inside(item.body)
        case _:
            pass
