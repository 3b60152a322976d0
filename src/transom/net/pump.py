"""One socket, one channel, one session, and the bytes between them.

    socket ──get_buffer/buffer_updated──▶ channel.receive ──events──▶ session
    socket ◀──transport.write── channel.take_outgoing ◀──channel.send── session

Everything happens in *steps*: the loop calls in (bytes, room to write, a deadline), the session does what it does, and
at the end of the step whatever the channel has to say is written at once, so that a head and the first of its body
leave together. An error anywhere in a step ends the connection in one place, `_fail`.

How a connection ends. Closing a socket with unread bytes in it makes TCP send a reset, which may destroy what the peer
has not read yet: the very alert or error page that says what was wrong. So the end is a half-close: what is owed is
delivered, FIN is sent, and what the peer still sends is read and dropped until its FIN comes or patience ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, cast

from transom.channel.interface import Channel, ChannelEvent, Data, Established, PeerClosed
from transom.channel.plain import PlainChannel
from transom.errors import ResetUnanswered, Sentence, TransferError, TransomError, reason_of
from transom.net.clock import Watch
from transom.net.file_sender import FileSender
from transom.net.send_queue import unacknowledged
from transom.net.session import Place, Session, Supply, Timeouts
from transom.wire.paged import paged
from transom.wire.tap import Buffer, Endpoint, Endpoints, Side, Tap

RECEIVE_SIZE = 512 * 1024

PIECES_A_ROUND = 2
"""How often a session may send in one round of the loop: a round costs as much as the records of one piece."""

# curl's exit codes.
TIMED_OUT = 28
HANDSHAKE_FAILED = 35
RECEIVE_FAILED = 56


def receive_buffer(size: int = RECEIVE_SIZE) -> memoryview:
    """The buffer all connections of a loop receive into.

    It is shared because a selector loop fills it and hands it over in one go: nothing lives in it between two calls,
    and ten thousand idle connections need no more than one.
    """
    return paged(size)


class _Phase(Enum):
    OPEN = auto()
    CLOSING = auto()
    """The session is done; what is owed is on its way out."""
    LINGERING = auto()
    """FIN is sent; the peer's is awaited."""
    CLOSED = auto()


