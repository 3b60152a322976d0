"""The object identifiers that certificates are full of, under the names that Wireshark shows."""

from __future__ import annotations

from collections.abc import Mapping

BASIC_CONSTRAINTS = "2.5.29.19"
SUBJECT_ALT_NAME = "2.5.29.17"
RSA_ENCRYPTION = "1.2.840.113549.1.1.1"

_NAMES: Mapping[str, str] = {
    # Attributes of names: RFC 4519, RFC 5280 appendix A.
    "2.5.4.3": "id-at-commonName",
    "2.5.4.4": "id-at-surname",
    "2.5.4.5": "id-at-serialNumber",
    "2.5.4.6": "id-at-countryName",
    "2.5.4.7": "id-at-localityName",
    "2.5.4.8": "id-at-stateOrProvinceName",
    "2.5.4.9": "id-at-streetAddress",
    "2.5.4.10": "id-at-organizationName",
    "2.5.4.11": "id-at-organizationalUnitName",
    "2.5.4.15": "id-at-businessCategory",
    "2.5.4.17": "id-at-postalCode",
    "2.5.4.97": "id-at-organizationIdentifier",
    "1.2.840.113549.1.9.1": "pkcs-9-at-emailAddress",
    "0.9.2342.19200300.100.1.25": "dc",
    # Certificate extensions: RFC 5280 §4.2, RFC 6962 §3.3, RFC 7633.
    "2.5.29.14": "id-ce-subjectKeyIdentifier",
    "2.5.29.15": "id-ce-keyUsage",
    SUBJECT_ALT_NAME: "id-ce-subjectAltName",
    "2.5.29.18": "id-ce-issuerAltName",
    BASIC_CONSTRAINTS: "id-ce-basicConstraints",
    "2.5.29.30": "id-ce-nameConstraints",
    "2.5.29.31": "id-ce-cRLDistributionPoints",
    "2.5.29.32": "id-ce-certificatePolicies",
    "2.5.29.35": "id-ce-authorityKeyIdentifier",
    "2.5.29.37": "id-ce-extKeyUsage",
    "1.3.6.1.5.5.7.1.1": "id-pe-authorityInfoAccess",
    "1.3.6.1.5.5.7.1.24": "id-pe-tlsfeature",
    "1.3.6.1.4.1.11129.2.4.2": "SignedCertificateTimestampList",
    "2.16.840.1.113730.1.1": "ns_cert_exts.cert_type",
    "2.16.840.1.113730.1.13": "ns_cert_exts.comment",
    # Keys: RFC 3279 §2.3, RFC 5480 §2.1.1, RFC 8410 §3.
    RSA_ENCRYPTION: "rsaEncryption",
    "1.2.840.10040.4.1": "id-dsa",
    "1.2.840.10045.2.1": "id-ecPublicKey",
    "1.2.840.10045.3.1.7": "secp256r1",
    "1.3.132.0.34": "secp384r1",
    "1.3.132.0.35": "secp521r1",
    "1.3.101.112": "id-Ed25519",
    "1.3.101.113": "id-Ed448",
    # Signatures: RFC 4055 §5, RFC 5758 §3.
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.10": "id-RSASSA-PSS",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.10040.4.3": "id-dsa-with-sha1",
    "2.16.840.1.101.3.4.3.2": "id-dsa-with-sha256",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "2.16.840.1.101.3.4.3.17": "id-ml-dsa-44",
    "2.16.840.1.101.3.4.3.18": "id-ml-dsa-65",
    "2.16.840.1.101.3.4.3.19": "id-ml-dsa-87",
}


def oid_name(dotted: str) -> str:
    """Its name, or the numbers themselves."""
    return _NAMES.get(dotted, dotted)


def oid_with_name(dotted: str) -> str:
    """`2.5.4.3 (id-at-commonName)`; the numbers alone where there is no name."""
    name = _NAMES.get(dotted)
    return f"{dotted} ({name})" if name else dotted
