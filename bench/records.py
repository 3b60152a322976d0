"""Sealing and opening records beside the bare cipher and beside the standard library's ssl over MemoryBIO.

    python bench/records.py [ROUNDS]

Each round measures one call of each of them, one after another, so that a busy machine slows all alike; printed are
medians of the rounds and the ratio to the others. A call is what a connection makes: 32 records are sealed for one
write to the socket, and as many are opened as fit into one read from it, 31. "Python's share" is what a record of
16 KiB costs beyond the bare cipher. Each of them seals what lies where a read of the file has put it: for us that is
the sealing room, for ssl one buffer; and it has the records in hand then, as bytes that a socket can be given. Each
opens what lies where the socket has put it. So what ssl copies out of its MemoryBIO and into it counts, in pieces of
the sizes at which it is fastest: it is given 128 KiB to seal and 64 KiB to open at a time. What is to be opened is made
between the calls, uncounted.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from transom.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead
from transom.net.pump import RECEIVE_SIZE, receive_buffer
from transom.tls.record.deframer import Deframer
from transom.tls.record.header import HEADER_LENGTH, MAX_PLAINTEXT
from transom.tls.record.protection import Opener, ProtectedSealer
from transom.tls.record.protection12 import Opener12, Sealer12
from transom.tls.record.protection13 import Opener13, Sealer13
from transom.tls.record.sealing_room import RECORDS, SealingRooms
from transom.tls.record.traffic_keys import TrafficKeys
from transom.wire.tap import Buffer

RECORD_LENGTH = HEADER_LENGTH + MAX_PLAINTEXT + 17  # in TLS 1.3
SEALED = RECORDS
OPENED = RECEIVE_SIZE // RECORD_LENGTH
SSL_SEALS, SSL_OPENS = 8 * MAX_PLAINTEXT, 64 * 1024
SUITES: dict[str, tuple[str, Aead]] = {
    "TLS_AES_128_GCM_SHA256": ("TLSv1.3", AES_128_GCM),
    "TLS_AES_256_GCM_SHA384": ("TLSv1.3", AES_256_GCM),
    "TLS_CHACHA20_POLY1305_SHA256": ("TLSv1.3", CHACHA20_POLY1305),
    "ECDHE-ECDSA-AES128-GCM-SHA256": ("TLSv1.2", AES_128_GCM),
    "ECDHE-ECDSA-AES256-GCM-SHA384": ("TLSv1.2", AES_256_GCM),
    "ECDHE-ECDSA-CHACHA20-POLY1305": ("TLSv1.2", CHACHA20_POLY1305),
}
Call = Callable[[], object]


class Party(NamedTuple):
    """Who is measured: `seal` makes SEALED records, `ready` what `open` needs, which opens OPENED records."""

    seal: Call
    ready: Call
    open: Call


def main() -> None:
    rounds = sys.argv[1] if len(sys.argv) > 1 else "500"
    print(f"{ssl.OPENSSL_VERSION} in ssl; median of {rounds} rounds of {SEALED} records sealed, {OPENED} opened, GB/s")
    print(f"{'':31}{'ours':>6}{'bare':>6}{'ssl':>6}  {'ours/bare':>9}{'ours/ssl':>9}  Python's share", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        pem = make_certificate(Path(folder))
        configuration = Path(folder) / "openssl.cnf"
        for suite, (version, _) in SUITES.items():
            # This ssl module cannot choose a suite of TLS 1.3, but OpenSSL's configuration file can: a process each.
            choice = f"Ciphersuites = {suite}\n" if version == "TLSv1.3" else ""
            configuration.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n" + choice)
            command = [sys.executable, __file__, rounds, suite, str(pem)]
            subprocess.run(command, check=True, env=os.environ | {"OPENSSL_CONF": str(configuration)})


def measure(suite: str, pem: Path, rounds: int) -> None:
    version, aead = SUITES[suite]
    plaintext = os.urandom(SEALED * MAX_PLAINTEXT)
    parties = [ours(version, aead, plaintext), bare(aead, plaintext), openssl(version, suite, pem, plaintext)]
    figures = [[(timed(one.seal), one.ready(), timed(one.open)) for one in parties] for _ in range(rounds)]
    sealing = [median(rounds_of[index][0] for rounds_of in figures) for index in range(len(parties))]
    opening = [median(rounds_of[index][2] for rounds_of in figures) for index in range(len(parties))]
    report(f"{version} {aead.name} seal", SEALED, *sealing)
    report(f"{version} {aead.name} open", OPENED, *opening)


def report(title: str, records: int, ours: float, bare: float, peer: float) -> None:
    rates = "".join(f"{records * MAX_PLAINTEXT / seconds / 1e9:6.2f}" for seconds in (ours, bare, peer))
    share = (ours - bare) / records * 1e6
    print(f"{title:31}{rates}  {bare / ours:9.2f}{peer / ours:9.2f}  {share:5.2f} µs a record", flush=True)


def ours(version: str, aead: Aead, plaintext: bytes) -> Party:
    iv_length = 12 if version == "TLSv1.3" or aead is CHACHA20_POLY1305 else 4
    keys = TrafficKeys(aead, os.urandom(aead.key_length), os.urandom(iv_length))
    sealer: ProtectedSealer = Sealer13(keys) if version == "TLSv1.3" else Sealer12(keys)
    opener: Opener = Opener13(keys) if version == "TLSv1.3" else Opener12(keys)
    room = sealer.room_for_data(SealingRooms())
    for slot, content in zip(room.slots, in_pieces(plaintext, MAX_PLAINTEXT), strict=False):
        slot[:] = content
    received = receive_buffer()[: OPENED * room.record_length]
    out = memoryview(bytearray(len(received)))
    deframer = Deframer()

    def seal(records: int) -> memoryview:
        wire = room.take_wire()
        sealed = sealer.seal_room(room, wire, records, lambda _: None)
        room.give_back(wire)
        return sealed

    def ready() -> None:
        received[:] = seal(OPENED)
        opener.sequence = sealer.sequence - OPENED

    def open_call() -> None:
        for run in deframer.receive(received):
            assert opener.open(run, 0, out).records == OPENED

    return Party(lambda: seal(SEALED), ready, open_call)


def bare(aead: Aead, plaintext: bytes) -> Party:
    """The calls to the cipher alone, over the same memory: what is sealed lies where a record's header leaves it."""
    cipher, nonce, associated = aead.cipher(os.urandom(aead.key_length)), bytes(12), bytes(5)
    contents, outs = in_pieces(plaintext, MAX_PLAINTEXT), in_pieces(bytearray(OPENED * MAX_PLAINTEXT), MAX_PLAINTEXT)

    def new_fragments(count: int) -> list[memoryview]:
        records = in_pieces(bytearray(count * RECORD_LENGTH), RECORD_LENGTH)
        return [record[HEADER_LENGTH : HEADER_LENGTH + MAX_PLAINTEXT + aead.tag_length] for record in records]

    def seal_all(fragments: list[memoryview]) -> None:
        for content, fragment in zip(contents, fragments, strict=False):
            cipher.encrypt_into(nonce, content, associated, fragment)

    sent, received = new_fragments(SEALED), new_fragments(OPENED)

    def open_call() -> None:
        for fragment, out in zip(received, outs, strict=True):
            cipher.decrypt_into(nonce, fragment, associated, out)

    return Party(lambda: seal_all(sent), lambda: seal_all(received), open_call)


