"""When conversations began: how many in each of so many boxes, and those that began within a span."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from transom.dissect.json_lines import Line
from transom.value import value

MOST_BOXES = 400

Numbers = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


@value
class Span:
    """`[since, until)` in nanoseconds after the first conversation began; None is no bound."""

    since: int | None = None
    until: int | None = None

    def has(self, began: Numbers) -> Marks:
        """Which of these lie in it."""
        inside = np.ones(len(began), np.bool_)
        if self.since is not None:
            inside &= began >= self.since
        if self.until is not None:
            inside &= began < self.until
        return inside


def first_of(starts: Numbers) -> int:
    """The earliest; a conversation of which no packet has a time has none."""
    known = starts[starts > 0]
    return int(known.min()) if len(known) else 0


def counted(first: int, began: Numbers, shown: Numbers, odd: Marks, boxes: int) -> Line:
    """Those at the places `shown`, in boxes of `width` nanoseconds over all of `began`; `odd` of them had problems."""
    width = int(began.max()) // boxes + 1 if len(began) else 1
    at = began[shown] // width
    return {
        "first": first,
        "width": width,
        "boxes": np.bincount(at, minlength=boxes).tolist(),
        "odd": np.bincount(at[odd[shown]], minlength=boxes).tolist(),
    }
