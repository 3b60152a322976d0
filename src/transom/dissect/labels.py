"""From the RFCs' names of fields to the labels that Wireshark shows: a row each, and a rule for all the others.

A row is found by `Structure.field` (in an extension: by the extension's name), else by `field` alone. A structure that
has no row is shown under its own names, spelled as titles, so that a new declaration needs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping

from transom.value import value


@value
class Label:
    """How a field is called.

    `item` is one entry of a list, `unit` what its entries are counted in ("suite"; "byte" counts bytes), `length` the
    length prefix in front of it. `text` says that the bytes are meant to be read.
    """

    name: str
    item: str | None = None
    unit: str = "item"
    length: str | None = None
    text: bool = False

    @property
    def of_length(self) -> str:
        return self.length or f"{self.name} Length"


def label(owner: str, field: str) -> Label:
    """The label of `owner`'s `field`."""
    return _LABELS.get(f"{owner}.{field}") or _LABELS.get(field) or Label(titled(field))


def titled(name: str) -> str:
    """`named_group_list` as `Named Group List`."""
    words = name.removeprefix("legacy_").replace("_", " ").split()
    return " ".join(word if word.isupper() else word[:1].upper() + word[1:] for word in words)


_ALPN = Label("ALPN Protocol", "ALPN Next Protocol", "protocol", "ALPN Extension Length", text=True)
_SIGNATURE_ALGORITHMS = Label("Signature Hash Algorithms", "Signature Algorithm", "algorithm")

_LABELS: Mapping[str, Label] = {
    "legacy_version": Label("Version"),
    "legacy_session_id": Label("Session ID"),
    "legacy_session_id_echo": Label("Session ID"),
    "cipher_suites": Label("Cipher Suites", "Cipher Suite", "suite"),
    "legacy_compression_methods": Label("Compression Methods", "Compression Method", "method"),
    "server_name.server_name_list": Label("Server Name list", "Server Name entry", length="Server Name list length"),
    "name_type": Label("Server Name Type"),
    "host_name": Label("Server Name", length="Server Name length", text=True),
    "named_group_list": Label("Supported Groups", "Supported Group", "group", "Supported Groups List Length"),
    "ec_point_format_list": Label(
        "Elliptic curves point formats", "EC point format", "format", "EC point formats Length"
    ),
    "supported_signature_algorithms": _SIGNATURE_ALGORITHMS,
    "protocol_name_list": _ALPN,
    "supported_protocols": Label("Supported ALPN List", "Supported ALPN", "protocol", "ALPS Extension Length", True),
    "supported_versions.versions": Label("Supported Versions", "Supported Version", "version"),
    "selected_version": Label("Supported Version"),
    "client_shares": Label("Key Share Entries", "Key Share Entry", "share", "Client Key Share Length"),
    "server_share": Label("Key Share Entry"),
    "ke_modes": Label("PSK Key Exchange Modes", "PSK Key Exchange Mode", "mode"),
    "renegotiated_connection": Label("Renegotiation info", length="Renegotiation info extension length"),
    "status_request.status_type": Label("Certificate Status Type"),
    "responder_id_list": Label("Responder ID list", "Responder ID"),
    "compress_certificate.algorithms": Label("Algorithms", "Algorithm", "algorithm"),
    "padding": Label("Padding Data"),
    "Certificate12.certificate_list": Label("Certificates", "Certificate", "byte"),
    "Certificate13.certificate_list": Label("Certificates", "Certificate entry", "byte"),
    "cert_data": Label("Certificate"),
    "CertificateVerify.algorithm": Label("Signature Algorithm"),
    "DigitallySigned.algorithm": Label("Signature Algorithm"),
    "public": Label("Pubkey"),
    "ecdh_Yc": Label("Pubkey"),
    "dh_Yc": Label("Pubkey"),
    "dh_Ys": Label("Pubkey"),
    "dh_p": Label("p"),
    "dh_g": Label("g"),
    "encrypted_pre_master_secret": Label("Encrypted PreMaster", length="Encrypted PreMaster length"),
    "verify_data": Label("Verify Data"),
    "ticket": Label("Session Ticket"),
    "ticket_lifetime_hint": Label("Session Ticket Lifetime Hint"),
    "ticket_lifetime": Label("Session Ticket Lifetime"),
    "ticket_age_add": Label("Session Ticket Age Add"),
    "ticket_nonce": Label("Session Ticket Nonce"),
}

GROUPED: Mapping[str, str] = {
    "ClientKeyExchangeRSA": "RSA Encrypted PreMaster Secret",
    "ClientKeyExchangeSSL3": "RSA Encrypted PreMaster Secret",
    "ClientKeyExchangeECDHE": "EC Diffie-Hellman Client Params",
    "ClientKeyExchangeDHE": "Diffie-Hellman Client Params",
    "ServerKeyExchangeECDHE": "EC Diffie-Hellman Server Params",
    "ServerKeyExchangeECDHELegacy": "EC Diffie-Hellman Server Params",
    "ServerKeyExchangeECDHAnon": "EC Diffie-Hellman Server Params",
    "ServerKeyExchangeDHE": "Diffie-Hellman Server Params",
    "ServerKeyExchangeDHELegacy": "Diffie-Hellman Server Params",
    "ServerKeyExchangeDHAnon": "Diffie-Hellman Server Params",
}
"""Messages whose fields stand under one more heading."""

FLATTENED = frozenset(
    {"ServerECDHParams", "ServerDHParams", "DigitallySigned", "DigitallySignedLegacy", "ServerName", "CertificateEntry"}
)
"""Structures without a heading of their own: their fields stand among those around them."""