def openssl(version: str, suite: str, pem: Path, plaintext: bytes) -> Party:
    client, server = connected(version, suite, pem)
    contents = in_pieces(plaintext, SSL_SEALS)
    sealed: list[bytes] = []
    received: list[memoryview] = []
    out = memoryview(bytearray(SEALED * MAX_PLAINTEXT))

    def seal_call() -> None:
        sealed.clear()
        for content in contents:
            client.tls.write(content)
            sealed.append(client.outgoing.read())

    def ready() -> None:
        wire = memoryview(b"".join(sealed))
        early = (SEALED - OPENED) * (len(wire) // SEALED)
        open_all([wire[:early]], (SEALED - OPENED) * MAX_PLAINTEXT)
        received[:] = in_pieces(wire[early:], SSL_OPENS)

    def open_all(pieces: Sequence[memoryview], length: int) -> None:
        taken = 0
        for piece in pieces:
            server.incoming.write(piece)
            with contextlib.suppress(ssl.SSLWantReadError):
                while taken < length:
                    taken += cast("int", server.tls.read(len(out) - taken, out[taken:]))  # with a buffer, a count
        assert taken == length

    return Party(seal_call, ready, lambda: open_all(received, OPENED * MAX_PLAINTEXT))


def in_pieces(buffer: Buffer, length: int) -> list[memoryview]:
    view = memoryview(buffer)
    return [view[at : at + length] for at in range(0, len(view), length)]


class End(NamedTuple):
    """One end of ssl over MemoryBIO."""

    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO


def connected(version: str, suite: str, pem: Path) -> tuple[End, End]:
    """A client and a server of ssl after their handshake."""
    contexts = [ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)]
    contexts[0].check_hostname = False
    contexts[0].verify_mode = ssl.CERT_NONE
    contexts[1].load_cert_chain(pem)
    contexts[1].num_tickets = 0
    for context in contexts:
        one = ssl.TLSVersion.TLSv1_3 if version == "TLSv1.3" else ssl.TLSVersion.TLSv1_2
        context.minimum_version = context.maximum_version = one
        if version == "TLSv1.2":
            context.set_ciphers(suite)
    client, server = (end_of(context, server_side=context is contexts[1]) for context in contexts)
    for own, peer in ((client, server), (server, client), (client, server), (server, client), (client, server)):
        with contextlib.suppress(ssl.SSLWantReadError):
            own.tls.do_handshake()
        peer.incoming.write(own.outgoing.read())
    name = sender_suite[0] if (sender_suite := client.tls.cipher()) else "none"
    assert name == suite, f"ssl chose {name}"
    return client, server


def end_of(context: ssl.SSLContext, *, server_side: bool) -> End:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    return End(context.wrap_bio(incoming, outgoing, server_side=server_side), incoming, outgoing)


def make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return pem


def timed(call: Call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    if len(sys.argv) == 4:
        measure(sys.argv[2], Path(sys.argv[3]), int(sys.argv[1]))
    else:
        main()
