"""Signature schemes (RFC 8446 §4.2.3), by their IANA names: what a key can sign with, signing, verifying.

One name means two things. In TLS 1.3 `ecdsa_secp256r1_sha256` fixes curve and hash, and PKCS #1 v1.5 is left to
certificates; TLS 1.2 reads the same code as a pair of hash and algorithm, good for a key on any curve.
"""

from __future__ import annotations

from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from transom.crypto.hashes import Hash
from transom.errors import PeerMisbehaved, Sentence, UsageError
from transom.value import value

Version = Literal["TLSv1.2", "TLSv1.3"]
PrivateKey = RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey | Ed448PrivateKey
PublicKey = RSAPublicKey | ec.EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey
"""The keys a TLS signature can be made with; a certificate may hold others."""


@value
class RsaPss:
    """RSASSA-PSS whose salt is as long as the hash."""

    hash: Hash

    @property
    def padding(self) -> padding.AsymmetricPadding:
        return padding.PSS(padding.MGF1(self.hash.cryptography), self.hash.size)

    @property
    def least_key_bits(self) -> int:
        """Encoding needs room for hash, salt and two bytes (RFC 8017 §9.1.1)."""
        return 8 * (2 * self.hash.size + 2)


@value
class RsaPkcs1:
    """RSASSA-PKCS1-v1_5: for TLS 1.2, and in 1.3 only inside certificates."""

    hash: Hash

    @property
    def padding(self) -> padding.AsymmetricPadding:
        return padding.PKCS1v15()

    @property
    def least_key_bits(self) -> int:
        """Encoding needs room for the DigestInfo and eleven bytes (RFC 8017 §9.2)."""
        return 8 * (self.hash.size + 19 + 11)


@value
class Ecdsa:
    """ECDSA; `curve` is the one TLS 1.3 ties the hash to, by the library's name."""

    hash: Hash
    curve: str


@value
class EdDsa:
    """Pure EdDSA over one curve."""

    public_key: type[Ed25519PublicKey | Ed448PublicKey]


Scheme = RsaPss | RsaPkcs1 | Ecdsa | EdDsa

SCHEMES: dict[str, Scheme] = {
    "ecdsa_secp256r1_sha256": Ecdsa(Hash.SHA256, "secp256r1"),
    "ecdsa_secp384r1_sha384": Ecdsa(Hash.SHA384, "secp384r1"),
    "ecdsa_secp521r1_sha512": Ecdsa(Hash.SHA512, "secp521r1"),
    "ed25519": EdDsa(Ed25519PublicKey),
    "ed448": EdDsa(Ed448PublicKey),
    "rsa_pss_rsae_sha256": RsaPss(Hash.SHA256),
    "rsa_pss_rsae_sha384": RsaPss(Hash.SHA384),
    "rsa_pss_rsae_sha512": RsaPss(Hash.SHA512),
    "rsa_pss_pss_sha256": RsaPss(Hash.SHA256),
    "rsa_pss_pss_sha384": RsaPss(Hash.SHA384),
    "rsa_pss_pss_sha512": RsaPss(Hash.SHA512),
    "rsa_pkcs1_sha256": RsaPkcs1(Hash.SHA256),
    "rsa_pkcs1_sha384": RsaPkcs1(Hash.SHA384),
    "rsa_pkcs1_sha512": RsaPkcs1(Hash.SHA512),
}
"""In the order we like them. SHA-1's two (rsa_pkcs1_sha1, ecdsa_sha1) are absent: we neither make nor accept those."""


def schemes_for(key: PrivateKey | PublicKey, version: Version) -> tuple[str, ...]:
    """The schemes that `key` can sign with in `version`, best first; none for a key too small for any.

    The rsa_pss_pss_* names are for keys marked as PSS-only, which a loaded key no longer shows, so they are left out.
    """
    public = key if isinstance(key, PublicKey) else key.public_key()
    names = [name for name in SCHEMES if "pss_pss" not in name and can_verify(public, name, version)]
    if isinstance(public, ec.EllipticCurvePublicKey):  # in 1.2, where any hash goes, the curve's own comes first
        own = public.curve.name
        names.sort(key=lambda name: own not in name)
    return tuple(names)


