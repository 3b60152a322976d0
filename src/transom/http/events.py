"""What the three roles report of a message as it passes; the last five only an observer has cause to."""

from __future__ import annotations

from transom.errors import Sentence
from transom.http.framing import Framing
from transom.http.messages import NO_HEADERS, Headers, Request, Response
from transom.value import value
from transom.wire.tap import Buffer


@value
class RequestHead:
    """A whole request head; `expects_continue` when the client waits for a 100 before it sends the body."""

    request: Request
    framing: Framing
    expects_continue: bool = False


@value
class InformationalHead:
    """A 1xx response: the final one is still to come, unless it is 101."""

    response: Response


@value
class ResponseHead:
    """The head of the final response."""

    response: Response
    framing: Framing


@value
class BodyData:
    """Bytes of the body, with its framing taken off. `data` is valid until the next `receive`."""

    data: Buffer


@value
class BodyEnd:
    """The message is complete: `length` bytes of body in all, and the trailer fields of a chunked one."""

    length: int
    trailers: Headers = NO_HEADERS


@value
class HeadUnknown:
    """A head of which it cannot be known what it says, for what it refers to was not seen; its body may follow."""

    framing: Framing


@value
class BodyMissing:
    """Bytes of the body that were never seen: `count` of them from byte `start` of the body on."""

    start: int
    count: int


@value
class BodyCut:
    """The stream ended, or could not be followed, inside the body: `got` bytes of `expected` (None: unknown)."""

    got: int
    expected: int | None


@value
class Switched:
    """From here on both directions speak something else: a tunnel (CONNECT) or what `protocol` names (101)."""

    protocol: str


@value
class Problem:
    """Something odd, with a stable code. After it this direction may be silent: `what` says so."""

    code: str
    what: Sentence
