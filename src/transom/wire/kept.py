"""Memory that is filled again and again, unless somebody keeps what is in it.

Whoever is given bytes has them until the next call; where they lie in a `Room` it may keep them longer, without a copy.
"""

from __future__ import annotations

MOST_TOO_LARGE = 32
"""Times as large as what is wanted may a room be: one for bulk is not held for the little that comes after it, but for
whatever a slower sender's bulk is: new memory costs more than to open what lies in it."""

_SPARE = 32
"""A part of this size is added: what comes next may be a record longer."""


class Room(bytearray):
    """Memory that can be kept, by several at once, each of whom gives it back, from whatever thread."""

    __slots__ = ("_keepers",)

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._keepers: list[None] = []  # a number would be read and written in two steps, between which others come

    def keep(self) -> None:
        """What is in here stays as it is. To be called before the channel is."""
        self._keepers.append(None)

    def give_back(self) -> None:
        """It is not wanted any more."""
        self._keepers.pop()

    @property
    def is_kept(self) -> bool:
        """Whether somebody has it who has not given it back."""
        return bool(self._keepers)


class Rooms:
    """Rooms of about one size. Who keeps them decides how many they become."""

    __slots__ = ("_rooms",)

    def __init__(self) -> None:
        self._rooms: list[tuple[Room, memoryview]] = []

    def of(self, size: int) -> memoryview:
        """At least `size` bytes that nobody keeps: the same memory, and the same object, wherever that is possible.

        What was given out before and is not kept is overwritten.
        """
        for room, view in self._rooms:
            if size <= len(view) <= MOST_TOO_LARGE * size and not room.is_kept:
                return view
        self._rooms = [one for one in self._rooms if size <= len(one[1]) <= MOST_TOO_LARGE * size]
        room = Room(size + size // _SPARE)
        view = memoryview(room)
        self._rooms.append((room, view))
        return view


def room_of(view: memoryview) -> Room | None:
    """The room that these bytes lie in, if they can be kept."""
    return view.obj if isinstance(view.obj, Room) else None
