"""A certificate as lines, field by field, under the names of RFC 5280 §4.1 that Wireshark shows too.

With one difference: the bits at its end are called what they are, a signature. Nothing in a certificate is encrypted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from transom.dissect.lines import Pen, counted, hex_text
from transom.dissect.oids import (
    BASIC_CONSTRAINTS,
    RSA_ENCRYPTION,
    SUBJECT_ALT_NAME,
    oid_name,
    oid_with_name,
)
from transom.errors import DecodeError
from transom.wire import der
from transom.wire.der import Element
from transom.wire.escape import escape

_VERSION = 0xA0
_EXTENSIONS = 0xA3
_VERSIONS = {"0": "v1 (0)", "1": "v2 (1)", "2": "v3 (2)"}


def write_certificate(pen: Pen, data: bytes, offset: int) -> None:
    """The lines of the certificate that begins at `offset` of the message; what does not parse is said so."""
    with pen.declared("5280 §4.1"):
        try:
            certificate = der.parse(data)
            pen.line(f"Certificate: {hex_text(data)} ({_subject(certificate)})", offset, len(data), data)
            with pen.beneath():
                _Writer(pen, offset).certificate(certificate)
        except DecodeError as error:
            pen.line(f"[Malformed certificate at byte {error.offset}: {error.what}]", offset, len(data))


def _subject(certificate: Element) -> str:
    return _name_text(_Fields(certificate.child(0, der.SEQUENCE)).subject)


class _Fields:
    """TBSCertificate's fields by name; the version in front of them may be missing (RFC 5280 §4.1.1)."""

    def __init__(self, tbs: Element) -> None:
        first = 1 if tbs.children and tbs.children[0].tag == _VERSION else 0
        self.version = tbs.children[0] if first else None
        self.serial_number = tbs.child(first, der.INTEGER)
        self.signature = tbs.child(first + 1, der.SEQUENCE)
        self.issuer = tbs.child(first + 2, der.SEQUENCE)
        self.validity = tbs.child(first + 3, der.SEQUENCE)
        self.subject = tbs.child(first + 4, der.SEQUENCE)
        self.public_key = tbs.child(first + 5, der.SEQUENCE)
        self.extensions = next((child for child in tbs if child.tag == _EXTENSIONS), None)


class _Writer:
    """Writes elements; `base` moves their offsets from the certificate to the message."""

    def __init__(self, pen: Pen, base: int) -> None:
        self._pen = pen
        self._base = base

    def _line(self, text: str, element: Element) -> None:
        self._pen.line(text, self._base + element.offset, element.length)

    def certificate(self, certificate: Element) -> None:
        tbs = certificate.child(0, der.SEQUENCE)
        self._line("signedCertificate", tbs)
        with self._pen.beneath(), self._pen.declared("5280 §4.1.2"):
            self._signed(_Fields(tbs))
        self._algorithm("algorithmIdentifier", certificate.child(1, der.SEQUENCE))
        signature = certificate.child(2, der.BIT_STRING)
        padding, octets = der.bits(signature)
        self._line(f"Padding: {padding}", signature)
        self._line(f"signature: {hex_text(octets)}", signature)

    def _signed(self, fields: _Fields) -> None:
        if fields.version:
            number = _number(fields.version.child(0, der.INTEGER))
            self._line(f"version: {_VERSIONS.get(number, number)}", fields.version)
        self._line(f"serialNumber: 0x{fields.serial_number.contents.hex()}", fields.serial_number)
        self._algorithm("signature", fields.signature)
        self._name("issuer", fields.issuer)
        self._line("validity", fields.validity)
        with self._pen.beneath():
            for name, moment in zip(("notBefore", "notAfter"), fields.validity, strict=False):
                self._line(f"{name}: {_time_text(moment)}", moment)
        self._name("subject", fields.subject)
        self._public_key(fields.public_key)
        if fields.extensions:
            self._extensions(fields.extensions.child(0, der.SEQUENCE))

    def _algorithm(self, name: str, identifier: Element) -> None:
        dotted = der.oid(identifier.child(0, der.OBJECT_IDENTIFIER))
        self._line(f"{name} ({oid_name(dotted)})", identifier)
        with self._pen.beneath():
            self._line(f"Algorithm Id: {oid_with_name(dotted)}", identifier.children[0])

    def _name(self, label: str, name: Element) -> None:
        self._line(f"{label}: rdnSequence (0)", name)
        with self._pen.beneath():
            self._line(f"rdnSequence: {counted(len(name.children), 'item')} ({_name_text(name)})", name)
            with self._pen.beneath():
                for item in name:
                    text = ",".join(_attributes(item))
                    self._line(f"RDNSequence item: {counted(len(item.children), 'item')} ({text})", item)

    def _public_key(self, info: Element) -> None:
        self._line("subjectPublicKeyInfo", info)
        with self._pen.beneath():
            algorithm = info.child(0, der.SEQUENCE)
            self._algorithm("algorithm", algorithm)
            key = info.child(1, der.BIT_STRING)
            padding, octets = der.bits(key)
            self._line(f"Padding: {padding}", key)
            self._line(f"subjectPublicKey: {hex_text(octets)}", key)
            if der.oid(algorithm.children[0]) == RSA_ENCRYPTION:
                with self._pen.beneath():
                    self._rsa_key(der.parse(octets), within=key)

    def _rsa_key(self, key: Element, within: Element) -> None:
        """RSAPublicKey (RFC 8017 §A.1.1), which stands behind the BIT STRING's header and its count of unused bits."""
        start = self._base + within.end - key.length
        modulus, exponent = key.child(0, der.INTEGER), key.child(1, der.INTEGER)
        self._pen.line(f"modulus: 0x{hex_text(modulus.contents)}", start + modulus.offset, modulus.length)
        self._pen.line(f"publicExponent: {_number(exponent)}", start + exponent.offset, exponent.length)

    def _extensions(self, extensions: Element) -> None:
        self._line(f"extensions: {counted(len(extensions.children), 'item')}", extensions)
        with self._pen.beneath(), self._pen.declared("5280 §4.2"):
            for extension in extensions:
                self._extension(extension)

    def _extension(self, extension: Element) -> None:
        dotted = der.oid(extension.child(0, der.OBJECT_IDENTIFIER))
        self._line(f"Extension ({oid_name(dotted)})", extension)
        with self._pen.beneath():
            self._line(f"Extension Id: {oid_with_name(dotted)}", extension.children[0])
            for part in extension.children[1:]:
                if part.tag == der.BOOLEAN:
                    self._line(f"critical: {part.contents != bytes(1)}", part)
                else:
                    self._line(f"extnValue: {_extension_value(dotted, part.contents)}", part)


