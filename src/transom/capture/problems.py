"""What is odd about a capture, as data: a finding never stops the reading."""

from __future__ import annotations

from transom.errors import Sentence
from transom.value import value


@value
class Problem:
    """One oddity. `code` is stable ("file-truncated"), `where` a place ("byte 4096", "packet 7 and 2 more").

    `where` and `what` are English, and can be said in another language.
    """

    code: str
    where: Sentence
    what: Sentence


class Findings:
    """Collects problems. The same one met again is counted, so that a million cut packets are one line."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Sentence], tuple[Sentence, int]] = {}

    def add(self, code: str, where: Sentence, what: Sentence, count: int = 1) -> None:
        """`count` places have this problem; `where` is the first of them."""
        first, known = self._found.get((code, what), (where, 0))
        self._found[code, what] = (first, known + count)

    def problems(self) -> tuple[Problem, ...]:
        """All that was found, in the order in which it was met first."""
        return tuple(Problem(code, _where(first, count), what) for (code, what), (first, count) in self._found.items())


def _where(first: Sentence, count: int) -> Sentence:
    return Sentence("{first} and {count} more", first=first, count=count - 1) if count > 1 else first
