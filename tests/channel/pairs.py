"""Every channel that speaks TLS, by who makes it, and two channels with nothing but memory between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.tls.shuttle import NAME, client_config, server_config
from transom.channel.interface import Channel, ChannelEvent, Data, Established
from transom.channel.openssl import OpenSslChannel, OpenSslContext
from transom.channel.own_tls import OwnTlsChannel
from transom.tls.iana.versions import ProtocolVersion
from transom.trust.issue import KeyType

V12, V13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)
Maker = Callable[..., Channel]


def openssl_client(name: str = NAME, **settings: object) -> Channel:
    config = client_config(**settings)
    return OpenSslChannel(OpenSslContext.client(config, None), config, name)


def openssl_server(key: KeyType = "ecdsa", **settings: object) -> Channel:
    config = server_config(key, **settings)
    return OpenSslChannel(OpenSslContext.server(config), config, None)


def own_client(name: str = NAME, **settings: object) -> Channel:
    return OwnTlsChannel.client(client_config(**settings), name)


def own_server(key: KeyType = "ecdsa", **settings: object) -> Channel:
    return OwnTlsChannel.server(server_config(key, **settings))


@dataclass
class Pair:
    """Two channels with nothing but memory between them."""

    client: Channel
    server: Channel
    chunk: int = 2**20
    events: dict[str, list[ChannelEvent]] = field(default_factory=lambda: {"client": [], "server": []})

    def start(self) -> Pair:
        self.events["client"] += self.client.start()
        self.events["server"] += self.server.start()
        return self.run()

    def run(self) -> Pair:
        for _ in range(20):
            if not (self._carry(self.client, self.server, "server") | self._carry(self.server, self.client, "client")):
                return self
        raise AssertionError("the two sides never stop talking")

    def _carry(self, sender: Channel, receiver: Channel, who: str) -> bool:
        assert sender.outgoing_size >= 0
        data = bytes(sender.take_outgoing())
        assert sender.outgoing_size == 0
        for at in range(0, len(data), self.chunk):
            for event in receiver.receive(data[at : at + self.chunk]):
                self.events[who].append(Data(bytes(event.data)) if isinstance(event, Data) else event)
        return bool(data)

    def received(self, who: str) -> bytes:
        return b"".join(bytes(event.data) for event in self.events[who] if isinstance(event, Data))

    def established(self, who: str) -> Established:
        (event,) = (event for event in self.events[who] if isinstance(event, Established))
        return event


TLS = [
    pytest.param(client, server, id=f"{client.__name__} to {server.__name__}")
    for client in (own_client, openssl_client)
    for server in (own_server, openssl_server)
]
