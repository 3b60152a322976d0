"""signature_algorithms and signature_algorithms_cert (RFC 8446 §4.2.3), delegated_credential's list (RFC 9345)."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.wire.codec import u16, vector
from transom.wire.struct import field


class SignatureSchemeList(ExtensionBody, rfc="8446 §4.2.3", type=ExtensionType.signature_algorithms):
    """The schemes a side can verify, most preferred first."""

    supported_signature_algorithms: tuple[SignatureScheme, ...] = field(vector(u16(SignatureScheme), 2, 2**16 - 2))


class SignatureSchemeListCert(ExtensionBody, rfc="8446 §4.2.3", type=ExtensionType.signature_algorithms_cert):
    """The same for the signatures inside certificates."""

    supported_signature_algorithms: tuple[SignatureScheme, ...] = field(vector(u16(SignatureScheme), 2, 2**16 - 2))


class DelegatedCredentialSchemes(ExtensionBody, rfc="9345 §4.1.1", type=ExtensionType.delegated_credential):
    """The schemes a client takes in a delegated credential."""

    supported_signature_algorithms: tuple[SignatureScheme, ...] = field(vector(u16(SignatureScheme), 2, 2**16 - 2))