def _name_text(name: Element) -> str:
    """`id-at-commonName=…,id-at-organizationName=…`: the last part first (RFC 4514 §2.1)."""
    return ",".join(text for item in reversed(name.children) for text in _attributes(item))


def _attributes(relative_name: Element) -> list[str]:
    return [
        f"{oid_name(der.oid(attribute.child(0, der.OBJECT_IDENTIFIER)))}={_text(attribute)}"
        for attribute in relative_name
    ]


def _text(attribute: Element) -> str:
    return escape(attribute.children[1].contents) if len(attribute.children) > 1 else ""


def _time_text(moment: Element) -> str:
    """`2014-04-09 12:05:08 (UTC)`; UTCTime has two digits of the year (RFC 5280 §4.1.2.5.1)."""
    text = escape(moment.contents)
    if moment.tag == der.UTC_TIME:
        text = ("20" if text[:2] < "50" else "19") + text
    if len(text) != len("YYYYMMDDhhmmssZ") or not text[:-1].isdecimal():
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:14]} (UTC)"


def _extension_value(dotted: str, value: bytes) -> str:
    """What is inside where we know how to say it; what does not parse is shown as it is."""
    try:
        return _EXTENSION_VALUES.get(dotted, hex_text)(value)
    except DecodeError as error:
        return f"{hex_text(value)} [Malformed: {error.what}]"


def _alternative_names(value: bytes) -> str:
    return ", ".join(_general_name(name) for name in der.parse(value))


def _general_name(name: Element) -> str:
    """GeneralName (RFC 5280 §4.2.1.6): the three kinds that name servers, any other as hex."""
    if name.tag in (0x81, 0x82, 0x86):
        kind = {0x81: "rfc822Name", 0x82: "dNSName", 0x86: "uniformResourceIdentifier"}[name.tag]
        return f"{kind}: {escape(name.contents)}"
    if name.tag == 0x87 and len(name.contents) == 4:
        return f"iPAddress: {'.'.join(map(str, name.contents))}"
    return f"[{name.tag & 0x1F}]: {hex_text(name.contents)}"


def _basic_constraints(value: bytes) -> str:
    parts = [
        f"cA: {part.contents != bytes(1)}" if part.tag == der.BOOLEAN else f"pathLenConstraint: {_number(part)}"
        for part in der.parse(value)
    ]
    return ", ".join(parts) or "cA: False"


def _number(element: Element) -> str:
    """A small INTEGER as a number, one that no field here can need as hex."""
    contents = element.contents
    return str(int.from_bytes(contents, "big")) if len(contents) <= 8 else f"0x{hex_text(contents)}"


_EXTENSION_VALUES: Mapping[str, Callable[[bytes], str]] = {
    SUBJECT_ALT_NAME: _alternative_names,
    BASIC_CONSTRAINTS: _basic_constraints,
}
