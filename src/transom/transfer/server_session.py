"""The server's side of one connection: requests in, files out, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

from transom.channel.interface import Established
from transom.errors import HttpError, TransomError, Truncated
from transom.http.dates import http_date
from transom.http.events import BodyData, BodyEnd, RequestHead
from transom.http.framing import NO_BODY, may_have_body
from transom.http.h1_server import ServerConnection, ServerEvent
from transom.http.messages import Headers, Request, Response
from transom.net.clock import epoch_seconds
from transom.net.session import Connection
from transom.transfer.access_log import Access
from transom.transfer.being_made import BeingMade
from transom.transfer.content import Content
from transom.transfer.limits import ServerLimits
from transom.transfer.site import Answer
from transom.transfer.upload import Upload
from transom.version import VERSION
from transom.wire.tap import Buffer

Log = Callable[[Access], None]


class Answering(Protocol):
    """Who answers requests: a `Site`, or another. Each but `close` may raise HttpError, which `refusal` tells."""

    def begin(self, request: Request) -> Upload | None:
        """What the body of `request` goes into, None when it is of no interest."""
        ...

    def answer(self, request: Request) -> Answer:
        """The answer to a request that has no upload."""
        ...

    def uploaded(self, upload: Upload) -> Answer:
        """The answer to one whose body has all come."""
        ...

    def refusal(self, error: HttpError) -> Answer:
        """The answer that says what was wrong."""
        ...

    def close(self) -> None:
        """Nothing more is asked."""
        ...


class ServerSession:
    """Answers the requests of one connection from a site."""

    def __init__(self, site: Answering, limits: ServerLimits, log: Log | None) -> None:
        self._site = site
        self._limits = limits
        self._log = log
        self._http = ServerConnection()
        self._connection: Connection
        self._established = False
        self._stopping = False
        self._kept = False
        """Between two exchanges, and nothing of the next has come."""
        self._request: Request | None = None
        self._upload: Upload | None = None
        self._response: Response | None = None
        self._content: Content | None = None
        self._awaited: Answer | Upload | None = None
        """For a digest of what is to be sent, or of what was sent up."""
        self._waits = False
        """For more of the content to be made."""
        self._sent = self._left = self._came = 0

    # -- what the connection tells (net.session.Session) ---------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        self._connection = connection

    def established(self, info: Established) -> None:  # noqa: ARG002 (every channel is served alike)
        self._established = True
        self._connection.set_deadline(self._limits.head, self._head_is_late)

    def data(self, data: Buffer) -> None:
        if self._kept:
            self._kept = False
            self._connection.set_deadline(self._limits.head, self._head_is_late)
        self._take(lambda: self._http.receive(data))

    def writable(self) -> bool:
        if self._response is not None:
            self._send_piece()
            if not self._left:
                self._complete()
        return self._response is not None and not self._waits

    def peer_closed(self, clean: bool) -> None:  # noqa: ARG002 (a request says itself where it ends)
        if self._response is None or self._http.paused:
            self._http.receive(b"")  # raises when it ends inside a request
        if self._response is None and self._awaited is None:
            self._connection.close()

    def lost(self, error: TransomError | None) -> None:
        """The access log shows how far a request came, and why none could: the client often is not told."""
        if error is not None and not self._established:
            self._write_log(problem=str(error))
        if self._response is not None or self._request is not None:
            self._end_exchange()

    @property
    def rests(self) -> bool:
        """Whether there is no exchange at hand: no whole request head has come, or none since the last answer."""
        return self._request is None and self._response is None

    def stop(self) -> None:
        """Finish the exchange at hand, if there is one, and close."""
        self._stopping = True
        if self.rests:
            self._connection.close()

    # -- a request -----------------------------------------------------------------------------------------------

    def _take(self, receive: Callable[[], list[ServerEvent]]) -> None:
        try:
            for event in receive():
                self._handle(event)
        except HttpError as error:
            if self._response is None:  # what follows a request that was refused cannot be refused again
                self._respond(self._site.refusal(error))

    def _handle(self, event: ServerEvent) -> None:
        if self._response is not None:
            return  # answered before its end: the rest is of no interest
        match event:
            case RequestHead():
                self._begin(event)
            case BodyData(data):
                self._came += len(data)
                if self._upload is not None:
                    self._upload.write(data)
            case BodyEnd(trailers=trailer):
                self._answer(trailer)

    def _begin(self, head: RequestHead) -> None:
        self._request = head.request
        if head.framing == NO_BODY:
            self._connection.clear_deadline()
        else:
            self._watch_body()
        self._upload = self._site.begin(head.request)
        if head.expects_continue:
            self._http.send_continue()
            self._connection.send(self._http.take_outgoing())

    def _answer(self, trailer: Headers) -> None:
        if self._upload is not None:
            self._await_hash(self._upload, trailer)
        elif self._request is not None:
            self._await_digest(self._site.answer(self._request))

    def _head_is_late(self) -> None:
        if self._http.idle:
            self._connection.close()
        else:
            late = HttpError("no whole request head came in {seconds:g} s", seconds=self._limits.head, status=408)
            self._respond(self._site.refusal(late))

    def _watch_body(self) -> None:
        """A body that trickles keeps a connection and a file as long as it likes, and is never idle."""
        self._came = 0
        self._connection.set_deadline(self._limits.body_stretch, self._look_at_body)

    def _look_at_body(self) -> None:
        if self._came >= self._limits.body_rate * self._limits.body_stretch:
            self._watch_body()
        else:
            slow = HttpError(
                "{came:,} bytes of the body came in {seconds:g} s",
                came=self._came,
                seconds=self._limits.body_stretch,
                status=408,
            )
            self._respond(self._site.refusal(slow))

    def _await_hash(self, upload: Upload, trailer: Headers) -> None:
        """Respond at once, but for a digest that came behind the file with nobody saying that it would."""
        upload.digests.expect_at_end(trailer)
        if not upload.digests.are_behind:
            self._respond(self._site.uploaded(upload))
            return
        self._awaited = upload
        self._connection.clear_deadline()
        self._connection.pause_reading()
        made = asyncio.get_running_loop().run_in_executor(None, upload.digests.catch_up)
        made.add_done_callback(partial(self._hash_is_made, upload))

    def _hash_is_made(self, upload: Upload, made: asyncio.Future[None]) -> None:
        failed = made.exception()
        if self._awaited is not upload:
            return  # the client has gone meanwhile
        self._awaited = None
        try:
            if failed is not None:
                raise failed
            answer = self._site.uploaded(upload)
        except HttpError as error:
            answer = self._site.refusal(error)
        self._respond(answer)

    def _await_digest(self, answer: Answer) -> None:
        """Respond at once, but for a digest that somebody asked for and that is still in work."""
        if answer.digest is None or answer.digest.value.done():
            self._respond(answer.complete())
            return
        self._awaited, self._content = answer, answer.content
        self._connection.clear_deadline()
        self._connection.pause_reading()
        tell = asyncio.get_running_loop().call_soon_threadsafe
        answer.digest.value.add_done_callback(lambda _: tell(self._digest_is_there, answer))

    def _digest_is_there(self, answer: Answer) -> None:
        if self._awaited is answer:  # and the client as well
            self._awaited = None
            self._respond(answer.complete())

    # -- its response --------------------------------------------------------------------------------------------

    def _respond(self, answer: Answer) -> None:
        """Announce the answer; it is sent when there is room, its head together with the first of its body."""
        self._connection.clear_deadline()
        self._response, self._content = answer.response, answer.content
        length = None if answer.response.status in (204, 304) else answer.content.length
        self._http.respond(self._completed(answer.response), length)
        method = self._request.method if self._request else "GET"
        self._left = answer.content.length if may_have_body(method, answer.response.status) else 0
        self._connection.pause_reading()
        self._connection.wake()

    def _completed(self, response: Response) -> Response:
        """With the fields that every response has."""
        headers = response.headers.replaced("Date", http_date(epoch_seconds()))
        headers = headers.replaced("Server", f"transom/{VERSION}")
        if self._stopping:
            headers = headers.replaced("Connection", "close")
        return Response(response.status, headers)

    def _send_piece(self) -> None:
        head = self._http.take_outgoing()
        if head:
            self._connection.send(head)
        if self._left and self._content is not None:
            most = self._at_hand(self._content)
            sent = self._connection.send_from(self._content, most) if most else 0
            self._http.body_passes(sent)
            self._sent += sent
            self._left -= sent
        else:
            for data in self._http.end_body():
                self._connection.send(data)

    def _at_hand(self, content: Content) -> int:
        """How much of what is left can be sent now."""
        if not isinstance(content, BeingMade):
            return self._left
        tell = asyncio.get_running_loop().call_soon_threadsafe
        count = content.at_hand(lambda: tell(self._more_is_made, content))
        self._waits = not count
        if self._waits:
            self._bear_with_making()
        return min(count, self._left)

    def _bear_with_making(self) -> None:
        """That nothing crosses is not the client's fault."""
        self._connection.set_deadline(self._limits.body_stretch, self._bear_with_making)

    def _more_is_made(self, content: Content) -> None:
        if self._content is content:  # and the client is still there
            self._waits = False
            self._connection.clear_deadline()
            self._connection.wake()

    def _complete(self) -> None:
        self._end_exchange()
        if self._http.must_close or self._stopping:
            self._connection.close()
            return
        self._kept = not self._http.waiting
        self._connection.set_deadline(self._limits.keep if self._kept else self._limits.head, self._head_is_late)
        try:
            self._take(self._http.next_request)
        except Truncated:  # a client that sent a part of a request more, and then no more
            self._connection.close()
        if self._response is None:
            self._connection.resume_reading()

    def _end_exchange(self) -> None:
        """Write the log and let go of what the exchange held."""
        self._write_log()
        if self._content is not None:
            self._content.close()
        if self._upload is not None:
            self._upload.abandon()
        self._request = self._upload = self._response = self._content = self._awaited = None
        self._sent = self._left = 0
        self._waits = False

    def _write_log(self, problem: str | None = None) -> None:
        if self._log is not None:
            client = self._connection.endpoints.client.address
            status = self._response.status if self._response else None
            self._log(Access(client, epoch_seconds(), self._request, status, self._sent, problem))