class Pump(asyncio.BufferedProtocol):
    """Drives any channel over a socket; it is the `Connection` its session speaks to.

    `began` is the time of the SYN in nanoseconds since the epoch (default: when the connection is there), told to the
    tap. `closed` is done when the socket is.
    """

    def __init__(
        self,
        channel: Channel,
        session: Session,
        side: Side,
        buffer: memoryview,
        timeouts: Timeouts,
        tap: Tap | None = None,
        began: int | None = None,
    ) -> None:
        self._channel = channel
        self._session = session
        self._side = side
        self._buffer = buffer
        self._wire = buffer[:0]
        self._timeouts = timeouts
        self._tap = tap
        self._began = began
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self.endpoints: Endpoints
        self._phase = _Phase.OPEN
        self._established = False
        self._heard = False
        self._peer_finished = False
        self._told = False
        self._pulling = False
        self._pull_is_due = False
        self._write_paused = False
        self._unsent = 0
        self._sends_files = tap is None and isinstance(channel, PlainChannel)
        """Files may go into the socket as they are: what crosses is the plaintext, and nobody looks on."""
        self._files: FileSender | None = None
        self._idle = Watch(self._nothing_crossed)
        self._deadline = Watch(self._deadline_passed)
        self._on_deadline: Callable[[], None] = self._handshake_too_slow
        self.closed: asyncio.Future[None] = self._loop.create_future()

    # -- what the session asks (net.session.Connection) ----------------------------------------------------------

    def send(self, plaintext: Buffer) -> None:
        if self._may_send:
            self._channel.send(plaintext)

    def send_from(self, supply: Supply, most: int) -> int:
        if not self._may_send:
            return 0
        place = supply.place() if self._sends_files else None
        if place is not None:
            self._flush()  # the head
            if not self._transport.get_write_buffer_size():  # else the file's bytes would overtake what waits there
                return self._send_file(place, most)
        return self._channel.send_from(most, supply.fill)

    def wake(self) -> None:
        self._pulling = True
        self._pull_soon()

    def pause_reading(self) -> None:
        if self._phase is _Phase.OPEN and not self._peer_finished:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._peer_finished:
            self._transport.resume_reading()

    def close(self) -> None:
        if self._phase is _Phase.OPEN:
            self._channel.close()
            self._finish()

    def abort(self, error: TransomError) -> None:
        """Drop the connection at once, with `error` as the reason the session is told."""
        self._lose(error)
        self._transport.abort()

    @property
    def unsent(self) -> int:
        """Bytes that the peer's machine has not taken yet."""
        if self._phase is _Phase.CLOSED:
            return 0
        return self._transport.get_write_buffer_size() + unacknowledged(self._transport.get_extra_info("socket"))

    def set_deadline(self, seconds: float, expired: Callable[[], None]) -> None:
        self._on_deadline = expired
        self._deadline.restart(seconds)

    def clear_deadline(self) -> None:
        self._deadline.stop()

    # -- what the loop tells (asyncio.BufferedProtocol) ----------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(0)  # tell of any byte that waits, and when the last is out
        own = _endpoint(transport.get_extra_info("sockname"))
        peer = _endpoint(transport.get_extra_info("peername"))
        self.endpoints = Endpoints(own, peer) if self._side is Side.CLIENT else Endpoints(peer, own)
        self._idle.restart(self._timeouts.idle)
        self._deadline.restart(self._timeouts.handshake)
        self._step(self._begin)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  (asyncio's signature)
        return self._buffer[: self._channel.wants(len(self._buffer))]

    def buffer_updated(self, nbytes: int) -> None:
        if len(self._wire) != nbytes:
            self._wire = self._buffer[:nbytes]  # of full ones the same object, for which nothing is cut anew
        wire = self._wire
        self._idle.restart(self._timeouts.idle)
        if self._phase is _Phase.OPEN:
            self._step(self._receive, wire)
        else:
            self._show(lambda tap: tap.data(self._side.peer, wire, time.time_ns()))

    def eof_received(self) -> bool:
        self._peer_finished = True
        self._show(lambda tap: tap.closed(self._side.peer, time.time_ns()))
        if self._phase is _Phase.OPEN:
            self._step(self._receive, b"")
        elif self._phase is _Phase.LINGERING:
            self._transport.close()
        return True  # the transport stays: our own side may have more to send

    def pause_writing(self) -> None:
        self._write_paused = True

    def resume_writing(self) -> None:
        self._write_paused = False
        self._channel.outgoing_is_out()
        self._idle.restart(self._timeouts.idle)
        if self._phase is _Phase.CLOSING:
            self._half_close()
        elif self._pulling:
            self._pull_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        delivered = self._phase is _Phase.LINGERING
        self._phase = _Phase.CLOSED
        if self._files is not None:
            self._files.close()
        self._idle.stop()
        self._deadline.stop()
        if exc is not None or not delivered:
            self._show(lambda tap: tap.closed(self._side.peer if exc else self._side, time.time_ns(), "reset"))
        self._lose(None if delivered else self._broken(exc))
        # Now: this object waits for the collector, which counts objects and not how large they are.
        self._channel.ended()
        self._buffer = self._wire = memoryview(b"")
        self.closed.set_result(None)

    def _broken(self, cause: Exception | None) -> TransferError:
        reason = reason_of(cause) if isinstance(cause, OSError) else str(cause) if cause else Sentence("aborted")
        if self._established:
            return TransferError("the connection broke: {reason}", reason=reason, exit_code=RECEIVE_FAILED)
        if self._side is Side.CLIENT and isinstance(cause, ConnectionResetError) and not self._heard:
            return ResetUnanswered(
                "the connection broke in the handshake: {reason}", reason=reason, exit_code=HANDSHAKE_FAILED
            )
        return TransferError(
            "the connection broke in the handshake: {reason}", reason=reason, exit_code=HANDSHAKE_FAILED
        )

    # -- steps ---------------------------------------------------------------------------------------------------

    def _step(self, act: Callable[..., None], *arguments: Buffer) -> None:
        try:
            act(*arguments)
        except TransomError as error:
            _without_frames(error)
            self._fail(error)
        except BaseException:
            # A fault of ours: the peer must not wait for it, and the loop reports it.
            self._transport.abort()
            raise
        self._flush()

    def _begin(self) -> None:
        self._session.opened(self)
        self._show(lambda tap: tap.opened(self.endpoints, self._began or time.time_ns()))
        self._dispatch(self._channel.start())

    def _receive(self, wire: Buffer) -> None:
        arrived = time.time_ns() if self._tap is not None else 0
        try:
            events = self._channel.receive(wire)
        finally:
            # Told after the channel has read them: who looks on then finds the keys these bytes made in the key log.
            if wire:
                self._heard = True
                self._show(lambda tap: tap.data(self._side.peer, wire, arrived))
        self._dispatch(events)
        if self._channel.failure is not None:
            raise self._channel.failure

    @property
    def _may_send(self) -> bool:
        return self._phase is _Phase.OPEN and self._channel.failure is None

    def _dispatch(self, events: list[ChannelEvent]) -> None:
        for event in events:
            if self._phase is not _Phase.OPEN:
                return
            match event:
                case Data(data):
                    self._session.data(data)
                case Established():
                    self._established = True
                    self.clear_deadline()
                    self._session.established(event)
                case PeerClosed(clean):
                    self._session.peer_closed(clean)
                case _:
                    pass

    def _send_file(self, place: Place, most: int) -> int:
        if self._files is None:
            self._files = FileSender(self._transport.get_extra_info("socket"), self._pull)
        try:
            count = self._files.send(place.descriptor, place.offset, most)
        except OSError as error:
            raise TransferError(
                "the connection broke: {reason}", reason=reason_of(error), exit_code=RECEIVE_FAILED
            ) from None
        if count is None:
            return 0
        self._idle.restart(self._timeouts.idle)
        place.has_gone(count)
        return count

    def _pull_soon(self) -> None:
        """Let the session send some pieces in the loop's next round: other connections have theirs before."""
        if not self._pull_is_due:
            self._pull_is_due = True
            self._loop.call_soon(self._pull)

    def _pull(self) -> None:
        self._pull_is_due = False
        for _ in range(PIECES_A_ROUND):
            if not self._may_pull:
                break
            self._step(self._pull_once)
        if self._may_pull:
            self._pull_soon()
        elif self._files is not None and not (self._pulling and self._phase is _Phase.OPEN):
            self._files.rest()  # else the loop would tell of the room in the socket again and again

    @property
    def _may_pull(self) -> bool:
        waits = self._write_paused or (self._files is not None and self._files.waits)
        return self._pulling and self._phase is _Phase.OPEN and not waits

    def _pull_once(self) -> None:
        self._pulling = self._session.writable()

    def _flush(self) -> None:
        outgoing = self._channel.take_outgoing()
        if not outgoing or self._transport.is_closing():
            return
        self._show(lambda tap: tap.data(self._side, outgoing, time.time_ns()))
        # From Python 3.12 on asyncio keeps what it is given until it has written it: only then may it be used again.
        self._transport.write(outgoing)
        if not self._transport.get_write_buffer_size():
            self._channel.outgoing_is_out()
        self._idle.restart(self._timeouts.idle)

    def _show(self, tell: Callable[[Tap], None]) -> None:
        """Tell the tap, if there is one. One that cannot take it, its disk full, ends the connection."""
        if self._tap is None:
            return
        try:
            tell(self._tap)
        except TransomError as error:
            self._tap = None
            self._fail(error)

    # -- the end -------------------------------------------------------------------------------------------------

    def _fail(self, error: TransomError) -> None:
        if self._phase is not _Phase.OPEN:
            return
        self._lose(error)
        if self._channel.outgoing_size:
            self._finish()  # the alert
        else:
            self._phase = _Phase.CLOSING
            self._transport.abort()

    def _lose(self, error: TransomError | None) -> None:
        if not self._told:
            self._told = True
            self._session.lost(error)

    def _finish(self) -> None:
        self._phase = _Phase.CLOSING
        self._deadline.stop()
        self._flush()
        if self._transport.is_closing():
            return
        if not self._transport.get_write_buffer_size():
            self._half_close()

    def _half_close(self) -> None:
        self._phase = _Phase.LINGERING
        self._idle.stop()
        try:
            self._transport.write_eof()
        except OSError:  # reset in this very moment
            self._show(lambda tap: tap.closed(self._side.peer, time.time_ns(), "reset"))
            self._transport.abort()
            return
        self._show(lambda tap: tap.closed(self._side, time.time_ns()))
        if self._peer_finished:
            self._transport.close()
        else:
            self._transport.resume_reading()
            self.set_deadline(self._timeouts.linger, self._transport.close)

    # -- limits of time ------------------------------------------------------------------------------------------

    def _deadline_passed(self) -> None:
        self._step(self._on_deadline)

    def _handshake_too_slow(self) -> None:
        raise TransferError(
            "the handshake was not finished after {seconds:g} s", seconds=self._timeouts.handshake, exit_code=TIMED_OUT
        )

    def _nothing_crossed(self) -> None:
        # A slow reader makes room long before anybody is told: any byte that the other side has taken counts.
        unsent, self._unsent = self._unsent, self.unsent
        if self._unsent != unsent or self._deadline.runs:
            self._idle.restart(self._timeouts.idle)
            return
        self.abort(
            TransferError("not a byte crossed in {seconds:g} s", seconds=self._timeouts.idle, exit_code=TIMED_OUT)
        )


def _without_frames(error: BaseException) -> None:
    """Take its traceback away, and those of its causes: what was at hand there is let go.

    That is a piece of plaintext, and by way of the loop's own frames the buffer that was received into; and whoever
    retries may hold an error for long. Where it happened an expected error says itself.
    """
    cause: BaseException | None = error
    while cause is not None:
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__


def _endpoint(name: tuple[Any, ...] | None) -> Endpoint:
    if name is None:  # gone before it could be asked
        return Endpoint("0.0.0.0", 0)
    return Endpoint(cast("str", name[0]), cast("int", name[1]))
