"""Wireshark opens a trace of TLS decrypted, though each secret was known only after the packets of its hello."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.capture.build import START
from tests.capture.tshark import tshark
from transom.capture.write import TraceWriter
from transom.wire.tap import Endpoint, Endpoints, Side, Tap

REQUEST = b"GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsesame"


class End:
    """One end of a TLS connection in memory."""

    def __init__(self, context: ssl.SSLContext, *, server: bool) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = None if server else "localhost"
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server, server_hostname=name)

    def handshake(self) -> None:
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return

    def read(self) -> bytes:
        try:
            return self.tls.read(2**16)
        except ssl.SSLWantReadError:
            return b""


def certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


def contexts(folder: Path, version: ssl.TLSVersion) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.keylog_filename = str(folder / "keys")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate(folder))
    client.maximum_version = client.minimum_version = version
    return client, server


class Secrets:
    """Hands new lines of the key log to the trace as they appear."""

    def __init__(self, path: Path, trace: TraceWriter) -> None:
        self._path = path
        self._trace = trace
        self._seen = 0

    def hand_over(self) -> None:
        lines = [line for line in self._path.read_text().splitlines() if not line.startswith("#")]
        for line in lines[self._seen :]:
            self._trace.secret(line)
        self._seen = len(lines)


def converse(client: End, server: End, tap: Tap, secrets: Secrets) -> None:
    """Bytes reach the tap before the secrets they lead to are known, as on a live connection."""
    tap.opened(Endpoints(Endpoint("127.0.0.1", 40000), Endpoint("127.0.0.1", 8443)), START)
    asked = answered = False
    for step in range(12):
        (client if step % 2 == 0 else server).handshake()
        if step == 6:
            client.tls.write(REQUEST)
        if step == 7:
            asked = server.read() == REQUEST
            server.tls.write(ANSWER)
        if step == 8:
            answered = client.read() == ANSWER
        for sender, receiver, side in ((client, server, Side.CLIENT), (server, client, Side.SERVER)):
            wire = sender.outgoing.read()
            if wire:
                tap.data(side, wire, START + step)
                receiver.incoming.write(wire)
        secrets.hand_over()
    assert asked
    assert answered


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_wireshark_decrypts_a_trace_with_nothing_to_set_up(tmp_path: Path, version: ssl.TLSVersion) -> None:
    client_context, server_context = contexts(tmp_path, version)
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        client, server = End(client_context, server=False), End(server_context, server=True)
        converse(client, server, trace.conversation(), Secrets(tmp_path / "keys", trace))
    decode = ("-d", "tcp.port==8443,tls", "-d", "tls.port==8443,http")
    assert tshark(path, *decode, "-Y", "http.request", "-T", "fields", "-e", "http.request.uri") == "/secret\n"
    exported = tmp_path / "exported"
    tshark(path, *decode, "-q", "--export-objects", f"http,{exported}")
    assert (exported / "secret").read_bytes() == b"sesame"
