"""The targets: each headed by the invariant that no bytes may break. All take their luck from a seeded `Random`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from random import Random
from typing import Any

from tests.fuzz.mutate import mutate, pieces
from tests.tls.messages.instances import EVERYTHING
from tests.tls.messages.test_real_hellos import HELLOS
from tests.tls.shuttle import Shuttle, client_config, server_config
from tests.tls.tampering import Tamper, broken_pair, untouched
from transom.errors import PeerError
from transom.tls.connection import Connection, client_connection, server_connection
from transom.tls.handshake.steps import Send, Step
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.small import KeyUpdateRequest
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.tls.messages.frame import Frame
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.observer import Observer
from transom.wire.struct import Look
from transom.wire.tap import Side

Target = Callable[[Random], None]

V12, V13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)
SETTINGS: tuple[dict[str, Any], ...] = (
    {"versions": V13},
    {"versions": V12},
    {"versions": V12, "cipher_suites": (CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256,)},
    {"groups": (NamedGroup.secp384r1, NamedGroup.x25519)},
)


def structures(chance: Random) -> None:
    """What decodes says the same bytes again; what does not has an error with a place; looking never raises."""
    value = chance.choice(EVERYTHING)
    data = mutate(chance, value.encode())
    look = type(value).look(data)
    _assert_looked(look, data)


def hellos(chance: Random) -> None:
    """The same for the hellos of real programs."""
    data = mutate(chance, chance.choice([*HELLOS.values()])[4:])
    _assert_looked(ClientHello.look(data), data)


def bytes_for_a_server(chance: Random) -> None:
    """Whatever a client says first, a server goes on waiting, answers, or refuses it with an alert it has sent."""
    hello = mutate(chance, chance.choice([*HELLOS.values()]))
    record = bytes((22, 3, 1)) + len(hello).to_bytes(2, "big") + hello
    server = server_connection(server_config(chance.choice(("rsa", "ecdsa", "ed25519"))))
    server.start()
    _feed(server, pieces(chance, mutate(chance, record) if chance.random() < 0.5 else record))


def bytes_for_a_client(chance: Random) -> None:
    """Whatever a server answers, a client that has no session has refused it, or waits."""
    settings = chance.choice(SETTINGS)
    client = client_connection(client_config(**settings), "localhost")
    server = server_connection(server_config("rsa", cipher_suites=settings.get("cipher_suites", DEFAULT_SUITES)))
    client.start()
    server.start()
    server.receive(bytes(client.take_outgoing()))
    _feed(client, pieces(chance, mutate(chance, bytes(server.take_outgoing()))))


def messages(chance: Random) -> None:
    """Whatever a peer that holds the keys says in a handshake: nothing but a PeerError, and nobody's session is false.

    An onlooker with the keys is shown the same, and never raises.
    """
    by = _mutating(chance)
    keys = KeyLog()
    settings = chance.choice(SETTINGS)
    server = server_config(
        "rsa",
        groups=chance.choice(((NamedGroup.x25519,), (NamedGroup.secp384r1,))),
        cipher_suites=settings.get("cipher_suites", DEFAULT_SUITES),
    )
    tampering: dict[str, Any] = {"by_client": by} if chance.random() < 0.5 else {"by_server": by}
    shuttle = broken_pair(client_config(**settings, keylog=keys.receive), server, **tampering)
    with suppress(PeerError):
        shuttle.run()
    assert shuttle.client.session is None or shuttle.server.session is None or not _changed(by)
    _observe(chance, Observer(keys), shuttle.wire)


def sealed_contents(chance: Random) -> None:
    """Whatever a peer seals after the handshake: data, an end, or a PeerError."""
    shuttle = Shuttle.between(client_config(**chance.choice(SETTINGS[:2])), server_config()).handshake()
    side = chance.choice([*Side])
    sender: Connection[Any] = shuttle.client if side is Side.CLIENT else shuttle.server
    receiver: Connection[Any] = shuttle.server if side is Side.CLIENT else shuttle.client
    for _ in range(chance.randrange(1, 6)):
        kind = ContentType(chance.choice((20, 21, 22, 22, 23, 24, 99)))
        frame = Frame.of(HandshakeType(chance.choice((0, 1, 4, 24, 20))), chance.randbytes(chance.randrange(8)))
        sender._records.send(
            kind, frame.raw if kind == ContentType.handshake else chance.randbytes(chance.randrange(4))
        )
    _feed(receiver, pieces(chance, bytes(sender.take_outgoing())))


def observed_bytes(chance: Random) -> None:
    """Whatever crosses, an onlooker raises nothing: with the keys or without, however much of it was lost."""
    wire, keys, private = recorded(chance.randrange(len(SETTINGS)))
    wire = [(side, mutate(chance, data) if chance.random() < 0.3 else data) for side, data in wire]
    if chance.random() < 0.2:
        chance.shuffle(wire)
    key_log = KeyLog("".join(chance.sample(keys, chance.randrange(len(keys) + 1))))
    _observe(chance, Observer(key_log, private_keys=[private] if chance.random() < 0.5 else []), wire)


def observed_noise(chance: Random) -> None:
    """The same for records of no handshake at all."""
    observer = Observer(KeyLog())
    kinds = [HandshakeType.client_hello, HandshakeType.server_hello, *HandshakeType]
    for _ in range(chance.randrange(1, 12)):
        value = chance.choice(EVERYTHING)
        frame = Frame.of(chance.choice(kinds), value.encode()).raw
        content = frame if chance.random() < 0.8 else chance.randbytes(chance.randrange(40))
        kind = chance.choice((20, 21, 22, 22, 22, 23, 24))
        observer.receive(chance.choice([*Side]), bytes((kind, 3, 3)) + len(content).to_bytes(2, "big") + content)
    for side in Side:
        observer.end(side)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        structures,
        hellos,
        bytes_for_a_server,
        bytes_for_a_client,
        messages,
        sealed_contents,
        observed_bytes,
        observed_noise,
    )
}

DEFAULT_SUITES = client_config().cipher_suites


def _assert_looked(look: Look[Any], data: bytes) -> None:
    if look.value is None:
        assert look.error is not None
        assert look.error.where
        return
    # A hello's extensions may be there and empty, or not be there: to the builder that is the same.
    is_hello = isinstance(look.value, ClientHello | ServerHello)
    assert look.value.encode() in (data, data.removesuffix(b"\0\0") if is_hello else data)


def _feed(connection: Connection[Any], wire: Iterable[bytes]) -> None:
    refusal: PeerError | None = None
    try:
        for piece in wire:
            connection.receive(piece)
        connection.receive(b"")
    except PeerError as error:
        refusal = error
    # What is refused with an alert has sent it.
    assert refusal is None or refusal.alert is None or connection.take_outgoing()


class _mutating:
    """Changes some of the messages that a script sends, and remembers whether it did."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.did = False

    def __call__(self, step: Step) -> Iterable[Step]:
        if not isinstance(step, Send) or self.chance.random() < 0.6:
            return untouched(step)
        raw = mutate(self.chance, step.frame.raw)
        body = raw[4:] if self.chance.random() < 0.8 else None
        frame = Frame(raw) if body is None and raw else Frame.of(step.frame.type, body or b"")
        self.did = self.did or frame.raw != step.frame.raw
        return (Send(frame),)


