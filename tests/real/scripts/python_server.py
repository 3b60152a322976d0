"""Serves a folder over TLS by the standard library, a port for each certificate.

    python python_server.py FOLDER NAME CHAIN KEY [NAME CHAIN KEY ...]

With a file of roots in CLIENTS_FROM a client has to show a certificate that comes from them.

Prints one line of JSON when it listens, on 127.0.0.1 and on ::1: {"NAME": PORT, ...}
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its own signature)
        pass


class OverIPv6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


def listen(server: ThreadingHTTPServer, context: ssl.SSLContext) -> int:
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def main() -> None:
    folder, *leaves = sys.argv[1:]
    handler = partial(Quiet, directory=folder)
    ports: dict[str, int] = {}
    for name, chain, key in zip(leaves[::3], leaves[1::3], leaves[2::3], strict=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(chain, key)
        if roots := os.environ.get("CLIENTS_FROM"):
            context.load_verify_locations(roots)
            context.verify_mode = ssl.CERT_REQUIRED
        ports[name] = listen(ThreadingHTTPServer(("127.0.0.1", 0), handler), context)
        listen(OverIPv6(("::1", ports[name]), handler), context)
    print(json.dumps(ports), flush=True)
    threading.Event().wait()


main()
