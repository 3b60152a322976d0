"""A capture file told: every conversation in it through the same `Flow` that a live transfer goes through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from transom.capture.conversation import CaptureSummary, Conversation
from transom.capture.packets import UDP, parse_packets
from transom.capture.problems import Findings
from transom.capture.reader import read_windows, secrets
from transom.capture.tcp import read_conversations
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.dissect.timeline import Listener
from transom.dissect.turning import Turning
from transom.tls.keys.keylog import KeyLog
from transom.wire.tap import Finishing, Tap

ListenerFor = Callable[[int], Listener]
"""Who is told of the conversation with this number."""

LOSING_PROBLEMS = frozenset({"file-truncated", "file-damaged"})
"""Problems of the file itself that mean that packets are missing at its end."""


class CapturedTap:
    """Gives `listener` a captured conversation with the sides as they are, whoever was seen to send first."""

    def __init__(self, listener: Finishing, conversation: Conversation) -> None:
        self._listener = listener
        self._turning = None if conversation.opening in ("syn", "syn-ack") else Turning(listener)

    @property
    def tap(self) -> Tap:
        """Whom to tell."""
        return self._turning or self._listener

    def finish(self) -> None:
        """Nothing more comes."""
        if self._turning is not None:
            self._turning.finish()
        self._listener.finish()


def observe_capture(
    path: Path, looking: Looking, listener_for: ListenerFor, over: Callable[[Facts], None]
) -> CaptureSummary:
    """Read the capture once; `over` is called for each conversation as it ends. Raises CaptureError.

    The secrets have to be known beforehand: see `keys_for`.
    """
    running: dict[int, CapturedTap] = {}

    def tap_for(conversation: Conversation) -> Tap:
        number = conversation.number
        running[number] = CapturedTap(Flow(number, listener_for(number), looking, ended), conversation)
        return running[number].tap

    def ended(facts: Facts) -> None:
        del running[facts.number]
        over(facts)

    summary = read_conversations(path, tap_for)
    for captured in list(running.values()):
        captured.finish()
    return summary


def keys_for(path: Path, logs: Sequence[bytes]) -> KeyLog:
    """The secrets inside the capture, wherever they stand in it, and those of the key logs given beside it."""
    keys = KeyLog(secrets(path))
    for log in logs:
        keys.receive(log)
        keys.finish()
    return keys


def lost_bytes(summary: CaptureSummary) -> int:
    """TCP payload that was sent and never captured, in all conversations."""
    return sum(conversation.missing_bytes for conversation in summary.conversations)


def udp_packets(path: Path, summary: CaptureSummary) -> int:
    """How many UDP packets there are, none of which is looked into: what runs over it (DTLS, QUIC) is not read."""
    if summary.packets == sum(conversation.packets for conversation in summary.conversations):
        return 0
    findings = Findings()  # what is odd was told when the conversations were read
    packets = (parse_packets(window, findings) for window in read_windows(path, findings))
    return sum(int((window.protocol == UDP).sum()) for window in packets)


def anything_lost(summary: CaptureSummary) -> bool:
    """Whether the capture is less than what crossed."""
    return lost_bytes(summary) > 0 or any(problem.code in LOSING_PROBLEMS for problem in summary.problems)
