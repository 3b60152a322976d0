"""A peer that breaks the rules: its handshake script is ours, with steps of it changed on the way to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.tls.shuttle import NAME, Shuttle
from transom.errors import PeerAlerted, PeerError
from transom.tls.config import ClientConfig, ServerConfig
from transom.tls.connection import Connection
from transom.tls.handshake.client import client
from transom.tls.handshake.server import server
from transom.tls.handshake.steps import Script, Send, Step
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.messages.frame import Frame
from transom.wire.struct import Struct
from transom.wire.tap import Side

T = TypeVar("T")
S = TypeVar("S", bound=Struct)

Tamper = Callable[[Step], Iterable[Step]]
"""What is done instead of a step. The peer's own transcript keeps what it meant to say."""


def untouched(step: Step) -> Iterable[Step]:
    return (step,)


def tampered(script: Script[T], tamper: Tamper) -> Script[T]:
    """Plays `script` with each step replaced."""
    answer = None
    while True:
        try:
            step = script.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # what a Script comes to is its StopIteration's value
        answer = None
        for replacement in tamper(step):
            answer = yield replacement


def broken_pair(
    client_config: ClientConfig,
    server_config: ServerConfig,
    *,
    by_client: Tamper = untouched,
    by_server: Tamper = untouched,
    name: str = NAME,
) -> Shuttle:
    """A client and a server of which one tampers; both started."""
    shuttle = Shuttle(
        Connection(tampered(client(client_config, name), by_client), client_config, is_client=True),
        Connection(tampered(server(server_config), by_server), server_config, is_client=False),
    )
    shuttle.client.start()
    shuttle.server.start()
    return shuttle


@dataclass(frozen=True)
class Refusal:
    """Who refused, why, and the alert as the other side received it (None: nothing came)."""

    side: Side
    error: PeerError
    alert: str | None


def run_to_refusal(shuttle: Shuttle) -> Refusal:
    """Carry bytes until one side refuses; then carry its alert to the other."""
    for _ in range(20):
        for sender, receiver in ((Side.CLIENT, shuttle.server), (Side.SERVER, shuttle.client)):
            data = shuttle.tamper(sender, bytes(_end(shuttle, sender).take_outgoing()))
            if not data:
                continue
            error = _refused(receiver, data)
            if error is not None:
                return Refusal(sender.peer, error, _alert_received(_end(shuttle, sender), receiver))
    raise AssertionError("nobody refused")


def _end(shuttle: Shuttle, side: Side) -> Connection[Any]:
    return shuttle.client if side is Side.CLIENT else shuttle.server


def _refused(receiver: Connection[Any], data: bytes) -> PeerError | None:
    """The error in what came; what came whole before it has been given."""
    try:
        receiver.receive(data)
    except PeerError as error:
        return error
    return receiver.failure


def _alert_received(by: Connection[Any], sender: Connection[Any]) -> str | None:
    data = bytes(sender.take_outgoing())
    alerted = _refused(by, data) if data else None
    return alerted.description if isinstance(alerted, PeerAlerted) else None


def rewriting(kind: HandshakeType, structure: type[S], rewrite: Callable[[S], Struct | bytes]) -> Tamper:
    """Every message of that type is sent as `rewrite` has it."""

    def tamper(step: Step) -> Iterable[Step]:
        if isinstance(step, Send) and step.frame.type is kind:
            changed = rewrite(structure.decode(step.frame.body))
            yield Send(Frame.of(kind, changed if isinstance(changed, bytes) else changed.encode()))
        else:
            yield step

    return tamper


def inserting(before: int, *steps: Step) -> Tamper:
    """These steps come before the `before`th step that says something (from 0)."""
    count = -1

    def tamper(step: Step) -> Iterable[Step]:
        nonlocal count
        if says_something(step):
            count += 1
            if count == before:
                yield from steps
        yield step

    return tamper


def says_something(step: Step) -> bool:
    """Whether the step puts a handshake message or ChangeCipherSpec on the wire."""
    return type(step).__name__ in ("Send", "SendChangeCipherSpec")
