"""What every part of the page is made from: one conversation, as one of its observers saw it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from transom.dissect.protocol import speaks_http2
from transom.dissect.timeline import ApplicationData, HttpRequest, HttpResponse, Item, Message
from transom.http.messages import Headers
from transom.web.model.entries import Entry, entries
from transom.web.model.http2_fields import Row, frame_rows
from transom.web.model.kept import Kept
from transom.web.model.looked import Looked, Seen, View
from transom.web.model.mask import Masking
from transom.web.model.packet_lists import Way
from transom.web.model.told import Narration, Narrator
from transom.wire.tap import Side


@dataclass
class Context:
    """One conversation in one view. `looked` has the other view too: what leaks is told without keys in both."""

    looked: Looked
    view: View
    narrator: Narrator
    masking: Masking

    @property
    def seen(self) -> Seen:
        """What this view's observer made of it."""
        return self.looked.seen[self.view]

    @cached_property
    def entries(self) -> list[Entry]:
        """The lines of the story."""
        return entries(self.seen.items)

    @cached_property
    def entry(self) -> dict[str, Entry]:
        """The lines by their ids."""
        return {entry.id: entry for entry in self.entries}

    @property
    def forth(self) -> Side:
        """Who sent the first packet."""
        first, ends = self.looked.packets.first_source, self.seen.facts.endpoints
        return Side.SERVER if ends and first == ends.server else Side.CLIENT

    @cached_property
    def ways(self) -> dict[Side, Way]:
        """The packets of each side by what they carry."""
        packets, forth = self.looked.packets, self.forth
        return {side: packets.way(forth=side is forth) for side in Side}

    @cached_property
    def heads(self) -> dict[Side, list[int]]:
        """Where each side's heads of HTTP begin, of those that are lines of the story."""
        items = [entry.item for entry in self.entries]
        return {
            Side.CLIENT: sorted(
                item.offset for item in items if isinstance(item, HttpRequest) and item.side is Side.CLIENT
            ),
            Side.SERVER: sorted(item.offset for item in items if isinstance(item, HttpResponse)),
        }

    @cached_property
    def joined(self) -> set[str]:
        """The messages, by their ids, that begin in the last record of the one before."""
        messages = [(entry.id, entry.item) for entry in self.entries if isinstance(entry.item, Message)]
        return {
            name
            for (_, one), (name, other) in pairwise(messages)
            if one.side is other.side and one.records[-1].offset == other.records[0].offset
        }

    @cached_property
    def plaintext(self) -> dict[Side, bytes]:
        """The first of what each side said, masked. Every step shows a part: it is masked once for all of them."""
        return self.masking.said(list(self.seen.plaintext.pieces()))

    @cached_property
    def wire(self) -> dict[Side, bytes]:
        """The first of what crossed from each side, masked."""
        return self.masking.said(list(self.looked.wire.pieces()), self.tls_from)

    @property
    def is_http2(self) -> bool:
        """Whether HTTP/2 is what was said, from the beginning of what is kept of it."""
        return speaks_http2(self.plaintext if self.seen.facts.tls is not None else self.wire)

    @cached_property
    def frames_opened(self) -> dict[Side, list[Row]]:
        """The frames of HTTP/2 in what was opened, up to where some of it is missing."""
        return self._frames(self.plaintext, self.seen.plaintext)

    @cached_property
    def frames_crossed(self) -> dict[Side, list[Row]]:
        """The same where it crossed in the clear."""
        return self._frames(self.wire, self.looked.wire)

    def _frames(self, streams: dict[Side, bytes], kept: Kept) -> dict[Side, list[Row]]:
        gaps = {side: min((at for at, _ in kept.gaps[side]), default=None) for side in Side}
        return {side: frame_rows(side, streams[side][: gaps[side]]) for side in Side}

    @cached_property
    def narration(self) -> Narration:
        """What there is to say of its messages."""
        return self.narrator(self.seen.items)

    @property
    def is_opened(self) -> bool:
        """Whether this view has the keys to what its records seal."""
        tls = self.seen.facts.tls
        return tls is not None and tls.decrypted != "no"

    @property
    def withheld(self) -> bool:
        """Where nothing was read as HTTP, what would have to be masked cannot be told from the rest."""
        said = self.looked.wire if self.seen.facts.tls is None else self.seen.plaintext
        if self.masking.include_secrets or not any(said.total.values()):
            return False
        return not any(isinstance(item, HttpRequest | HttpResponse) for item in self.seen.items)

    @property
    def tls_from(self) -> dict[Side, int]:
        """Where the first record of each side begins in what is kept of it."""
        tls = self.seen.facts.tls
        if tls is not None and "_WITH_NULL_" in (tls.cipher_suite or ""):
            return {}  # such records are not sealed
        found: dict[Side, int] = {}
        for item in self.seen.items:
            if isinstance(item, Message | ApplicationData) and item.side not in found:
                offset = item.records[0].offset if isinstance(item, Message) else item.offset
                found[item.side] = self.looked.wire.place(item.side, offset)
        return found

    @property
    def start(self) -> int:
        """Nanoseconds since the epoch; every `at` counts from here."""
        return self.seen.facts.start or 0

    def masked(self, name: str, headers: Headers) -> str | None:
        """A field of a head, None where it is not there."""
        content = headers.get(name)
        return None if content is None else self.masking.header(name, content)

    def since_start(self, item: Item) -> int:
        """Nanoseconds."""
        return item.moment.time - self.start
