"""One file of a conversation, or all that one side said, taken out of the capture whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from transom.dissect.exchanges import Exchange
from transom.dissect.one import hear_plaintext, hear_wire
from transom.dissect.telling import Looking
from transom.errors import UsageError
from transom.files.names import safe_name
from transom.tls.observed.held import HeldBytes
from transom.transfer.being_made import BeingMade, Take
from transom.web.model.context import Context
from transom.web.model.exchanges import listed
from transom.web.model.looked import Looked
from transom.web.model.masked import Masked
from transom.web.model.names import file_name
from transom.wire.tap import Buffer, Side


def take_file(context: Context, wanted: str) -> tuple[str, BeingMade]:
    """Its name and its bytes; `wanted` is its id. Raises UsageError if this view reads no such whole file."""
    for exchange in listed(context.seen):
        for body in (exchange.request_body, exchange.response_body):
            if body is not None and body.complete and _id(exchange, body.side) == wanted:
                make = partial(_make_file, context.looked, _own(context), wanted)
                return safe_name(file_name(exchange, body)), BeingMade(body.length, make)
    raise UsageError(f"no whole file {wanted} in conversation {context.looked.number}, as far as it is read")


def take_said(context: Context, side: Side) -> tuple[str, BeingMade]:
    """What `side` said: what its records open to in a view that opens them, else what crossed; masked as Follow is.

    Of a conversation that goes on, what it said until now. Raises UsageError where Follow shows nothing either.
    """
    if context.withheld:
        raise UsageError(f"what crossed in conversation {context.looked.number} is no HTTP, so it is not shown masked")
    opened = context.is_opened
    said = context.seen.plaintext if opened else context.looked.wire
    name = f"conversation-{context.looked.number}-{side.value}{'' if opened else '-as-it-crossed'}.bin"
    tell = partial(Masked, context.masking, side, {} if opened else context.tls_from)
    make = (
        partial(_make_opened, context.looked, _own(context), tell)
        if opened
        else partial(_make_crossed, context.looked, tell)
    )
    return name, BeingMade(said.total[side], make)


def _id(exchange: Exchange, side: Side) -> str:
    return f"{exchange.stream}-{side.value}"


# What is made from does not change while the capture is read on, but for the keys: they are looked up one by one.


def _own(context: Context) -> Looking:
    return replace(context.seen.looking, held=HeldBytes(), hash_bodies=False, plaintext=None, bodies=None)


def _make_file(looked: Looked, looking: Looking, wanted: str, take: Take) -> None:
    sink = _Sink(take)

    def consumer(side: Side, exchange: Exchange) -> _Sink | None:
        return sink if _id(exchange, side) == wanted else None

    hear_plaintext(looked.path, replace(looking, bodies=consumer), looked.number, _unheard)


def _make_opened(looked: Looked, looking: Looking, tell: Callable[[Take], Masked], take: Take) -> None:
    told = tell(take)
    hear_plaintext(looked.path, looking, looked.number, told.receive, told.take)
    told.end()


def _make_crossed(looked: Looked, tell: Callable[[Take], Masked], take: Take) -> None:
    told = tell(take)
    hear_wire(looked.path, looked.number, told.receive, told.lost)
    told.end()


def _unheard(_side: Side, _data: Buffer) -> None:
    pass


@dataclass
class _Sink:
    """A body that is whole: its holes and its end were seen before."""

    write: Take

    def skip(self, count: int) -> None:
        """Then less is made than was said, and whoever is given it is told."""

    def end(self, *, complete: bool) -> None:
        """Nothing more comes."""
