"""One file of a conversation, or all that one side said, taken out of the capture whole."""

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
from transom.dissect.one import hear_plaintext, hear_wire
from transom.dissect.telling import Looking
from transom.errors import UsageError
from transom.files.opened import OpenFile
from transom.tls.observed.held import HeldBytes
from transom.transfer.content import FilePart
from transom.web.model.context import Context
from transom.web.model.files import file_name
from transom.web.model.looked import View, without_keys
from transom.web.model.masked import Masked
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


def take_said(context: Context, side: Side) -> tuple[str, FilePart]:
    """What `side` said: what its records open to in a view that opens them, else what crossed; masked as Follow is.

    Raises UsageError where Follow shows nothing either, CaptureError.
    """
    if context.withheld:
        raise UsageError(f"what crossed in conversation {context.looked.number} is no HTTP, so it is not shown masked")
    looked, looking = context.looked, context.seen.looking
    opened = context.is_opened
    name = f"conversation-{looked.number}-{side.value}{'' if opened else '-as-it-crossed'}.bin"
    with tempfile.TemporaryFile() as room:
        told = Masked(context.masking, side, {} if opened else context.tls_from, room.write)
        if opened:
            own = replace(looking, held=HeldBytes(), hash_bodies=False, plaintext=None, bodies=None)
            hear_plaintext(looked.path, own, looked.number, told.receive, told.take)
        else:
            hear_wire(looked.path, looked.number, told.receive, told.lost)
        told.end()
        room.flush()
        file = OpenFile(os.dup(room.fileno()), name)
        return name, FilePart(file, 0, file.size)


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
