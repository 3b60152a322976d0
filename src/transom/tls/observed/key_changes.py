"""When keys change, seen from outside: what each direction's next record will have to be opened with."""

from __future__ import annotations

from collections.abc import Mapping

from transom.tls.extensions.pre_shared_key import EarlyDataIndication
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.schedule13 import TrafficSecret
from transom.tls.messages.ending import EndOfEarlyData, Finished, KeyUpdate
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.observed.handshake import ObservedHandshake
from transom.tls.observed.secrets import ObservedSecrets
from transom.tls.observed.way import Way
from transom.tls.record.protection import Opener
from transom.wire.struct import Struct
from transom.wire.tap import Side

_V13 = ProtocolVersion.TLSv1_3


class KeyChanges:
    """Turns the messages that change keys into what opens the records behind them."""

    def __init__(self, ways: Mapping[Side, Way], handshake: ObservedHandshake, secrets: ObservedSecrets) -> None:
        self._ways = ways
        self._handshake = handshake
        self._secrets = secrets
        self._traffic: dict[Side, TrafficSecret | None] = {Side.CLIENT: None, Side.SERVER: None}

    def after_message(self, way: Way, value: Struct | None) -> None:
        """TLS 1.3 changes keys after certain messages (RFC 8446 §7.3, §4.6.3)."""
        match value:
            case ClientHello() if value.extensions.get(EarlyDataIndication) is not None:
                self._expect_early_data()
            case ServerHello() if value.version is _V13 and not value.is_retry_request:
                self._seal13()
            case Finished() if self._handshake.version is _V13:
                self._start_traffic13(way)
            case EndOfEarlyData():
                self._use_handshake13(way)
            case KeyUpdate():
                self._next_generation13(way)
            case _:
                pass

    def after_change_cipher_spec(self, way: Way) -> None:
        """Before TLS 1.3 this is where the keys change; in 1.3 it means nothing."""
        if self._handshake.version is not None and self._handshake.version is not _V13:
            way.change_keys(None, awaited=lambda: self._secrets.opener12(way.side))

    def _expect_early_data(self) -> None:
        """What the client sends next may be 0-RTT data, under the suite of its ticket, which only the key log tells."""
        client = self._ways[Side.CLIENT]
        client.change_keys(None)
        client.candidates = self._secrets.early_openers
        client.may_be_early = True

    def _seal13(self) -> None:
        """From the ServerHello on both directions are sealed."""
        server, client = self._ways[Side.SERVER], self._ways[Side.CLIENT]
        self._use_handshake13(server)
        if server.find_opener() is None:
            self._hope_for_traffic13(server)
        if not client.is_sealed:
            self._use_handshake13(client)
        elif client.may_be_early:
            # Early data that the server does not take is followed by the handshake's records (RFC 8446 §4.2.10).
            client.candidates = lambda: [*self._secrets.early_openers(), *self._handshake_openers(client)]
        if client.find_opener() is None and not client.may_be_early:
            self._hope_for_traffic13(client)

    def _use_handshake13(self, way: Way) -> None:
        way.change_keys(None, awaited=lambda: next(iter(self._handshake_openers(way)), None))

    def _handshake_openers(self, way: Way) -> list[Opener]:
        secret = self._secrets.handshake13(way.side)
        opener = self._secrets.opener13(secret) if secret else None
        return [opener] if opener else []

    def _start_traffic13(self, way: Way) -> None:
        way.change_keys(None, awaited=lambda: self._traffic_opener(way))

    def _traffic_opener(self, way: Way) -> Opener | None:
        secret = self._traffic[way.side] = self._secrets.traffic13(way.side)
        return self._secrets.opener13(secret) if secret else None

    def _next_generation13(self, way: Way) -> None:
        secret = self._traffic[way.side]
        following = self._traffic[way.side] = secret.next_generation() if secret else None
        way.change_keys(self._secrets.opener13(following) if following else None)

    def _hope_for_traffic13(self, way: Way) -> None:
        """Without the handshake's secret, the data's may still be known: its first record is one of those to come."""

        def find() -> list[Opener]:
            opener = self._traffic_opener(way)
            return [opener] if opener else []

        way.candidates = find
