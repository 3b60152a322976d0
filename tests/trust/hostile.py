"""Certificates that nobody issues: each wrong in the way that its name says, in bytes that a peer may well send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.trust.pki import key_of

NAME = "localhost"
TURNED = "\u202egpj.exe\u2066\x1b[2J"
"""Reads `exe.jpg`; and what would clear a terminal."""

_COMMON_NAME = "550403"
_ECDSA_WITH_SHA256 = "2a8648ce3d040302"
_BASIC_CONSTRAINTS, _SAN, _NAME_CONSTRAINTS, _PURPOSES, _SCTS = (
    "551d13",
    "551d11",
    "551d1e",
    "551d25",
    "2b06010401d679020402",
)


def tlv(tag: int, *parts: bytes) -> bytes:
    """One DER element: its tag, its length, its contents."""
    contents = b"".join(parts)
    if len(contents) < 0x80:
        return bytes([tag, len(contents)]) + contents
    length = len(contents).to_bytes((len(contents).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + contents


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def oid(contents: str) -> bytes:
    return tlv(0x06, bytes.fromhex(contents))


def bits(octets: bytes, unused: int = 0) -> bytes:
    return tlv(0x03, bytes([unused]), octets)


def attribute(value: bytes, tag: int = 0x0C, kind: str = _COMMON_NAME) -> bytes:
    """A RelativeDistinguishedName of one attribute: a UTF8String, unless told otherwise."""
    return tlv(0x31, sequence(oid(kind), tlv(tag, value)))


def common_name(text: str) -> bytes:
    return sequence(attribute(text.encode()))


def extension(kind: str, value: bytes) -> bytes:
    return sequence(oid(kind), tlv(0x04, value))


def san(*names: bytes) -> bytes:
    return extension(_SAN, sequence(*names))


def dns(name: bytes) -> bytes:
    return tlv(0x82, name)


def rsa_key(modulus: bytes, exponent: bytes) -> bytes:
    key = sequence(tlv(0x02, modulus), tlv(0x02, exponent))
    return sequence(sequence(oid("2a864886f70d010101"), tlv(0x05)), bits(key))


def ec_key(curve: bytes, point: bytes) -> bytes:
    return sequence(sequence(oid("2a8648ce3d0201"), curve), bits(point))


@dataclass(frozen=True)
class Parts:
    """A certificate in its parts, each in DER; it is signed by itself with the P-256 key of `key_of`."""

    version: bytes = tlv(0xA0, tlv(0x02, b"\2"))
    serial: bytes = tlv(0x02, b"\x2a")
    algorithm: bytes = sequence(oid(_ECDSA_WITH_SHA256))
    subject: bytes = common_name(NAME)
    issuer: bytes = common_name(NAME)
    validity: bytes = sequence(tlv(0x17, b"250101000000Z"), tlv(0x17, b"300101000000Z"))
    key: bytes = b""
    extensions: tuple[bytes, ...] = (san(dns(NAME.encode())),)
    outer_algorithm: bytes | None = None
    signature: bytes | None = None

    @property
    def der(self) -> bytes:
        signer: ec.EllipticCurvePrivateKey = key_of("p256")
        key = self.key or signer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        extensions = tlv(0xA3, sequence(*self.extensions)) if self.extensions else b""
        names = (self.issuer, self.validity, self.subject)
        tbs = sequence(self.version, self.serial, self.algorithm, *names, key, extensions)
        signature = self.signature or bits(signer.sign(tbs, ec.ECDSA(hashes.SHA256())))
        return sequence(tbs, self.outer_algorithm or self.algorithm, signature)

    def named(self, name: bytes) -> Parts:
        """Of this name, and issued by itself."""
        return replace(self, subject=name, issuer=name)


def hostile() -> Iterator[tuple[str, bytes]]:
    """Each with what is wrong with it."""
    yield from ((what, parts.der) for what, parts in _in_good_form())
    usual = Parts().der
    yield "no DER", TURNED.encode()
    yield "cut in the middle", usual[: len(usual) // 2]
    yield "more behind its end", usual + TURNED.encode()
    yield "of a length that is not there", b"\x30\x84\x7f\xff\xff\xff" + usual[4:]
    yield "of no length", b"\x30\x80" + usual[4:] + b"\0\0"
    yield "nested beyond all need", _nested(500)
    yield "one empty sequence", sequence()


def _in_good_form() -> Iterator[tuple[str, Parts]]:
    good = Parts()
    with_name, turned = good.named, TURNED.encode()
    yield "a name that turns", with_name(common_name(TURNED))
    yield "a name that is no UTF-8", with_name(sequence(attribute(b"\xff\xfe\xc3(" + turned[-4:])))
    yield "a name with a NUL in it", with_name(common_name("localhost\0.evil.example"))
    yield "an empty name", with_name(common_name(""))
    yield "no name at all", with_name(sequence())
    yield "a name of half a UTF-16 letter", with_name(sequence(attribute(b"\0a\xd8", tag=0x1E)))
    yield "a name of UTF-16 surrogates", with_name(sequence(attribute(b"\xd8\0\0a", tag=0x1E)))
    yield "a name of T.61", with_name(sequence(attribute(b"caf\xc2e" + turned[-4:], tag=0x14)))
    yield "a name that is a bit string", with_name(sequence(attribute(b"\0" + turned, tag=0x03)))
    yield "a name of an unknown type", with_name(sequence(attribute(turned, tag=0x1B)))
    yield "a name of 60,000 letters", with_name(common_name("a\u0301" * 20_000))
    yield "a name of 500 parts", with_name(sequence(*[attribute(turned)] * 500))
    yield "a name of an unknown kind", with_name(sequence(attribute(turned, kind="2a03047f")))
    yield "markup for a name", with_name(common_name("<img src=x onerror=alert(1)>{name}{0}%s"))
    yield "an issuer who turns", replace(good, issuer=common_name(TURNED))
    yield "a DNS name that turns", replace(good, extensions=(san(dns(turned)),))
    yield "a DNS name that ends early", replace(good, extensions=(san(dns(b"localhost\0.evil.example")),))
    yield "a DNS name with escapes in it", replace(good, extensions=(san(dns(b"a\x1b[2J\x7f\\x41.example")),))
    yield "1,000 DNS names", replace(good, extensions=(san(*[dns(b"a%d.example" % n) for n in range(1000)]),))
    for length in (0, 3, 5, 17):
        address = tlv(0x87, b"\x1b\\'\"[" * 4)[: 2 + length]
        address = tlv(0x87, address[2:])
        yield f"an iPAddress of {length} bytes", replace(good, extensions=(san(address),))
    yield (
        "a name for a folder, a mailbox and a URL",
        replace(
            good,
            extensions=(san(tlv(0xA4, common_name(TURNED)), tlv(0x81, b"a@b\x1b"), tlv(0x86, b"javascript:alert(1)")),),
        ),
    )
    yield "names of no kind that there is", replace(good, extensions=(san(tlv(0x8F, turned), tlv(0xA0, turned)),))
    yield "no subjectAltName in its subjectAltName", replace(good, extensions=(extension(_SAN, turned),))
    yield "the same extension twice", replace(good, extensions=good.extensions * 2)
    yield "an extension of no kind", replace(good, extensions=(extension("2a03047f", turned * 100),))
    yield (
        "300 extensions",
        replace(good, extensions=tuple(extension(f"2a03{n // 128 + 128:02x}{n % 128:02x}", b"") for n in range(300))),
    )
    yield (
        "a path of less than nothing",
        replace(good, extensions=(extension(_BASIC_CONSTRAINTS, sequence(tlv(0x01, b"\xff"), tlv(0x02, b"\xff"))),)),
    )
    yield (
        "constraints of no network",
        replace(
            good,
            extensions=(
                extension(_NAME_CONSTRAINTS, sequence(tlv(0xA0, sequence(tlv(0x87, b"\x0a\0\0\0\xff\0\xff\0"))))),
            ),
        ),
    )
    yield "purposes that are none", replace(good, extensions=(extension(_PURPOSES, sequence(oid("2a03047f"))),))
    yield "a list of SCTs that is none", replace(good, extensions=(extension(_SCTS, tlv(0x04, turned)),))
    yield "the serial number 0", replace(good, serial=tlv(0x02, b"\0"))
    yield "a serial number below 0", replace(good, serial=tlv(0x02, b"\x80"))
    yield "a serial number of 900 bytes", replace(good, serial=tlv(0x02, b"\x7f" * 900))
    yield "no serial number in it", replace(good, serial=tlv(0x02))
    yield "a version that there is not", replace(good, version=tlv(0xA0, tlv(0x02, b"\7")))
    yield "extensions in version 1", replace(good, version=b"")
    yield "dates that are none", replace(good, validity=sequence(tlv(0x17, turned), tlv(0x18, turned)))
    yield "the 13th month", replace(good, validity=sequence(tlv(0x17, b"251301000000Z"), tlv(0x17, b"300101000000Z")))
    yield (
        "the year 0 to the year 9999",
        replace(good, validity=sequence(tlv(0x18, b"00000101000000Z"), tlv(0x18, b"99991231235959Z"))),
    )
    yield (
        "over before it began",
        replace(good, validity=sequence(tlv(0x17, b"300101000000Z"), tlv(0x17, b"250101000000Z"))),
    )
    yield "RSA modulo 0", replace(good, key=rsa_key(b"\0", b"\1\0\1"))
    yield "RSA modulo 15", replace(good, key=rsa_key(b"\x0f", b"\3"))
    yield "RSA of an even modulus", replace(good, key=rsa_key(b"\x7f" + bytes(255), b"\1\0\1"))
    yield "RSA of 32,768 bits", replace(good, key=rsa_key(b"\x7f" * 4096, b"\1\0\1"))
    yield "RSA of the exponent 1", replace(good, key=rsa_key(b"\x7f" * 255 + b"\x7f", b"\1"))
    yield "a point on no curve", replace(good, key=ec_key(oid("2a8648ce3d030107"), b"\4" + b"\1" * 64))
    yield "the point at infinity", replace(good, key=ec_key(oid("2a8648ce3d030107"), b"\0"))
    yield "a curve of its own", replace(good, key=ec_key(sequence(tlv(0x02, b"\1"), sequence()), b"\4" + b"\1" * 64))
    yield "a curve of no name", replace(good, key=ec_key(oid("2a03047f"), turned))
    yield "a key of no kind", replace(good, key=sequence(sequence(oid("2a03047f")), bits(turned)))
    yield "a key that is no key", replace(good, key=sequence(sequence(oid("2a864886f70d010101")), bits(turned)))
    yield "two algorithms", replace(good, outer_algorithm=sequence(oid("2a864886f70d01010b"), tlv(0x05)))
    yield "an algorithm of no kind", replace(good, algorithm=sequence(oid("2a03047f")))
    yield "PSS without a word on it", replace(good, algorithm=sequence(oid("2a864886f70d01010a")))
    yield "an empty signature", replace(good, signature=bits(b""))
    yield "a signature of unused bits", replace(good, signature=bits(b"\xff", unused=9))
    yield "a signature by another key", replace(good, signature=bits(sequence(tlv(0x02, b"\1"), tlv(0x02, b"\1"))))


def _nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = sequence(inner)
    return inner
