from __future__ import annotations

import asyncio
import hashlib
import socket
import struct
import tracemalloc
from dataclasses import replace

from tests.net.loop import at_end, on_a_loop
from tests.net.sessions import (
    QUICK,
    ClosingChannel,
    Echo,
    HalfGoodChannel,
    Reader,
    Recorder,
    RefusingChannel,
    Sender,
    SilentChannel,
    Tapped,
)
from transom.channel.interface import Channel, Established
from transom.channel.plain import PlainChannel
from transom.errors import CaptureError, HttpError, PeerMisbehaved, TransferError
from transom.net.connect import connect
from transom.net.listen import Accepted, Listener
from transom.net.session import Timeouts
from transom.wire.tap import Buffer, Side

MIB = 1024 * 1024


async def serve(session: Recorder, channel: Channel, timeouts: Timeouts = QUICK, tap: Tapped | None = None) -> int:
    """The port of a server for one connection."""
    listener = Listener(lambda: Accepted(channel, session, tap), timeouts)
    await listener.start("127.0.0.1", 0)
    at_end(listener.stop, 0)
    return listener.endpoints[0].port


async def reach(port: int, session: Recorder, channel: Channel, tap: Tapped | None = None) -> None:
    await connect("127.0.0.1", port, channel, session, QUICK, tap)


class Asking(Recorder):
    """Sends one text, and closes once `answer` bytes have come."""

    def __init__(self, text: bytes, answer: int) -> None:
        super().__init__()
        self.text = text
        self.answer = answer

    def established(self, info: Established) -> None:
        super().established(info)
        self.connection.send(self.text)

    def data(self, data: Buffer) -> None:
        super().data(data)
        if len(self.received) == self.answer:
            self.connection.close()


@on_a_loop
async def test_what_is_sent_comes_back_and_both_ends_close_in_order() -> None:
    server, client = Echo(), Asking(b"hello", 5)
    await reach(await serve(server, PlainChannel()), client, PlainChannel())
    await asyncio.gather(server.over, client.over)
    assert client.received == b"hello"
    assert client.log == ["opened", "established", "lost"]
    assert server.log == ["opened", "established", "peer closed", "lost"]
    assert (client.error, server.error) == (None, None)


@on_a_loop
async def test_an_end_that_the_channel_announces_reaches_the_session_before_fin() -> None:
    server, client = Echo(), Asking(b"hello", 5)
    tap = Tapped()
    await reach(await serve(server, ClosingChannel()), client, ClosingChannel(), tap)
    await asyncio.gather(server.over, client.over)
    assert tap.streams == {Side.CLIENT: b"hello.", Side.SERVER: b"hello."}


@on_a_loop
async def test_a_tap_sees_exactly_the_bytes_of_both_directions_in_order_of_time() -> None:
    pieces = iter([bytes([n]) * 100_000 for n in range(40)])
    server, client = Sender(lambda: next(pieces), 40), Reader()
    near, far = Tapped(), Tapped()
    await reach(await serve(server, PlainChannel(), tap=far), client, PlainChannel(), near)
    await server.over
    for tap in (near, far):
        assert tap.streams[Side.SERVER] == b"".join(bytes([n]) * 100_000 for n in range(40))
        assert tap.streams[Side.CLIENT] == b""
        assert tap.times == sorted(tap.times)
        assert tap.endpoints == client.connection.endpoints == server.connection.endpoints
    assert far.ends[Side.SERVER] == "fin"


@on_a_loop
async def test_pieces_from_one_reused_buffer_arrive_unharmed_at_a_reader_that_is_slow() -> None:
    buffer = bytearray(256 * 1024)
    sent = hashlib.sha256()

    def piece() -> Buffer:
        buffer[:] = bytes([sent.digest()[0]]) * len(buffer)
        sent.update(buffer)
        return memoryview(buffer)

    port = await serve(Sender(piece, 64), PlainChannel())
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    got = hashlib.sha256()
    while data := await reader.read(50_000):
        got.update(data)
    writer.close()
    assert got.hexdigest() == sent.hexdigest()


