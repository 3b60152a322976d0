"""From a key log, or a server's RSA key, to what opens records and checks Finished."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from transom.crypto.rsa_transport import open_premaster
from transom.tls.config import belongs_to
from transom.tls.extensions.session import ExtendedMasterSecret
from transom.tls.handshake.secrets12 import derive_master
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog, Label
from transom.tls.keys.schedule12 import KeyBlock, MasterSecret
from transom.tls.keys.schedule13 import ExporterSecret, TrafficSecret
from transom.tls.observed.handshake import ObservedHandshake
from transom.tls.record.protection import Opener
from transom.tls.record.protection12 import Opener12
from transom.tls.record.protection13 import Opener13
from transom.tls.suites import spoken
from transom.wire.tap import Side

_HANDSHAKE: dict[Side, Label] = {
    Side.CLIENT: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    Side.SERVER: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
}
_TRAFFIC: dict[Side, Label] = {
    Side.CLIENT: "CLIENT_TRAFFIC_SECRET_0",
    Side.SERVER: "SERVER_TRAFFIC_SECRET_0",
}


class ObservedSecrets:
    """The secrets of one connection, looked up when they are needed: a live key log grows while we look."""

    def __init__(self, handshake: ObservedHandshake, keys: KeyLog, private_keys: Sequence[RSAPrivateKey]) -> None:
        self._handshake = handshake
        self._keys = keys
        self._private_keys = private_keys
        self._master: MasterSecret | None = None
        self._master_random: bytes | None = None

    def handshake13(self, side: Side) -> TrafficSecret | None:
        """The handshake traffic secret of that side."""
        return self._secret13(_HANDSHAKE[side])

    def traffic13(self, side: Side) -> TrafficSecret | None:
        """The first application traffic secret of that side."""
        return self._secret13(_TRAFFIC[side])

    def early_openers(self) -> list[Opener]:
        """What may open the client's 0-RTT data: the secret's length tells the hash, not the cipher."""
        hello = self._handshake.client_hello
        secret = self._keys.lookup("CLIENT_EARLY_TRAFFIC_SECRET", hello.random) if hello else None
        if hello is None or secret is None:
            return []
        offered = [found for suite in hello.cipher_suites if (found := spoken(suite))]
        fitting = [
            suite
            for suite in offered
            if suite.hash.size == len(secret) and belongs_to(suite.suite, ProtocolVersion.TLSv1_3)
        ]
        return [Opener13(TrafficSecret(secret, suite.hash).keys(suite.aead)) for suite in fitting]

    def opener13(self, secret: TrafficSecret) -> Opener | None:
        """What opens records under that secret."""
        suite = self._handshake.suite
        return Opener13(secret.keys(suite.aead)) if suite else None

    def early13(self) -> TrafficSecret | None:
        """The secret of the client's 0-RTT data."""
        return self._secret13("CLIENT_EARLY_TRAFFIC_SECRET")

    def exporter13(self) -> ExporterSecret | None:
        """The exporter_master_secret."""
        found = self._secret13("EXPORTER_SECRET")
        return ExporterSecret(found.secret, found.hash) if found else None

    def opener12(self, side: Side) -> Opener | None:
        """What opens that side's records after its ChangeCipherSpec."""
        block = self.key_block12()
        if block is None:
            return None
        return Opener12(block.client if side is Side.CLIENT else block.server)

    def key_block12(self) -> KeyBlock | None:
        """The record keys of both sides."""
        suite, client, server = self._handshake.suite, self._handshake.client_hello, self._handshake.server_hello
        master = self.master12()
        if suite is None or client is None or server is None or master is None:
            return None
        return master.key_block(suite.aead, client.random, server.random)

    def premaster12(self) -> bytes | None:
        """The pre-master secret, where it is known and leads to the master secret: another key gives another one."""
        premaster = self._premaster()
        if premaster is None or self._derive_master12(premaster) != self.master12():
            return None
        return premaster

    def master12(self) -> MasterSecret | None:
        """The master secret: from the key log by the client's random, else out of static RSA's ClientKeyExchange."""
        random = self._handshake.client_random
        if self._master is None or self._master_random != random:
            self._master, self._master_random = self._find_master12(), random
        return self._master

    def _find_master12(self) -> MasterSecret | None:
        suite, client = self._handshake.suite, self._handshake.client_hello
        if suite is None or client is None or self._handshake.version is not ProtocolVersion.TLSv1_2:
            return None
        logged = self._keys.lookup("CLIENT_RANDOM", client.random)
        if logged is not None:
            return MasterSecret(logged, suite.hash)
        premaster = self._premaster()
        return self._derive_master12(premaster) if premaster is not None else None

    def _derive_master12(self, premaster: bytes) -> MasterSecret | None:
        suite, client, server = self._handshake.suite, self._handshake.client_hello, self._handshake.server_hello
        if suite is None or client is None or server is None:
            return None
        extended = server.extensions.get(ExtendedMasterSecret) is not None
        if extended and self._handshake.session_hash is None:
            return None
        session_hash = self._handshake.session_hash if extended else None
        return derive_master(premaster, (client.random, server.random), session_hash, suite.hash)

    def _premaster(self) -> bytes | None:
        sealed, client = self._handshake.encrypted_premaster, self._handshake.client_hello
        if sealed is None or client is None:
            return None
        logged = self._keys.rsa(sealed)
        if logged is not None:
            return logged
        version = client.legacy_version.to_bytes(2, "big")
        for key in self._private_keys:
            if key.key_size == 8 * len(sealed):
                return open_premaster(key, sealed, version)
        return None

    def _secret13(self, label: Label) -> TrafficSecret | None:
        suite, random = self._handshake.suite, self._handshake.client_random
        if suite is None or random is None:
            return None
        secret = self._keys.lookup(label, random)
        return TrafficSecret(secret, suite.hash) if secret is not None else None
