"""A client's signature over the handshake, made by OpenSSL in TLS 1.2: the observer checks it over what crossed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.real.certificates import KINDS, Authority
from tests.real.openssl_crossing import Crossed, openssl_server
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.keys.keylog import KeyLog
from transom.tls.observed import spoken
from transom.tls.observer import Observer
from transom.tls.sightings import HandshakeSeen
from transom.wire.tap import Side

SIGNED = b"\x16\x03\x03", HandshakeType.certificate_verify
Crossing = Callable[[str], Crossed]


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Crossing:
    """By the kind of the client's key."""
    folder = tmp_path_factory.mktemp("proof")
    authority, known = Authority(folder), dict[str, Crossed]()

    def crossed(kind: str) -> Crossed:
        if kind not in known:
            client = authority.client(kind)
            with openssl_server(authority.leaf("rsa"), folder, "-Verify", "1") as ask:
                known[kind] = ask("-tls1_2", "-cert", str(client.chain), "-key", str(client.key))
        return known[kind]

    return crossed


def proofs(crossed: Crossed) -> dict[str, bool | None]:
    observer = Observer(KeyLog("".join(crossed.keys)))
    return {
        f"{seen.side.value} {seen.frame.type.name}": seen.proof
        for side, data in crossed.wire
        for seen in observer.receive(side, data)
        if isinstance(seen, HandshakeSeen)
    }


@pytest.mark.parametrize("kind", KINDS)
def test_it_holds_whatever_hash_and_key_made_it(crossing: Crossing, kind: str) -> None:
    found = proofs(crossing(kind))
    assert found["client certificate_verify"] is True
    assert found["client finished"] is True


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_one_bit_of_it_turned_and_it_does_not(crossing: Crossing, kind: str) -> None:
    crossed = crossing(kind)
    broken = replace(
        crossed, wire=[(side, turned(data) if side is Side.CLIENT else data) for side, data in crossed.wire]
    )
    assert broken.wire != crossed.wire
    assert proofs(broken)["client certificate_verify"] is False


def test_without_all_messages_before_it_nothing_is_said_of_it(
    crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken, "MOST_KEPT", 500)
    found = proofs(crossing("rsa"))
    assert found["client certificate_verify"] is None
    assert found["client finished"] is True


def turned(flight: bytes) -> bytes:
    """The last bit of the signature in a client's second flight."""
    at = 0
    changed = bytearray(flight)
    while at + 5 < len(flight):
        end = at + 5 + int.from_bytes(flight[at + 3 : at + 5], "big")
        if (flight[at : at + 3], flight[at + 5]) == SIGNED:
            changed[end - 1] ^= 1
        at = end
    return bytes(changed)
