"""What two observers made of one conversation: one with the keys that were given, and one that has none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from transom.dissect.facts import Facts
from transom.dissect.islands import Island
from transom.dissect.leaks import Leaks
from transom.dissect.telling import Looking
from transom.dissect.timeline import Item
from transom.tls.keys.keylog import KeyLog
from transom.tls.observed.held import HeldBytes
from transom.value import value
from transom.web.model.kept import Kept
from transom.web.model.pace import Pace
from transom.web.model.packet_lists import PacketList
from transom.web.model.previews import Previews

View = Literal["with-keys", "without-keys"]
VIEWS: tuple[View, ...] = ("with-keys", "without-keys")


@value
class RecordBytes:
    """A record's header and the beginning of its fragment, as they crossed."""

    offset: int
    data: bytes


@dataclass
class Seen:
    """What one observer, who was given `looking`, made of a conversation.

    `items` are the first of its timeline. Where `is_cut`, others are left out, among them so many that a story would
    tell; of `exchanges` and `bodies` there were so many in all. `records` and `plaintext_from` go by the item's place
    in `items`.
    """

    view: View
    facts: Facts
    looking: Looking
    items: list[Item] = field(default_factory=list[Item])
    is_cut: bool = False
    lines_left_out: int = 0
    exchanges: int = 0
    bodies: int = 0
    records: dict[int, list[RecordBytes]] = field(default_factory=dict[int, list[RecordBytes]])
    plaintext: Kept = field(default_factory=Kept)
    plaintext_from: dict[int, int] = field(default_factory=dict[int, int])
    previews: Previews = field(default_factory=Previews)


@value
class Looked:
    """One conversation, as far as it was read: `over` says that this is all of it.

    `wire` is what crossed, `islands` where the path can read in it, `leaks` what it knows, `pace` when it crossed.
    `path` is the capture's.
    """

    number: int
    over: bool
    seen: dict[View, Seen]
    wire: Kept
    islands: tuple[Island, ...]
    leaks: Leaks
    pace: Pace
    packets: PacketList
    path: Path

    @property
    def version(self) -> int:
        """Another number whenever there is more of it."""
        return sum(sum(seen.facts.wire_bytes.values()) + len(seen.items) for seen in self.seen.values()) + self.over


def without_keys(looking: Looking) -> Looking:
    """The same look by somebody on the path, who was given nothing."""
    return replace(looking, keys=KeyLog(), private_keys=(), plaintext=None, held=HeldBytes())
