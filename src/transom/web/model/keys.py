"""Keys: how the secrets of this very session come to be, stage by stage, and what no key log holds of them.

The handshake is gone through once more by the observer's own parts, so that what is shown is what opened the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from transom.dissect.json_lines import Json, Line
from transom.dissect.timeline import Message
from transom.tls.extensions.key_share import KeyShareClientHello, KeyShareServerHello
from transom.tls.extensions.session import ExtendedMasterSecret
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.schedule12 import MASTER_SECRET_LENGTH, fixed_iv_length
from transom.tls.keys.schedule13 import EarlySecrets, TrafficSecret
from transom.tls.messages.key_exchange import (
    ClientKeyExchangeDHE,
    ClientKeyExchangeECDHE,
    ServerKeyExchangeDHE,
    ServerKeyExchangeECDHE,
)
from transom.tls.observed.handshake import ObservedHandshake
from transom.tls.observed.secrets import ObservedSecrets
from transom.tls.record.traffic_keys import TrafficKeys
from transom.tls.suites import SpokenSuite
from transom.web.model.context import Context
from transom.wire.struct import Struct
from transom.wire.tap import Side


def keys(context: Context) -> Line:
    """`stages` from top to bottom; `why` there are none, as a key of the page's words."""
    tls = context.seen.facts.tls
    if tls is None:
        return {"stages": [], "why": "plain", "why_not": None}
    session = _Session(context)
    suite = session.handshake.suite
    if suite is None or tls.decrypted == "no":
        return {"stages": [], "why": "shut", "why_not": tls.why_not or "nothing-sealed"}
    stages = session.stages13(suite) if session.is_tls13 else session.stages12(suite)
    return {"why": None, "masked": not context.masking.include_secrets, "stages": list(stages)}


