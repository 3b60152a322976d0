"""By whom servers are judged, whoever looks: one answer for every command and for code that is traced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from transom.errors import UsageError
from transom.trust.local_root import ca_folder, local_ca_store
from transom.trust.store import TrustStore


def roots_for(environ: Mapping[str, str], cacert: Path | None, note: Callable[[UsageError], None]) -> TrustStore:
    """The system's roots (or SSL_CERT_FILE's, as OpenSSL has it), the user's own CA, and those of `cacert`.

    `note` is told why the user's own CA cannot be read: most servers do without it.
    """
    own = environ.get("SSL_CERT_FILE")
    stores = [TrustStore.from_file(Path(own)) if own else TrustStore.system()]
    try:
        stores.append(local_ca_store(ca_folder(environ)))
    except UsageError as error:
        note(error)
    if cacert is not None:
        stores.append(TrustStore.from_file(cacert))
    return TrustStore.joined(*stores)
