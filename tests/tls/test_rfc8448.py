"""The traces of RFC 8448: our client says the RFC's very bytes, our observer reads all that crossed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from tests.tls.rfc8448 import TRACES, Trace
from transom.crypto.hashes import Hash
from transom.crypto.key_exchange import StartedExchange
from transom.tls.config import ClientConfig
from transom.tls.connection import PlaintextReceived, client_connection
from transom.tls.handshake import client as client_script
from transom.tls.handshake.client_hello import Offered
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType as H
from transom.tls.keys.keylog import KeyLog
from transom.tls.keys.schedule13 import EarlySecrets
from transom.tls.messages.hello import ClientHello
from transom.tls.observer import Observer
from transom.tls.sightings import AlertSeen, ApplicationDataSeen, HandshakeSeen, Sighting, TroubleSeen
from transom.trust.verify import accept_unverified
from transom.wire.tap import Side

SIMPLE, RESUMED, RETRIED = (TRACES[name] for name in ("simple_1rtt", "resumed_0rtt", "hello_retry_request"))
COMPATIBLE, AUTHENTICATED = TRACES["compatibility_mode"], TRACES["client_authentication"]

CHANGE_CIPHER_SPEC = bytes.fromhex("140303000101")
DATA = bytes(range(50))


def offered(trace: Trace, record: str, group: NamedGroup) -> Offered:
    """What the RFC's client said, and the private key it had for it."""
    exchange = _on_x25519(trace.client_private) if group is NamedGroup.x25519 else _on_p256(trace.client_private)
    hello = ClientHello.decode(trace.message(record)[4:])
    return Offered(hello, {group: StartedExchange(group.name, b"", exchange)})


def _on_x25519(private: bytes) -> Callable[[bytes], bytes]:
    key = X25519PrivateKey.from_private_bytes(private)
    return lambda public: key.exchange(X25519PublicKey.from_public_bytes(public))


def _on_p256(private: bytes) -> Callable[[bytes], bytes]:
    key, curve = ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1()), ec.SECP256R1()
    return lambda public: key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, public))


def config() -> ClientConfig:
    # The RFC's server has a certificate that it signed itself, with an RSA key of 1,024 bits.
    return ClientConfig(verify=lambda chain, _name: accept_unverified(chain, "a test vector"))


def test_the_simple_handshake_is_said_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    hello = offered(SIMPLE, "client_hello", NamedGroup.x25519)
    monkeypatch.setattr(client_script, "first_hello", lambda *_: hello)
    connection = client_connection(config(), "server")
    connection.start()
    assert connection.take_outgoing() == SIMPLE.records["client_hello"]
    connection.receive(SIMPLE.records["server_hello"] + SIMPLE.records["server_flight"])
    assert connection.session is not None
    # The RFC's client does without the ChangeCipherSpec for middleboxes here.
    assert connection.take_outgoing() == CHANGE_CIPHER_SPEC + SIMPLE.records["client_flight"]

    assert connection.receive(SIMPLE.records["new_session_ticket"]) == []
    connection.send(DATA)
    assert connection.take_outgoing() == SIMPLE.records["client_data"]
    (data,) = connection.receive(SIMPLE.records["server_data"])
    assert isinstance(data, PlaintextReceived)
    assert bytes(data.data) == DATA
    connection.close()
    assert connection.take_outgoing() == SIMPLE.records["client_close"]
    assert [type(event).__name__ for event in connection.receive(SIMPLE.records["server_close"])] == ["PeerFinished"]


def test_the_compatibility_mode_is_said_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    hello = offered(COMPATIBLE, "client_hello", NamedGroup.x25519)
    monkeypatch.setattr(client_script, "first_hello", lambda *_: hello)
    connection = client_connection(config(), "server")
    connection.start()
    connection.take_outgoing()
    connection.receive(COMPATIBLE.records["server_hello"] + COMPATIBLE.records["server_flight"])
    assert connection.take_outgoing() == COMPATIBLE.records["client_flight"]
    connection.close()
    assert connection.take_outgoing() == COMPATIBLE.records["client_close"]


def test_the_retried_handshake_is_said_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    first = offered(RETRIED, "client_hello", NamedGroup.x25519)
    second = offered(RETRIED, "second_client_hello", NamedGroup.secp256r1)
    monkeypatch.setattr(client_script, "first_hello", lambda *_: first)
    monkeypatch.setattr(client_script, "second_hello", lambda *_: second)
    connection = client_connection(config(), "server")
    connection.start()
    connection.take_outgoing()
    connection.receive(RETRIED.records["hello_retry_request"])
    assert connection.take_outgoing() == CHANGE_CIPHER_SPEC + RETRIED.records["second_client_hello"]
    connection.receive(RETRIED.records["server_hello"] + RETRIED.records["server_flight"])
    assert connection.take_outgoing() == RETRIED.records["client_flight"]
    assert connection.receive(RETRIED.records["server_close"]) != []


def test_a_request_for_a_certificate_is_answered_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    hello = offered(AUTHENTICATED, "client_hello", NamedGroup.x25519)
    monkeypatch.setattr(client_script, "first_hello", lambda *_: hello)
    keys = KeyLog()
    connection = client_connection(ClientConfig(verify=config().verify, keylog=keys.receive), "server")
    connection.start()
    first = bytes(connection.take_outgoing())
    from_server = AUTHENTICATED.records["server_hello"] + AUTHENTICATED.records["server_flight"]
    connection.receive(from_server)
    observer = Observer(keys)
    crossed = [(Side.CLIENT, first), (Side.SERVER, from_server), (Side.CLIENT, bytes(connection.take_outgoing()))]
    seen = [sighting for side, data in crossed for sighting in observer.receive(side, data)]
    (empty,) = [
        s for s in seen if isinstance(s, HandshakeSeen) and s.side is Side.CLIENT and s.frame.type is H.certificate
    ]
    assert empty.frame.body == bytes.fromhex("00" + "000000")


