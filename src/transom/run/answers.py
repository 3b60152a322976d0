"""What a server answers to one request after another, as it goes on: heads seen to, bodies as they come."""

from __future__ import annotations

from collections.abc import Callable

from transom.http.events import BodyCut, BodyEnd, InformationalHead, Problem, ResponseHead, Switched
from transom.http.framing import UntilClose, keeps_alive
from transom.http.messages import Request, Response
from transom.http.observed import HttpObserver, Seen
from transom.run.heads import answer_onward, check_answer
from transom.wire.tap import Side


class Answers:
    """One server's. What it says and nobody can follow goes on as it is, and is the last that it says."""

    def __init__(self) -> None:
        self._observer = HttpObserver()
        self._held = b""
        """What did not go on yet: a head that is not whole, or what is behind the end of an answer."""
        self._position = 0
        self.began = self.ended = self.switched = False
        """Whether the head of the final answer has gone on; all of it; and whether what follows is no HTTP."""
        self._ends_the_connection = False
        self._closes: Callable[[], bool] = lambda: False
        self._version = "1.1"

    def next(self, request: Request, closes: Callable[[], bool]) -> None:
        """A request follows; `closes` tells at the answer's head whether the client's connection ends in any case."""
        self.began = self.ended = self.switched = False
        self._version = request.version
        self._closes = closes

    @property
    def keeps(self) -> bool:
        """Whether the connection may have another exchange behind this one, which has ended."""
        return not self._ends_the_connection and not self._held

    def asked(self, data: bytes) -> None:
        """The next bytes of the request."""
        self._observer.receive(Side.CLIENT, data)

    def receive(self, data: bytes) -> bytes:
        """The next bytes of the server; those that go on. Raises HttpError with status 502, before it has `began`."""
        flowed = self.began
        events = self._observer.receive(Side.SERVER, data)
        if flowed and not any(isinstance(seen.event, BodyEnd | BodyCut) for seen in events):
            self._position += len(data)
            return data
        self._held += data
        onward = b"".join(self._onward(seen) for seen in events)
        return onward + self._take_all() if self.began and not self.ended else onward

    def _onward(self, seen: Seen) -> bytes:
        match seen.event:
            case InformationalHead(response) if not self.ended:
                return self._informational(seen, response)
            case ResponseHead(response, framing) if not self.ended:
                self._ends_the_connection = (
                    not keeps_alive(response) or isinstance(framing, UntilClose) or self._closes()
                )
                self._take(seen.start)  # empty lines before it
                onward = answer_onward(response, self._take(seen.end), closes=self._ends_the_connection)
                self.began = True
                return onward
            case BodyEnd() if not self.ended:
                self.ended = True
                return self._take(seen.end)
            case BodyCut() if not self.ended:
                self.ended = self._ends_the_connection = True
                return self._take_all()
            case Switched():
                self.began = self.switched = True
            case Problem("http-malformed"):
                if not self.began:
                    check_answer(self._held.partition(b"\r\n\r\n")[0])
                self.began = self._ends_the_connection = True
            case _:
                pass
        return b""

    def _informational(self, seen: Seen, response: Response) -> bytes:
        self._take(seen.start)
        head = self._take(seen.end)
        if response.status == 101:
            return head
        if self._version == "1.0":
            return b""  # it would take it for the answer (RFC 9110 §15.2)
        return answer_onward(response, head, closes=False)

    def _take_all(self) -> bytes:
        return self._take(self._position + len(self._held))

    def _take(self, end: int) -> bytes:
        """What is held, up to this place of the stream."""
        count = end - self._position
        taken, self._held = self._held[:count], self._held[count:]
        self._position = end
        return taken
