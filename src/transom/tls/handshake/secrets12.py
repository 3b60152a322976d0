"""The master secret of TLS 1.2, in either role."""

from __future__ import annotations

from transom.crypto.hashes import Hash
from transom.tls.keys.schedule12 import MasterSecret


def derive_master(
    premaster: bytes, randoms: tuple[bytes, bytes], session_hash: bytes | None, algorithm: Hash
) -> MasterSecret:
    """Extended when `session_hash` is given (both sides have extended_master_secret, RFC 7627 §5), else plain.

    `randoms` are the client's and the server's.
    """
    if session_hash is not None:
        return MasterSecret.extended(premaster, session_hash, algorithm)
    return MasterSecret.plain(premaster, *randoms, algorithm)