class _Session:
    """A handshake that is over, and the secrets that are known of it."""

    def __init__(self, context: Context) -> None:
        looking = context.seen.looking
        self.handshake = ObservedHandshake()
        self._secrets = ObservedSecrets(self.handshake, looking.keys, looking.private_keys)
        self._shows_secrets = context.masking.include_secrets
        self._public: dict[Side, bytes] = {}
        for item in context.seen.items:
            if isinstance(item, Message) and item.frame is not None:
                self.handshake.learn(item.side, item.frame, item.value)
                self._learn_public(item.value)

    @property
    def is_tls13(self) -> bool:
        return self.handshake.version is ProtocolVersion.TLSv1_3

    def stages12(self, suite: SpokenSuite) -> Iterator[Json]:
        """RFC 5246 §6.3, §8.1; RFC 7627."""
        block, aead = self._secrets.key_block12(), suite.aead
        prf = f"PRF[{_title(suite)}]"
        server = self.handshake.server_hello
        extended = server is not None and server.extensions.get(ExtendedMasterSecret) is not None
        yield _stage("exchange", None, None, [*self._randoms(), *self._exchanged()])
        if not self.handshake.resumed:
            yield self._premaster_stage()
        seed = "session hash" if extended else "client random + server random"
        label = "extended master secret" if extended else "master secret"
        master = self._secrets.master12()
        about = "resumed" if self.handshake.resumed else "master_extended" if extended else "master"
        # A resumed session has its master secret from the one before, whatever is said now.
        is_hashed = extended and not self.handshake.resumed
        hashed = [_computable("session_hash", self.handshake.session_hash)] if is_hashed else []
        yield _stage(
            "master",
            None if self.handshake.resumed else f'{prf}(pre-master secret, "{label}", {seed})',
            about,
            [*hashed, self._secret("master", master.secret if master else None, MASTER_SECRET_LENGTH, "missing")],
        )
        size = 2 * (aead.key_length + fixed_iv_length(aead))
        yield _stage(
            "block",
            f'{prf}(master secret, "key expansion", server random + client random), {size} B',
            "block",
            [
                *self._traffic_keys("client", block.client if block else None),
                *self._traffic_keys("server", block.server if block else None),
            ],
        )

    def stages13(self, suite: SpokenSuite) -> Iterator[Json]:
        """RFC 8446 §7.1."""
        secrets, size = self._secrets, suite.hash.size
        hkdf = f"HKDF-Extract[{_title(suite)}]"
        yield _stage("exchange", None, None, [*self._randoms(), *self._exchanged()])
        if self.handshake.resumed:
            early = self._secret("early", None, size, "psk")
        else:
            early = _computable("early", EarlySecrets.start(suite.hash).secret)
        early_traffic = secrets.early13()
        sent_early = [self._secret("client_early_traffic", early_traffic.secret, size)] if early_traffic else []
        psk = "PSK" if self.handshake.resumed else "0"
        about = "early_psk" if self.handshake.resumed else "early_none"
        yield _stage("early", f"{hkdf}(0, {psk})", about, [early, *sent_early])
        # With a PSK the server may do without a new exchange (psk_ke, RFC 8446 §2.2): then zeros stand in its place.
        exchanged = bool(self._shares13())
        yield _stage(
            "handshake",
            f'{hkdf}(Derive-Secret(Early Secret, "derived"), {"shared secret" if exchanged else "0"})',
            "handshake" if exchanged else "handshake_psk",
            [
                *([self._secret("shared", None, None, "shared")] if exchanged else []),
                self._secret("handshake", None, size, "stage"),
                *self._traffic("handshake_traffic", suite, secrets.handshake13),
            ],
        )
        exporter = secrets.exporter13()
        yield _stage(
            "application",
            f'{hkdf}(Derive-Secret(Handshake Secret, "derived"), 0)',
            "application",
            [
                self._secret("master13", None, size, "stage"),
                *self._traffic("traffic", suite, secrets.traffic13),
                self._secret("exporter", exporter.secret if exporter else None, size, "missing"),
            ],
        )

    def _learn_public(self, message: Struct | None) -> None:
        match message:
            case ServerKeyExchangeECDHE():
                self._public[Side.SERVER] = message.params.public
            case ServerKeyExchangeDHE():
                self._public[Side.SERVER] = message.params.dh_Ys
            case ClientKeyExchangeECDHE():
                self._public[Side.CLIENT] = message.ecdh_Yc
            case ClientKeyExchangeDHE():
                self._public[Side.CLIENT] = message.dh_Yc
            case _:
                pass

    def _randoms(self) -> Iterator[Json]:
        client, server = self.handshake.client_hello, self.handshake.server_hello
        if client and server:
            yield _open("client_random", client.random)
            yield _open("server_random", server.random)

    def _exchanged(self) -> Iterator[Json]:
        """What crosses for the shared secret, and what each side keeps to itself."""
        public = self._shares13() if self.is_tls13 else self._public
        sealed = self.handshake.encrypted_premaster
        if sealed is not None:
            yield _node("encrypted_premaster", "sealed", sealed.hex(), len(sealed))
        for side in Side:
            if side in public:
                yield _open(f"{side.value}_public", public[side])
        for side in Side:
            if side in public:
                yield self._secret(f"{side.value}_private", None, None, "private")

    def _shares13(self) -> dict[Side, bytes]:
        client, server = self.handshake.client_hello, self.handshake.server_hello
        offered = client.extensions.get(KeyShareClientHello) if client else None
        chosen = server.extensions.get(KeyShareServerHello) if server else None
        if offered is None or chosen is None:
            return {}
        share = chosen.server_share
        fitting = [one.key_exchange for one in offered.client_shares if one.group == share.group]
        return {Side.SERVER: share.key_exchange} | ({Side.CLIENT: fitting[0]} if fitting else {})

    def _premaster_stage(self) -> Json:
        if self.handshake.encrypted_premaster is not None:
            known = self._secrets.premaster12()
            node = self._secret("premaster", known, MASTER_SECRET_LENGTH, "premaster")
            offered = self.handshake.client_hello.legacy_version if self.handshake.client_hello else 0
            return _stage("premaster", f"{offered.to_bytes(2, 'big').hex(' ')} + 46 B", "premaster_rsa", [node])
        group = self.handshake.group
        exchange = group.name if group is not None else "DH"
        node = self._secret("premaster", None, None, "shared")
        return _stage("premaster", f"{exchange}(private key, public key)", "premaster_shared", [node])

    def _traffic(self, name: str, suite: SpokenSuite, find: Callable[[Side], TrafficSecret | None]) -> Iterator[Json]:
        for side in Side:
            known = find(side)
            yield self._secret(f"{side.value}_{name}", known.secret if known else None, suite.hash.size, "missing")
            yield from self._traffic_keys(side.value, known.keys(suite.aead) if known else None)

    def _traffic_keys(self, who: str, found: TrafficKeys | None) -> Iterator[Json]:
        if found is not None:
            yield self._secret(f"{who}_key", found.key, len(found.key))
            yield self._secret(f"{who}_iv", found.iv, len(found.iv))

    def _secret(self, name: str, secret: bytes | None, length: int | None, why: str | None = None) -> Json:
        """`why` it is not known, if it is not."""
        if secret is None:
            return _node(name, "unknown", None, length, why)
        return _node(name, "known", secret.hex() if self._shows_secrets else None, length)


def _open(name: str, content: bytes) -> Json:
    return _node(name, "open", content.hex(), len(content))


def _computable(name: str, content: bytes | None) -> Json:
    """By anybody, from what crosses; None where we did not see all of that."""
    if content is None:
        return _node(name, "unknown", None, None, "missing")
    return _node(name, "computable", content.hex(), len(content))


def _node(name: str, who: str, content: str | None, length: int | None, why: str | None = None) -> Line:
    return {"name": name, "who": who, "value": content, "length": length, "why": why, "formula": _FORMULAS.get(name)}


_FORMULAS = {
    "client_early_traffic": 'Derive-Secret(Early Secret, "c e traffic", ClientHello)',
    "client_handshake_traffic": 'Derive-Secret(Handshake Secret, "c hs traffic", ClientHello…ServerHello)',
    "server_handshake_traffic": 'Derive-Secret(Handshake Secret, "s hs traffic", ClientHello…ServerHello)',
    "client_traffic": 'Derive-Secret(Master Secret, "c ap traffic", ClientHello…server Finished)',
    "server_traffic": 'Derive-Secret(Master Secret, "s ap traffic", ClientHello…server Finished)',
    "exporter": 'Derive-Secret(Master Secret, "exp master", ClientHello…server Finished)',
}
"""Of what has one of its own; the rest of a stage has the stage's."""


def _stage(name: str, formula: str | None, about: str | None, nodes: list[Json]) -> Json:
    return {"name": name, "formula": formula, "about": about, "nodes": nodes}


def _title(suite: SpokenSuite) -> str:
    return suite.hash.name.upper().replace("SHA", "SHA-", 1)
