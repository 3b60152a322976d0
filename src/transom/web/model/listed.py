"""A conversation as the table of them has it while it is read, and those who look on for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from transom.capture.conversation import Conversation
from transom.dissect.captured import CapturedTap
from transom.dissect.flow import Flow
from transom.value import value
from transom.web.model.looked import View
from transom.web.model.mask import Masking
from transom.web.model.rows import Row, RowWriter
from transom.wire.tap import Ending, Side, Tap, Taps

TellOver = Callable[[int], None]
"""Is told the number of a conversation of which nobody tells any more."""


@value
class Observer:
    """Who looks on, and who writes down what a row says of it."""

    flow: Flow
    writer: RowWriter

    def row(self, masking: Masking, *, running: bool) -> Row:
        """As it is now."""
        return self.writer.row(self.flow.facts, masking, self.flow.pending(), running=running)


class Observers(Taps):
    """A tap that tells `taps`, then those who look on for a view. It is `over` when none of them tells any more."""

    def __init__(self, number: int, tell_over: TellOver, taps: Sequence[Tap] = ()) -> None:
        super().__init__(taps)
        self.over = False
        self.by_view: dict[View, Observer] = {}
        self._number = number
        self._tell_over = tell_over

    def add(self, view: View, observer: Observer) -> None:
        """One more, for this view."""
        self.by_view[view] = observer
        self._taps = (*self._taps, observer.flow)

    def of(self, view: View) -> Observer:
        """Who looks on for that view."""
        return self.by_view[view]

    def rows(self, views: Iterable[View], masking: Masking) -> dict[View, Row]:
        """As the table has it now, in these views."""
        written: dict[RowWriter, Row] = {}  # what one saw for several views is one row
        rows: dict[View, Row] = {}
        for view in views:
            observer = self.of(view)
            if observer.writer not in written:
                written[observer.writer] = observer.row(masking, running=not self.over)
            rows[view] = written[observer.writer]
        return rows

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        super().closed(side, time, how, packet)
        self._look_whether_over()

    def finish(self) -> None:
        """Nothing more comes."""
        for observer in self.by_view.values():
            observer.flow.finish()
        self._look_whether_over()

    def _look_whether_over(self) -> None:
        if not self.over and all(observer.flow.over for observer in self.by_view.values()):
            self.over = True
            self._tell_over(self._number)


class Listed:
    """One conversation for its row in the table."""

    def __init__(self, conversation: Conversation, observers: Observers) -> None:
        self.number = conversation.number
        self._observers = observers
        self._captured = CapturedTap(observers, conversation)

    @property
    def tap(self) -> Tap:
        """Whom to tell."""
        return self._captured.tap

    @property
    def over(self) -> bool:
        """Whether nothing more will be told of it."""
        return self._observers.over

    def finish(self) -> None:
        """Nothing more comes."""
        self._captured.finish()

    def rows(self, views: Iterable[View], masking: Masking) -> dict[View, Row]:
        """As the table has it now, in these views."""
        return self._observers.rows(views, masking)