@on_a_loop
async def test_a_reader_that_takes_nothing_does_not_grow_the_sender() -> None:
    made = 0

    def piece() -> bytes:
        nonlocal made
        made += 1
        return bytes(256 * 1024)

    server = Sender(piece, 4000)
    port = await serve(server, PlainChannel(), replace(QUICK, idle=0.3))
    tracemalloc.start()
    held = socket.create_connection(("127.0.0.1", port))
    await server.over  # by the idle limit: the session was asked for no more than there was room for
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    held.close()
    assert made < 100
    assert peak < 4 * MIB
    assert isinstance(server.error, TransferError)
    assert server.error.exit_code == 28


@on_a_loop
async def test_a_reader_that_is_slow_but_steady_is_not_cut_off() -> None:
    sent = 40 * 256 * 1024
    server = Sender(lambda: bytes(256 * 1024), 40)
    port = await serve(server, PlainChannel(), replace(QUICK, idle=0.4))
    held = socket.create_connection(("127.0.0.1", port))
    held.setblocking(False)
    loop, got = asyncio.get_running_loop(), 0
    first = loop.time()
    while got < sent:
        got += len(await loop.sock_recv(held, 128 * 1024))
        due = loop.time() + 0.012
        loop.call_at(due, (tick := loop.create_future()).set_result, None)
        await tick
    held.close()
    assert loop.time() - first > 0.8  # longer than the idle limit, twice
    await server.over
    assert server.error is None


@on_a_loop
async def test_an_alert_arrives_although_the_peer_had_more_to_say() -> None:
    server = Recorder()
    port = await serve(server, RefusingChannel())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(bytes(4 * MIB))
    assert await reader.read() == RefusingChannel.ALERT
    assert isinstance(server.error, PeerMisbehaved)
    writer.close()
    await server.over


@on_a_loop
async def test_what_came_before_an_error_reaches_the_session_which_cannot_answer_it() -> None:
    class Answering(Recorder):
        def data(self, data: Buffer) -> None:
            super().data(data)
            self.connection.send(b"answer")

    server = Answering()
    port = await serve(server, HalfGoodChannel())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"good")
    assert await reader.read() == b"alert"
    writer.close()
    await server.over
    assert (bytes(server.received), str(server.error)) == (b"good", "what came behind it is not allowed")


@on_a_loop
async def test_a_session_that_is_done_with_what_came_does_not_mind_the_error_behind_it() -> None:
    class Satisfied(Recorder):
        def data(self, data: Buffer) -> None:
            self.connection.close()

    server = Satisfied()
    port = await serve(server, HalfGoodChannel())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"good")
    assert await reader.read() == b"alert"
    writer.close()
    await server.over
    assert server.error is None


@on_a_loop
async def test_a_handshake_that_does_not_end_is_given_up() -> None:
    server = Recorder()
    port = await serve(server, SilentChannel(), replace(QUICK, handshake=0.1))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    writer.close()
    assert server.log == ["opened", "lost"]
    assert isinstance(server.error, TransferError)
    assert server.error.exit_code == 28
    assert "handshake" in str(server.error)


@on_a_loop
async def test_a_connection_on_which_nothing_crosses_is_given_up() -> None:
    server = Recorder()
    port = await serve(server, PlainChannel(), replace(QUICK, idle=0.1))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    writer.close()
    assert str(server.error) == "not a byte crossed in 0.1 s"


@on_a_loop
async def test_a_peer_that_resets_is_an_error_and_seen_as_such_by_the_tap() -> None:
    server, tap = Recorder(), Tapped()
    port = await serve(server, PlainChannel(), tap=tap)
    rude = socket.create_connection(("127.0.0.1", port))
    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    rude.close()
    await server.over
    assert isinstance(server.error, TransferError)
    assert server.error.exit_code == 56
    assert tap.ends == {Side.CLIENT: "reset"}


