"""Which message is which of the nine steps, in both versions."""

from __future__ import annotations

import pytest

from transom.dissect.steps import handshake_step
from transom.tls.iana.handshake_types import HandshakeType as Type
from transom.tls.iana.versions import ProtocolVersion as Version
from transom.wire.tap import Side

TLS12 = [
    (Side.CLIENT, Type.client_hello, 1),
    (Side.SERVER, Type.server_hello, 2),
    (Side.SERVER, Type.certificate, 3),
    (Side.SERVER, Type.server_key_exchange, 4),
    (Side.SERVER, Type.server_hello_done, 5),
    (Side.CLIENT, Type.client_key_exchange, 6),
    (Side.CLIENT, Type.finished, 8),
    (Side.SERVER, Type.finished, 8),
    (Side.SERVER, Type.new_session_ticket, None),
    (Side.SERVER, Type.certificate_status, None),
    (Side.CLIENT, Type.certificate, None),
    (Side.CLIENT, Type.certificate_verify, None),
]
TLS13 = [
    (Side.CLIENT, Type.client_hello, 1),
    (Side.SERVER, Type.server_hello, 2),
    (Side.SERVER, Type.encrypted_extensions, None),
    (Side.SERVER, Type.certificate_request, None),
    (Side.SERVER, Type.certificate, 3),
    (Side.SERVER, Type.compressed_certificate, 3),
    (Side.SERVER, Type.certificate_verify, 4),
    (Side.SERVER, Type.finished, 8),
    (Side.CLIENT, Type.certificate, None),
    (Side.CLIENT, Type.certificate_verify, None),
    (Side.CLIENT, Type.finished, 8),
    (Side.SERVER, Type.new_session_ticket, None),
    (Side.CLIENT, Type.key_update, None),
]


@pytest.mark.parametrize(("side", "kind", "step"), TLS12)
def test_steps_of_tls12(side: Side, kind: Type, step: int | None) -> None:
    assert handshake_step(kind, side, Version.TLSv1_2) == step


@pytest.mark.parametrize(("side", "kind", "step"), TLS13)
def test_steps_of_tls13(side: Side, kind: Type, step: int | None) -> None:
    assert handshake_step(kind, side, Version.TLSv1_3) == step


def test_a_client_hello_has_its_step_before_any_version_is_chosen() -> None:
    assert handshake_step(Type.client_hello, Side.CLIENT, None) == 1
