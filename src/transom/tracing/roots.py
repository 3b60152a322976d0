"""Whom the chains of traced conversations are compared with."""

from __future__ import annotations

import os
from pathlib import Path

from transom.trust.store import TrustStore


def roots(cacert: Path | None) -> TrustStore:
    """The system's roots, or those of SSL_CERT_FILE, as OpenSSL has it; and those of `cacert`."""
    own = os.environ.get("SSL_CERT_FILE")
    store = TrustStore.from_file(Path(own)) if own else TrustStore.system()
    return store if cacert is None else TrustStore.joined(store, TrustStore.from_file(cacert))
