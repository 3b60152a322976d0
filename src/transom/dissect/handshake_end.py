"""A connection that ends in the midst of the handshake: who ended it, how, and what that is as a rule.

TLS has alerts to say why it gives up. Who ends the connection without one has said nothing, and the program on this
side knows no more than "connection reset".
"""

from __future__ import annotations

from transom.dissect.steps import FINISHED
from transom.dissect.timeline import ApplicationData, Item, Message, Problem
from transom.errors import Sentence
from transom.tls.iana.alerts import AlertLevel
from transom.wire.tap import NEITHER, Ending, Side

ENDED_IN_HANDSHAKE = "ended-in-handshake"
"""The code of the problem."""

UNANSWERED_AS_A_RULE = Sentence(
    "as a rule a filter on the path does that, or a server that speaks no TLS on this port or takes nothing that was "
    "offered"
)
"""What it is when the ClientHello was not answered at all."""

_UNANSWERED: dict[tuple[Side, Ending], Sentence] = {
    (Side.SERVER, "reset"): Sentence(
        "the server's side reset the connection (RST) instead of answering: {rule}", rule=UNANSWERED_AS_A_RULE
    ),
    (Side.SERVER, "fin"): Sentence(
        "the server's side closed the connection (FIN) instead of answering: {rule}", rule=UNANSWERED_AS_A_RULE
    ),
    (Side.CLIENT, "reset"): Sentence(
        "the client reset the connection (RST) before it was answered: it was ended, or waited no longer"
    ),
    (Side.CLIENT, "fin"): Sentence(
        "the client closed the connection (FIN) before it was answered: it was ended, or waited no longer"
    ),
}

_ANSWERED: dict[tuple[Side, Ending], Sentence] = {
    (Side.SERVER, "reset"): Sentence("then the server's side reset the connection (RST), and no alert says why"),
    (Side.SERVER, "fin"): Sentence("then the server's side closed the connection (FIN), and no alert says why"),
    (Side.CLIENT, "reset"): Sentence("then the client reset the connection (RST), and no alert says why"),
    (Side.CLIENT, "fin"): Sentence("then the client closed the connection (FIN), and no alert says why"),
}


class HandshakeEnd:
    """Sees the items of one conversation, and judges its end.

    Nothing is said where it cannot be known: without the keys TLS 1.3 hides after the ServerHello whether the handshake
    went on. Nor where it has been said: by an alert, or as another problem.
    """

    def __init__(self) -> None:
        self._last = ""
        self._over = False
        self._finished = NEITHER
        self._first: tuple[Side, Ending] | None = None

    def see(self, item: Item) -> None:
        """The next item."""
        match item:
            case Message(alert=(AlertLevel.fatal, _)) | ApplicationData() | Problem():
                self._over = True
            case Message(alert=None):
                self._last = item.name
                if item.step == FINISHED:
                    self._finished |= {item.side}
            case _:
                pass

    def closed(self, side: Side, how: Ending) -> None:
        """`side` sends no more. Who was first has ended it."""
        self._first = self._first or (side, how)

    def judge(self, *, answered: bool) -> tuple[Side, Sentence, Sentence] | None:
        """Who ended it in the midst of the handshake, after which message, and what is to be said of that; once.

        `answered` if the server has said anything. None where it did not end there, or nobody ended it: the capture is
        over, or a client that has announced its end may still be answered.
        """
        if self._first is None or self._over or not self._last or len(self._finished) == len(Side):
            return None
        self._over = True
        return self._first[0], Sentence(self._last), (_ANSWERED if answered else _UNANSWERED)[self._first]