def can_verify(public_key: PublicKey, scheme: str, version: Version) -> bool:
    """Whether a CertificateVerify (or a ServerKeyExchange) by this key may name this scheme."""
    match SCHEMES.get(scheme):
        case RsaPss() as rsa:
            return isinstance(public_key, RSAPublicKey) and public_key.key_size >= rsa.least_key_bits
        case RsaPkcs1() as rsa:
            is_roomy = isinstance(public_key, RSAPublicKey) and public_key.key_size >= rsa.least_key_bits
            return is_roomy and version == "TLSv1.2"
        case Ecdsa() as ecdsa:
            if not isinstance(public_key, ec.EllipticCurvePublicKey):
                return False
            return version == "TLSv1.2" or public_key.curve.name == ecdsa.curve
        case EdDsa() as eddsa:
            return isinstance(public_key, eddsa.public_key)
        case None:
            return False


def sign(private_key: PrivateKey, scheme: str, content: bytes) -> bytes:
    """A signature over `content`. Raises UsageError for a scheme that this key cannot make."""
    match SCHEMES.get(scheme), private_key:
        case (RsaPss() | RsaPkcs1()) as rsa, RSAPrivateKey() if private_key.key_size >= rsa.least_key_bits:
            return private_key.sign(content, rsa.padding, rsa.hash.cryptography)
        case Ecdsa() as ecdsa, ec.EllipticCurvePrivateKey():
            return private_key.sign(content, ec.ECDSA(ecdsa.hash.cryptography))
        case EdDsa() as eddsa, Ed25519PrivateKey() | Ed448PrivateKey():
            if isinstance(private_key.public_key(), eddsa.public_key):
                return private_key.sign(content)
        case _:
            pass
    raise UsageError("{key} cannot sign with {scheme}", key=_describe(private_key.public_key()), scheme=scheme)


def verify(public_key: PublicKey, scheme: str, signature: bytes, content: bytes) -> None:
    """Check the peer's signature over `content`; whether `scheme` is allowed is asked of `can_verify` first.

    Raises PeerMisbehaved: decrypt_error when it does not hold, illegal_parameter when the key is of another kind or too
    small.
    """
    try:
        match SCHEMES.get(scheme), public_key:
            case (RsaPss() | RsaPkcs1()) as rsa, RSAPublicKey() if public_key.key_size >= rsa.least_key_bits:
                public_key.verify(signature, content, rsa.padding, rsa.hash.cryptography)
            case Ecdsa() as ecdsa, ec.EllipticCurvePublicKey():
                public_key.verify(signature, content, ec.ECDSA(ecdsa.hash.cryptography))
            case EdDsa() as eddsa, Ed25519PublicKey() | Ed448PublicKey() if isinstance(public_key, eddsa.public_key):
                public_key.verify(signature, content)
            case _:
                what = Sentence(
                    "the signature is {scheme}, which {key} cannot make", scheme=scheme, key=_describe(public_key)
                )
                raise PeerMisbehaved(what, alert="illegal_parameter", rfc="8446 §4.4.3")
    except InvalidSignature:
        what = Sentence("the {scheme} signature does not hold under {key}", scheme=scheme, key=_describe(public_key))
        raise PeerMisbehaved(what, alert="decrypt_error", rfc="8446 §4.4.3") from None


def _describe(key: PublicKey) -> str:
    match key:
        case RSAPublicKey():
            return f"an RSA key of {key.key_size} bits"
        case ec.EllipticCurvePublicKey():
            return f"a key on {key.curve.name}"
        case Ed25519PublicKey():
            return "an Ed25519 key"
        case Ed448PublicKey():
            return "an Ed448 key"