@on_a_loop
async def test_an_error_raised_by_the_session_ends_the_connection_and_comes_back_to_it() -> None:
    class Full(Recorder):
        def data(self, data: Buffer) -> None:
            raise TransferError("the disk is full", exit_code=23)

    server = Full()
    port = await serve(server, PlainChannel())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"data")
    assert await reader.read() == b""
    writer.close()
    assert str(server.error) == "the disk is full"
    assert server.log[-1] == "lost"


@on_a_loop
async def test_after_the_peer_closed_its_side_there_is_time_to_finish_ours() -> None:
    class Late(Sender):
        def established(self, info: Established) -> None:
            self.log.append("established")

        def peer_closed(self, clean: bool) -> None:
            self.connection.wake()

    server = Late(lambda: bytes(MIB), 20)
    port = await serve(server, PlainChannel())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write_eof()
    assert len(await reader.read()) == 20 * MIB
    writer.close()
    await server.over
    assert server.error is None


@on_a_loop
async def test_a_peer_that_never_closes_its_side_is_not_waited_for_longer_than_lingering() -> None:
    server = Sender(lambda: b"all", 1)
    port = await serve(server, PlainChannel(), replace(QUICK, linger=0.1))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b"all"
    await server.over
    assert server.error is None
    writer.close()


@on_a_loop
async def test_a_deadline_is_called_once_unless_cleared() -> None:
    class Hurried(Recorder):
        def established(self, info: Established) -> None:
            self.connection.set_deadline(60, self.too_late)
            self.connection.set_deadline(0.05, self.too_late)

        def too_late(self) -> None:
            self.log.append("too late")
            self.connection.send(b"408")
            self.connection.close()

    server = Hurried()
    port = await serve(server, PlainChannel())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b"408"
    writer.close()
    await server.over
    assert server.log == ["opened", "too late", "lost"]


@on_a_loop
async def test_where_there_is_a_deadline_idling_has_no_limit_of_its_own() -> None:
    class Patient(Recorder):
        def established(self, info: Established) -> None:
            self.connection.set_deadline(0.3, self.over_at_last)

        def over_at_last(self) -> None:
            self.connection.clear_deadline()
            self.log.append("deadline")

    server = Patient()
    port = await serve(server, PlainChannel(), replace(QUICK, idle=0.1))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    assert server.log == ["opened", "deadline", "lost"]
    assert isinstance(server.error, TransferError)
    assert "not a byte crossed in 0.1 s" in str(server.error)
    writer.close()


@on_a_loop
async def test_while_reading_is_paused_the_peer_has_to_wait() -> None:
    resumed = False

    class Paused(Reader):
        def data(self, data: Buffer) -> None:
            super().data(data)
            if not resumed:
                self.connection.pause_reading()

    server = Paused()
    port = await serve(server, PlainChannel())
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(bytes(32 * MIB))
    drained = asyncio.create_task(writer.drain())
    await asyncio.wait([drained], timeout=0.2)
    assert not drained.done()
    assert 0 < len(server.received) <= 256 * 1024
    resumed = True
    server.connection.resume_reading()
    await drained
    writer.close()
    await server.over
    assert len(server.received) == 32 * MIB


@on_a_loop
async def test_the_deadline_may_raise_like_any_other_step() -> None:
    class Strict(Recorder):
        def established(self, info: Established) -> None:
            self.connection.set_deadline(0.05, self.too_late)

        def too_late(self) -> None:
            raise HttpError("no request came")

    server = Strict()
    port = await serve(server, PlainChannel())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    writer.close()
    assert isinstance(server.error, HttpError)


@on_a_loop
async def test_a_tap_that_cannot_take_it_ends_the_connection_and_is_told_no_more() -> None:
    class Full(Tapped):
        def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
            super().data(side, data, time, packet)
            raise CaptureError("the disk is full")

    tap = Full()
    server = Echo()
    port = await serve(server, PlainChannel(), tap=tap)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"ping")
    assert await reader.read() == b""
    writer.close()
    await server.over
    assert str(server.error) == "the disk is full"
    assert server.received == b""
    assert tap.streams[Side.CLIENT] == b"ping"
    assert tap.ends == {}
