"""Transom: move a file over HTTPS, and see every byte of how it went.

The library's parts are its packages, each usable by itself: `transom.tls` (the TLS 1.2 and 1.3 engine, no sockets in
it), `transom.trust` (certificates), `transom.http`, `transom.capture` and `transom.dissect` (read any transfer).
Nothing is imported here, so that using one part never pays for the others.
"""
