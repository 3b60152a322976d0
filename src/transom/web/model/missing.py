"""What is missing of a conversation that is heard, for who masks it: behind a hole nobody knows what a byte is."""

from __future__ import annotations

from transom.dissect.timeline import Item, Problem
from transom.wire.tap import Side


class Missing:
    """Told what is lost, as it is told what is said; has it ready for the bytes that come behind."""

    def __init__(self) -> None:
        self._lost: dict[Side, int | None] = dict.fromkeys(Side, 0)

    def lost(self, side: Side, count: int | None) -> None:
        """So many are missing here; None: nobody knows how many."""
        lost = self._lost[side]
        self._lost[side] = None if lost is None or count is None else lost + count

    def take(self, item: Item) -> None:
        """An item of the timeline, as it is told."""
        if isinstance(item, Problem) and item.code == "lost-bytes" and item.side is not None:
            self.lost(item.side, None)

    def before(self, side: Side) -> int | None:
        """How many are missing before what that side says now."""
        lost, self._lost[side] = self._lost[side], 0
        return lost
