"""Transom: move a file over HTTPS, and see every byte of how it went.

The library's parts are its packages, each usable by itself: `transom.tls` (the TLS 1.2 and 1.3 engine, no sockets in
it), `transom.trust` (certificates), `transom.http`, `transom.capture` and `transom.dissect` (read any transfer).
Nothing is imported here, so that using one part never pays for the others.

`trace` shows what the TLS of a piece of Python code really does.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from transom.tracing.block import Trace


def trace(
    path: str | PathLike[str] | None = None, *, cacert: str | PathLike[str] | None = None, sha256: bool = False
) -> Trace:
    """Trace the TLS and the HTTP of a block of code, in all threads of this process.

        with transom.trace("x.pcapng") as seen:
            requests.get("https://example.com/")
        print(seen.conversations[0].cipher_suite)

    `path` is where a pcapng goes that Wireshark opens decrypted; it holds the keys, so its mode is 0600. Without one
    nothing is written. Chains are compared with the system's roots and those in the file `cacert`. `sha256` has each
    answer hashed, which costs as much as opening it. Raises UsageError if a file is at `path` that is no trace.
    """
    from transom.tracing.block import Trace

    return Trace(path, cacert=cacert, sha256=sha256)