def _changed(by: Tamper) -> bool:
    return isinstance(by, _mutating) and by.did


def _observe(chance: Random, observer: Observer, wire: Iterable[tuple[Side, bytes]]) -> None:
    for side, data in wire:
        if chance.random() < 0.02:
            observer.lost(side, 100)
        for piece in pieces(chance, data):
            observer.receive(side, piece)
    for side in Side:
        observer.end(side)
    assert observer.why_not or not observer.shut_records


@cache
def recorded(which: int) -> tuple[list[tuple[Side, bytes]], list[str], Any]:
    """A whole conversation, its key log's lines and the server's private key."""
    settings = SETTINGS[which]
    keys: list[str] = []
    server = server_config(
        "rsa", cipher_suites=settings.get("cipher_suites", DEFAULT_SUITES), groups=_server_groups(which)
    )
    shuttle = Shuttle.between(client_config(**settings, keylog=keys.append), server).handshake()
    shuttle.send(Side.CLIENT, b"GET / HTTP/1.1\r\n\r\n")
    shuttle.send(Side.SERVER, bytes(40_000))
    if settings.get("versions") != V12:
        assert shuttle.server._traffic is not None
        shuttle.server._traffic.update_our_keys(KeyUpdateRequest.update_requested)
        shuttle.send(Side.SERVER, b"more")
    shuttle.client.close()
    shuttle.run()
    return shuttle.wire, keys, server.identities[0].private_key


def _server_groups(which: int) -> tuple[NamedGroup, ...]:
    return (NamedGroup.x25519, NamedGroup.secp256r1) if which == 3 else client_config().groups
