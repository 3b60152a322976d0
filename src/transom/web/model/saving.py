"""One file of a conversation, taken out of the capture whole."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from transom.capture.conversation import Conversation
from transom.capture.tcp import read_conversations
from transom.dissect.captured import CapturedTap
from transom.dissect.exchanges import Exchange
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.errors import UsageError
from transom.files.opened import OpenFile
from transom.tls.observed.held import HeldBytes
from transom.transfer.content import FilePart
from transom.web.model.files import file_name
from transom.web.model.looked import View, without_keys
from transom.wire.tap import Buffer, Side, Tap, Taps


def take_file(path: Path, looking: Looking, number: int, view: View, wanted: str) -> tuple[str, FilePart]:
    """Its name and its bytes; `wanted` is its id. Raises UsageError if there is no such whole file, CaptureError."""
    with tempfile.TemporaryFile() as room:
        taking = _Taking(wanted, room)
        own = without_keys(looking) if view == "without-keys" else looking
        _look(path, replace(own, bodies=taking.consumer, hash_bodies=False, held=HeldBytes()), number)
        if taking.exchange is None or not taking.complete:
            raise UsageError(f"no whole file {wanted}")
        room.flush()
        file = OpenFile(os.dup(room.fileno()), wanted)
        return file_name(taking.exchange), FilePart(file, 0, file.size)


@dataclass
class _Taking:
    wanted: str
    room: BinaryIO
    exchange: Exchange | None = None
    complete: bool = False

    def consumer(self, side: Side, exchange: Exchange) -> _Taking | None:
        if f"{exchange.stream}-{side.value}" != self.wanted:
            return None
        self.exchange = exchange
        return self

    def write(self, data: Buffer) -> None:
        self.room.write(data)

    def skip(self, count: int) -> None:
        """Then it is not whole, and nothing is given."""

    def end(self, *, complete: bool) -> None:
        self.complete = complete


def _look(path: Path, looking: Looking, number: int) -> None:
    chosen: list[CapturedTap] = []

    def tap_for(conversation: Conversation) -> Tap:
        if conversation.number != number:
            return Taps([])
        chosen.append(CapturedTap(Flow(number, lambda _: None, looking), conversation))
        return chosen[0].tap

    read_conversations(path, tap_for)
    for captured in chosen:
        captured.finish()
