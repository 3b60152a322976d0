"""Every handshake message in every state: only what the RFC's state machine expects is taken (8446 appendix A)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.tls.shuttle import client_config, server_config
from tests.tls.tampering import Tamper, broken_pair, inserting, run_to_refusal, says_something
from transom.errors import PeerMisbehaved
from transom.tls.handshake.steps import Send, SendChangeCipherSpec, Step
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType as H
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import Frame
from transom.wire.tap import Side

V12 = (ProtocolVersion.TLSv1_2,)
STATIC_RSA = (CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256,)
RETRY = {"groups": (NamedGroup.secp384r1,)}

KINDS = (*H, H(7), H(255))
"""Every type that IANA names, and two that it does not."""

REQUEST = Send(Frame.of(H.certificate_request, bytes.fromhex("00" + "0008" + "000d00040002" + "0403")))


@dataclass(frozen=True)
class State:
    """A state of one side, reached when the other side is about to take its step number `before`."""

    name: str
    of: Side
    before: int
    takes: set[H]
    client: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    first: tuple[Step, ...] = ()


TLS12: dict[str, Any] = {"client": {"versions": V12}}
STATIC: dict[str, Any] = {
    "client": {"versions": V12, "cipher_suites": STATIC_RSA},
    "server": {"cipher_suites": STATIC_RSA},
}

# The server's steps in TLS 1.3: ServerHello, ChangeCipherSpec, EncryptedExtensions, Certificate, CertificateVerify,
# Finished; in 1.2: ServerHello, Certificate, ServerKeyExchange, ServerHelloDone, ChangeCipherSpec, Finished.
# The client's in TLS 1.3: ClientHello, ChangeCipherSpec, Finished; in 1.2: ClientHello, ClientKeyExchange,
# ChangeCipherSpec, Finished.
STATES = [
    State("WAIT_SH", Side.CLIENT, 0, {H.server_hello}),
    State("WAIT_EE", Side.CLIENT, 2, {H.encrypted_extensions}),
    State("WAIT_CERT_CR", Side.CLIENT, 3, {H.certificate, H.certificate_request}),
    State("WAIT_CERT", Side.CLIENT, 3, {H.certificate}, first=(REQUEST,)),
    State("WAIT_CV", Side.CLIENT, 4, {H.certificate_verify}),
    State("WAIT_FINISHED", Side.CLIENT, 5, {H.finished}),
    State("WAIT_SH", Side.CLIENT, 2, {H.server_hello}, server=RETRY),
    State("START", Side.SERVER, 0, {H.client_hello}),
    State("START", Side.SERVER, 2, {H.client_hello}, server=RETRY),
    State("WAIT_FINISHED", Side.SERVER, 2, {H.finished}),
    State("WAIT_SH", Side.CLIENT, 0, {H.server_hello}, **TLS12),
    State("WAIT_CERTIFICATE", Side.CLIENT, 1, {H.certificate}, **TLS12),
    State("WAIT_SERVER_KEY_EXCHANGE", Side.CLIENT, 2, {H.server_key_exchange}, **TLS12),
    State("WAIT_SERVER_HELLO_DONE", Side.CLIENT, 3, {H.server_hello_done, H.certificate_request}, **TLS12),
    State("WAIT_SERVER_HELLO_DONE", Side.CLIENT, 2, {H.server_hello_done, H.certificate_request}, **STATIC),
    State("WAIT_CHANGE_CIPHER_SPEC", Side.CLIENT, 4, set(), **TLS12),
    State("WAIT_FINISHED", Side.CLIENT, 5, {H.finished}, **TLS12),
    State("WAIT_CLIENT_KEY_EXCHANGE", Side.SERVER, 1, {H.client_key_exchange}, **TLS12),
    State("WAIT_CLIENT_KEY_EXCHANGE", Side.SERVER, 1, {H.client_key_exchange}, **STATIC),
    State("WAIT_CHANGE_CIPHER_SPEC", Side.SERVER, 2, set(), **TLS12),
    State("WAIT_FINISHED", Side.SERVER, 3, {H.finished}, **TLS12),
]


def name(state: State) -> str:
    version = "TLS 1.2" if state.client else "TLS 1.3"
    more = " static RSA" if state.client.get("cipher_suites") else " after a retry" if state.server else ""
    return f"{version}{more} {state.of.value} {state.name}"


def run(state: State, *steps: Step) -> Any:
    tamper = inserting(state.before, *state.first, *steps)
    server = server_config("rsa" if state.server.get("cipher_suites") else "ecdsa", **state.server)
    by: dict[str, Any] = {"by_server" if state.of is Side.CLIENT else "by_client": tamper}
    return run_to_refusal(broken_pair(client_config(**state.client), server, **by))


@pytest.mark.parametrize("state", STATES, ids=name)
def test_a_message_that_is_not_expected_is_refused(state: State) -> None:
    for kind in KINDS:
        if kind in state.takes:
            continue
        refusal = run(state, Send(Frame.of(kind, b"")))
        assert refusal.side is state.of, kind
        assert isinstance(refusal.error, PeerMisbehaved), kind
        assert (refusal.error.where, refusal.error.alert) == (state.name, "unexpected_message"), kind
        assert refusal.alert == "unexpected_message", kind
        assert str(refusal.error).startswith(f"got {kind.message}, expected "), kind


@pytest.mark.parametrize("state", [state for state in STATES if state.takes], ids=name)
def test_a_message_that_is_expected_is_read(state: State) -> None:
    """So that the test above says something: of the right type, and malformed, it is the body that is refused."""
    for kind in state.takes - {H.server_hello_done}:
        refusal = run(state, Send(Frame.of(kind, b"\0")))
        assert refusal.alert == "decode_error", kind


def skipping(which: int) -> Tamper:
    """One step that says something is left out."""
    count = -1

    def tamper(step: Step) -> Iterable[Step]:
        nonlocal count
        count += says_something(step)
        return () if says_something(step) and count == which else (step,)

    return tamper


OMISSIONS = [  # but not of ServerHelloDone: without it both sides wait
    *((Side.SERVER, {}, which) for which in (2, 3, 4)),
    *((Side.SERVER, TLS12["client"], which) for which in (1, 2, 4)),
    *((Side.CLIENT, TLS12["client"], which) for which in (1, 2)),
]


@pytest.mark.parametrize(("by", "client", "which"), OMISSIONS)
def test_a_message_that_is_left_out_is_missed(by: Side, client: dict[str, Any], which: int) -> None:
    tamper: dict[str, Any] = {"by_server" if by is Side.SERVER else "by_client": skipping(which)}
    shuttle = broken_pair(client_config(**client), server_config(), **tamper)
    refusal = run_to_refusal(shuttle)
    assert refusal.side is by.peer
    # Under keys that the other side does not have yet, a Finished is no message at all, only bytes.
    assert refusal.alert in ("unexpected_message", "decode_error")
    assert shuttle.client.session is None or shuttle.server.session is None


@pytest.mark.parametrize("state", [s for s in STATES if s.client and not s.server], ids=name)
def test_a_change_cipher_spec_out_of_its_place_is_refused_in_tls12(state: State) -> None:
    """CVE-2014-0224: taken early, it would put weak keys in force."""
    if state.name == "WAIT_CHANGE_CIPHER_SPEC":
        return
    refusal = run(state, SendChangeCipherSpec())
    assert refusal.side is state.of
    assert refusal.alert == "unexpected_message"


STRADDLING = [
    (Side.SERVER, {}, H.server_hello),
    (Side.SERVER, {}, H.finished),
    (Side.CLIENT, {}, H.finished),
    (Side.SERVER, TLS12["client"], H.finished),
    (Side.CLIENT, TLS12["client"], H.client_key_exchange),
    (Side.CLIENT, TLS12["client"], H.finished),
]


@pytest.mark.parametrize("more", [b"\x08", b"\x08\0\0\x02\0\0"], ids=["the start of a message", "a whole message"])
@pytest.mark.parametrize(("by", "client", "kind"), STRADDLING)
def test_handshake_bytes_on_both_sides_of_a_change_of_keys_are_refused(
    by: Side, client: dict[str, Any], kind: H, more: bytes
) -> None:
    """RFC 8446 §5.1: else what was said in the clear would be taken for what was sealed."""

    def tamper(step: Step) -> Iterable[Step]:
        if isinstance(step, Send) and step.frame.type is kind:
            return (Send(Frame(step.frame.raw + more)),)
        return (step,)

    tampering: dict[str, Any] = {"by_server" if by is Side.SERVER else "by_client": tamper}
    refusal = run_to_refusal(broken_pair(client_config(**client), server_config(), **tampering))
    assert refusal.side is by.peer
    assert refusal.alert == "unexpected_message"
