"""Run as a program: one session of OpenSSL with itself, in memory, and what an onlooker with its key log has of it.

    OPENSSL_CONF=file python openssl_session.py VERSION CIPHERS CERTIFICATE_AND_KEY KEYLOG

A program of its own because only OpenSSL's configuration file, read at its start, can choose a suite of TLS 1.3.
Prints JSON: the suite, both streams in hex. Both sides send `GREETING`, then the server sends `BODY`.
"""

from __future__ import annotations

import json
import ssl
import sys

GREETING = b"hello"
BODY = bytes(range(256)) * 200  # three full records and a rest


def run(version: str, ciphers: str, certificate: str, keylog: str) -> dict[str, str]:
    client_context, server_context = context(ssl.PROTOCOL_TLS_CLIENT), context(ssl.PROTOCOL_TLS_SERVER)
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    client_context.keylog_filename = keylog
    server_context.load_cert_chain(certificate)
    for each in (client_context, server_context):
        each.minimum_version = each.maximum_version = ssl.TLSVersion[version]
        if version == "TLSv1_2":
            each.set_ciphers(ciphers)
            each.options |= ssl.OP_NO_TICKET
    to_client, from_client, to_server, from_server = (ssl.MemoryBIO() for _ in range(4))
    client = client_context.wrap_bio(to_client, from_client)
    server = server_context.wrap_bio(to_server, from_server, server_side=True)

    crossed = {"client": b"", "server": b""}

    def shuttle() -> None:
        for side, source, sink in ("client", from_client, to_server), ("server", from_server, to_client):
            data = source.read()
            crossed[side] += data
            sink.write(data)

    for _ in range(4):
        for side in (client, server):
            attempt(side)
            shuttle()
    client.write(GREETING)
    server.write(GREETING)
    server.write(BODY)
    shuttle()
    assert server.read(len(GREETING)) == GREETING
    received = b""
    while len(received) < len(GREETING + BODY):
        received += client.read(2**14)
    assert received == GREETING + BODY
    chosen = client.cipher()
    assert chosen is not None
    return {"suite": chosen[0]} | {side: stream.hex() for side, stream in crossed.items()}


def context(protocol: int) -> ssl.SSLContext:
    return ssl.SSLContext(protocol)


def attempt(side: ssl.SSLObject) -> None:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
