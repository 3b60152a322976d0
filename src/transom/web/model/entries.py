"""The lines of a story: the timeline's items, by a name that both views share, with HTTP beside what carried it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from transom.dissect.telling import NOT_REACHED
from transom.dissect.timeline import (
    ApplicationData,
    Closed,
    HttpBody,
    HttpRequest,
    HttpResponse,
    Item,
    Message,
    Problem,
    SealedFromHere,
)
from transom.value import value
from transom.wire.tap import Side

Http = HttpRequest | HttpResponse | HttpBody


@value
class Entry:
    """One line. `place` is the item's in the timeline; `http` what it carried, or the body that followed a head.

    `id` says where it lies: `c0` is what the client's stream begins with, `s127.1` the second message of one record.
    """

    id: str
    place: int
    item: Item
    flight: int
    http: tuple[Http, ...] = ()
    both: bool = False

    @property
    def has_step(self) -> bool:
        """Whether there is more of it to show than its line."""
        return isinstance(self.item, Message | ApplicationData | HttpRequest | HttpResponse)


def entries(items: Sequence[Item]) -> list[Entry]:
    """The lines of a conversation, in their order."""
    writer = _Writer()
    for place, item in enumerate(items):
        writer.take(place, item)
    return writer.end()


class _Writer:
    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._carried: list[Http] = []
        self._taken: Counter[str] = Counter()
        self._sealed = False
        self._flight = 0
        self._last_side: Side | None = None

    def take(self, place: int, item: Item) -> None:
        match item:
            case Message():
                self._add(place, item, f"{item.side.value[0]}{item.records[0].offset}", item.side)
            case ApplicationData():
                self._add(place, item, f"{item.side.value[0]}{item.offset}", item.side, self._take_carried())
            case SealedFromHere():
                self._seal(place, item)
            case HttpRequest() | HttpResponse() | HttpBody() if self._sealed:
                self._carried.append(item)  # a run is told when it has ended, which is behind what it carried
            case HttpRequest():
                self._add(place, item, f"q{item.stream}", item.side)
            case HttpResponse():
                self._add(place, item, f"a{item.stream}", Side.SERVER)
            case HttpBody():
                self._body(item)
            case Problem() if item.code != NOT_REACHED:  # how it was closed says that
                self._add(place, item, f"p{place}")
            case Closed():
                self._add(place, item, f"e{item.side.value[0]}")
            case _:
                pass

    def end(self) -> list[Entry]:
        """What was carried and had not ended belongs to the last run."""
        left = self._take_carried()
        for number in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[number]
            if left and isinstance(entry.item, ApplicationData):
                self._entries[number] = _with_http(entry, left)
                break
        return self._entries

    def _add(self, place: int, item: Item, name: str, side: Side | None = None, http: tuple[Http, ...] = ()) -> None:
        if side is not None and side is not self._last_side:
            self._flight += self._last_side is not None
            self._last_side = side
        number = self._taken[name]
        self._taken[name] += 1
        self._entries.append(Entry(f"{name}.{number}" if number else name, place, item, self._flight, http))

    def _seal(self, place: int, item: SealedFromHere) -> None:
        """TLS 1.3 seals both directions at once, TLS 1.2 each by itself."""
        self._sealed = True
        last = self._entries[-1] if self._entries else None
        if last is not None and isinstance(last.item, SealedFromHere):
            self._entries[-1] = Entry(last.id, last.place, last.item, last.flight, both=True)
        else:
            self._add(place, item, f"x{item.side.value[0]}")

    def _body(self, body: HttpBody) -> None:
        head = HttpRequest if body.side is Side.CLIENT else HttpResponse
        for number in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[number]
            if isinstance(entry.item, head) and entry.item.stream == body.stream:
                self._entries[number] = _with_http(entry, (body,))
                return

    def _take_carried(self) -> tuple[Http, ...]:
        carried, self._carried = tuple(self._carried), []
        return carried


def _with_http(entry: Entry, more: tuple[Http, ...]) -> Entry:
    return Entry(entry.id, entry.place, entry.item, entry.flight, (*entry.http, *more), entry.both)
