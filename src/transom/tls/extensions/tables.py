"""Which extension may stand in which message (RFC 8446 §4.2's table, and TLS 1.2's ServerHello)."""

from __future__ import annotations

from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.application_settings import (
    ApplicationSettings,
    ApplicationSettingsOfServer,
    ApplicationSettingsOfServerOld,
    ApplicationSettingsOld,
    NextProtocolNegotiation,
    QuicTransportParameters,
)
from transom.tls.extensions.base import table
from transom.tls.extensions.certificates import (
    CertificateAuthorities,
    CertificateCompressionAlgorithms,
    ClientCertificateTypeChosen,
    ClientCertificateTypes,
    OidFilters,
    PostHandshakeAuth,
    ServerCertificateTypeChosen,
    ServerCertificateTypes,
)
from transom.tls.extensions.cookie import Cookie
from transom.tls.extensions.encrypted_client_hello import (
    EchClientHello,
    EchHelloRetryRequest,
    EchRetryConfigs,
)
from transom.tls.extensions.key_share import (
    KeyShareClientHello,
    KeyShareHelloRetryRequest,
    KeyShareServerHello,
)
from transom.tls.extensions.pre_shared_key import (
    EarlyDataIndication,
    EarlyDataTicket,
    OfferedPsks,
    PskKeyExchangeModes,
    SelectedPsk,
)
from transom.tls.extensions.server_name import ServerNameAcknowledged, ServerNameList
from transom.tls.extensions.session import (
    EncryptThenMac,
    ExtendedMasterSecret,
    RenegotiationInfo,
    SessionTicket,
)
from transom.tls.extensions.signature_algorithms import (
    DelegatedCredentialSchemes,
    SignatureSchemeList,
    SignatureSchemeListCert,
)
from transom.tls.extensions.sizes import Heartbeat, MaxFragmentLengthRequest, Padding, RecordSizeLimit
from transom.tls.extensions.status import (
    CertificateStatusPromised,
    CertificateStatusRequest,
    CertificateStatusRequestListV2,
    ClientStatusRequest,
    SctRequest,
    SignedCertificateTimestampList,
    StapledStatus,
)
from transom.tls.extensions.supported_groups import ECPointFormatList, NamedGroupList
from transom.tls.extensions.supported_versions import (
    SupportedVersionsClientHello,
    SupportedVersionsServerHello,
)
from transom.tls.extensions.token_binding import ChannelId, TokenBindingParameters

IN_CLIENT_HELLO = table(
    ApplicationSettings,
    ApplicationSettingsOld,
    CertificateAuthorities,
    CertificateCompressionAlgorithms,
    CertificateStatusRequest,
    CertificateStatusRequestListV2,
    ChannelId,
    ClientCertificateTypes,
    Cookie,
    DelegatedCredentialSchemes,
    ECPointFormatList,
    EarlyDataIndication,
    EchClientHello,
    EncryptThenMac,
    ExtendedMasterSecret,
    Heartbeat,
    KeyShareClientHello,
    MaxFragmentLengthRequest,
    NamedGroupList,
    NextProtocolNegotiation,
    OfferedPsks,
    Padding,
    PostHandshakeAuth,
    ProtocolNameList,
    PskKeyExchangeModes,
    QuicTransportParameters,
    RecordSizeLimit,
    RenegotiationInfo,
    SctRequest,
    ServerCertificateTypes,
    ServerNameList,
    SessionTicket,
    SignatureSchemeList,
    SignatureSchemeListCert,
    SupportedVersionsClientHello,
    TokenBindingParameters,
)

IN_SERVER_HELLO_13 = table(KeyShareServerHello, SelectedPsk, SupportedVersionsServerHello)

IN_SERVER_HELLO_12 = table(
    # Most of these moved to EncryptedExtensions and Certificate in TLS 1.3.
    CertificateStatusPromised,
    ChannelId,
    ECPointFormatList,
    EncryptThenMac,
    ExtendedMasterSecret,
    Heartbeat,
    MaxFragmentLengthRequest,
    NextProtocolNegotiation,
    ProtocolNameList,
    RecordSizeLimit,
    RenegotiationInfo,
    ServerNameAcknowledged,
    SessionTicket,
    SignedCertificateTimestampList,
    TokenBindingParameters,
)

IN_SERVER_HELLO = {**IN_SERVER_HELLO_12, **IN_SERVER_HELLO_13}
"""Which version it is stands in one of them, so decoding takes those of both."""

IN_HELLO_RETRY_REQUEST = table(Cookie, EchHelloRetryRequest, KeyShareHelloRetryRequest, SupportedVersionsServerHello)

IN_ENCRYPTED_EXTENSIONS = table(
    ApplicationSettingsOfServer,
    ApplicationSettingsOfServerOld,
    ClientCertificateTypeChosen,
    EarlyDataIndication,
    EchRetryConfigs,
    Heartbeat,
    MaxFragmentLengthRequest,
    NamedGroupList,
    ProtocolNameList,
    QuicTransportParameters,
    RecordSizeLimit,
    ServerCertificateTypeChosen,
    ServerNameAcknowledged,
)

IN_CERTIFICATE = table(SignedCertificateTimestampList, StapledStatus)

IN_CERTIFICATE_REQUEST = table(
    CertificateAuthorities,
    CertificateCompressionAlgorithms,
    ClientStatusRequest,
    OidFilters,
    SctRequest,
    SignatureSchemeList,
    SignatureSchemeListCert,
)

IN_NEW_SESSION_TICKET = table(EarlyDataTicket)
