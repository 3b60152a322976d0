"""The driver plays a script: it hands it messages, carries out its steps, and knows what is expected next."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from transom.errors import PeerMisbehaved, Sentence
from transom.tls.config import KeyLogWriter
from transom.tls.handshake.steps import (
    Agree,
    Direction,
    Expect,
    ExpectChangeCipherSpec,
    InstallKeys,
    LogSecret,
    PassOverEarlyData,
    Received,
    Script,
    Send,
    SendChangeCipherSpec,
    Step,
)
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import Frame, Framer
from transom.tls.messages.grammar import Grammar
from transom.tls.record.traffic_keys import TrafficKeys
from transom.wire.struct import Struct
from transom.wire.tap import Buffer

T = TypeVar("T")


class Wire(Protocol):
    """What the driver needs of the record layer."""

    def send_handshake(self, frame: Frame) -> None: ...
    def send_change_cipher_spec(self) -> None: ...
    def install(self, direction: Direction, version: ProtocolVersion, keys: TrafficKeys) -> None: ...
    def pass_over_early_data(self) -> None: ...


class Driver(Generic[T]):
    """One handshake under way; `result` is what it came to, None before its end."""

    def __init__(self, script: Script[T], wire: Wire, keylog: KeyLogWriter | None) -> None:
        self.result: T | None = None
        self.grammar = Grammar()
        self.heard: set[HandshakeType] = set()
        """The types of the messages that came and were expected."""
        self._script = script
        self._wire = wire
        self._keylog = keylog
        self._framer = Framer()
        self._waiting: Expect | ExpectChangeCipherSpec | None = None
        self._state = "START"

    def start(self) -> None:
        """Play up to the first thing that has to be waited for."""
        self._play(None)

    @property
    def state(self) -> str:
        """The RFC's name of the state it waits in."""
        return self._state

    @property
    def awaits_change_cipher_spec(self) -> bool:
        return isinstance(self._waiting, ExpectChangeCipherSpec)

    @property
    def held(self) -> int:
        """Bytes of a message that is not whole yet."""
        return self._framer.held

    def receive(self, fragment: Buffer) -> None:
        """The content of a handshake record."""
        if self.awaits_change_cipher_spec:
            raise self._unexpected(HandshakeType(fragment[0]).message)
        self._framer.receive(fragment)
        for frame in self._framer.frames():
            if not isinstance(self._waiting, Expect):
                raise self._unexpected(frame.type.message)
            received = Received(frame, self._decode(frame, self._waiting))
            self.heard.add(frame.type)
            self._play(received)

    def receive_change_cipher_spec(self) -> None:
        """TLS 1.2's signal that the peer's keys change."""
        if not self.awaits_change_cipher_spec:
            raise self._unexpected("ChangeCipherSpec")
        self._check_on_boundary()
        self._play(None)

    def _decode(self, frame: Frame, expected: Expect) -> Struct:
        kind = self.grammar.structure(frame.type)
        if kind is None or kind not in expected.kinds:
            raise self._unexpected(frame.type.message)
        return kind.decode(frame.body)

    def _play(self, answer: Received | None) -> None:
        """Carry out steps until one has to wait for the peer."""
        self._waiting = None
        try:
            while self._waiting is None:
                self._carry_out(self._script.send(answer))
                answer = None
        except StopIteration as end:
            self._check_on_boundary()
            self.result = end.value
            self._state = "CONNECTED"

    def _carry_out(self, step: Step) -> None:
        match step:
            case Expect(state=state) | ExpectChangeCipherSpec(state=state):
                self._waiting = step
                self._state = state
            case Send(frame):
                self._wire.send_handshake(frame)
            case SendChangeCipherSpec():
                self._wire.send_change_cipher_spec()
            case InstallKeys(direction, version, keys):
                if direction is Direction.READ:
                    self._check_on_boundary()
                self._wire.install(direction, version, keys)
            case PassOverEarlyData():
                self._wire.pass_over_early_data()
            case Agree(grammar):
                self.grammar = grammar
            case LogSecret(line):
                if self._keylog is not None:
                    self._keylog(line)

    def _check_on_boundary(self) -> None:
        """No handshake bytes may lie on both sides of a change of keys (RFC 8446 §5.1)."""
        if self._framer.held:
            raise PeerMisbehaved(
                "{held} handshake bytes stand before a change of keys",
                held=self._framer.held,
                alert="unexpected_message",
                rfc="8446 §5.1",
                where=self.state,
            )

    def _unexpected(self, seen: str) -> PeerMisbehaved:
        match self._waiting:
            case Expect(kinds=kinds):
                expected = " or ".join(kind.__name__.rstrip("0123456789") for kind in kinds)
            case ExpectChangeCipherSpec():
                expected = "ChangeCipherSpec"
            case None:
                expected = Sentence("nothing more of the handshake")
        return PeerMisbehaved(
            "got {seen}, expected {expected}",
            seen=seen,
            expected=expected,
            alert="unexpected_message",
            rfc="8446 §4",
            where=self.state,
        )