FLIGHTS = [
    (Side.CLIENT, "client_hello"),
    (Side.SERVER, "hello_retry_request"),
    (Side.CLIENT, "second_client_hello"),
    (Side.CLIENT, "client_early_data"),
    (Side.SERVER, "server_hello"),
    (Side.SERVER, "server_flight"),
    (Side.CLIENT, "client_flight"),
    (Side.SERVER, "new_session_ticket"),
    (Side.CLIENT, "client_data"),
    (Side.SERVER, "server_data"),
    (Side.CLIENT, "client_close"),
    (Side.SERVER, "server_close"),
]


class KeyMaker:
    """Derives what a key log of the RFC's client would have held, as far as the messages seen so far allow."""

    def __init__(self, trace: Trace) -> None:
        self.log = KeyLog()
        self._trace = trace
        self._messages: list[bytes] = []
        self._early = EarlySecrets.start(Hash.SHA256, SIMPLE.expected["resumption_psk"] if trace is RESUMED else None)

    def see(self, frame: bytes) -> None:
        self._messages.append(frame)
        random = self._trace.message("client_hello")[6:38]
        match H(frame[0]):
            case H.client_hello:
                secret = self._early.client_traffic(Hash.SHA256.digest(frame)).secret
                self.log.add("CLIENT_EARLY_TRAFFIC_SECRET", random, secret)
            case H.server_hello if "hello_retry_request" in self._trace.records and len(self._messages) == 2:
                stand_in = bytes.fromhex("fe000020") + Hash.SHA256.digest(self._messages[0])
                self._messages[0] = stand_in
            case H.server_hello:
                self._handshake = self._early.handshake(self._trace.shared_secret, self._digest())
                self.log.add("CLIENT_HANDSHAKE_TRAFFIC_SECRET", random, self._handshake.client.secret)
                self.log.add("SERVER_HANDSHAKE_TRAFFIC_SECRET", random, self._handshake.server.secret)
            case H.finished if "CLIENT_TRAFFIC_SECRET_0" not in "".join(self.log.lines()):
                application = self._handshake.application(self._digest())
                self.log.add("CLIENT_TRAFFIC_SECRET_0", random, application.client.secret)
                self.log.add("SERVER_TRAFFIC_SECRET_0", random, application.server.secret)
            case _:
                pass

    def _digest(self) -> bytes:
        return Hash.SHA256.digest(b"".join(self._messages))


def read(trace: Trace) -> tuple[Observer, list[Sighting]]:
    """The trace as an onlooker sees it whose key log grows as it goes."""
    maker = KeyMaker(trace)
    observer = Observer(maker.log)
    sightings: list[Sighting] = []
    for side, name in FLIGHTS:
        if name not in trace.records:
            continue
        for sighting in observer.receive(side, trace.records[name]):
            if isinstance(sighting, HandshakeSeen):
                maker.see(sighting.frame.raw)
            sightings.append(sighting)
    return observer, sightings


FINISHED = ("finished", True)
SERVER_FLIGHT = [("encrypted_extensions", None), ("certificate", None), ("certificate_verify", True), FINISHED]
HELLOS = [("client_hello", None), ("server_hello", None)]


@pytest.mark.parametrize(
    ("trace", "messages"),
    [
        (SIMPLE, [*HELLOS, *SERVER_FLIGHT, FINISHED, ("new_session_ticket", None)]),
        (RESUMED, [*HELLOS, ("encrypted_extensions", None), FINISHED, ("end_of_early_data", None), FINISHED]),
        (RETRIED, [*HELLOS, *HELLOS, *SERVER_FLIGHT, FINISHED]),
        (
            AUTHENTICATED,
            [
                *HELLOS,
                SERVER_FLIGHT[0],
                ("certificate_request", None),
                *SERVER_FLIGHT[1:],
                ("certificate", None),
                ("certificate_verify", True),
                FINISHED,
            ],
        ),
        (COMPATIBLE, [*HELLOS, *SERVER_FLIGHT, FINISHED]),
    ],
    ids=lambda value: value.name if isinstance(value, Trace) else "",
)
def test_the_observer_reads_every_message_and_finds_each_proof_good(
    trace: Trace, messages: list[tuple[str, bool | None]]
) -> None:
    observer, sightings = read(trace)
    seen = [s for s in sightings if isinstance(s, HandshakeSeen)]
    assert [(s.frame.type.name, s.proof) for s in seen] == messages
    assert not [s for s in sightings if isinstance(s, TroubleSeen)]
    assert observer.shut_records == 0
    assert observer.resumed is (trace is RESUMED)
    closes = [s.description.name for s in sightings if isinstance(s, AlertSeen) and s.description is not None]
    assert closes == ["close_notify", "close_notify"]


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES.keys())
def test_every_message_decodes_and_says_the_same_bytes_again(trace: Trace) -> None:
    _, sightings = read(trace)
    for seen in sightings:
        if isinstance(seen, HandshakeSeen):
            assert seen.value is not None, seen.frame.type
            assert seen.value.encode() == seen.frame.body


def test_the_observer_reads_the_data_of_both_sides_and_what_came_early() -> None:
    _, sightings = read(RESUMED)
    data = [(s.side, s.plaintext) for s in sightings if isinstance(s, ApplicationDataSeen)]
    assert data == [(Side.CLIENT, b"ABCDEF"), (Side.CLIENT, DATA), (Side.SERVER, DATA)]
