"""The TCP conversations of a capture, each side's bytes told in order to a tap, as a live transfer would tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transom.capture.connections import Connection, Direction, Directory
from transom.capture.conversation import CaptureSummary, Conversation, Opening
from transom.capture.links import link_type_name
from transom.capture.packets import ACK, FIN, RST, SYN, TCP, Segment, flow_endpoints, parse_packets
from transom.capture.problems import Findings
from transom.capture.reader import windows_of
from transom.capture.source import open_source
from transom.capture.stream import Holding, How, Stream
from transom.errors import Sentence
from transom.value import value
from transom.wire.tap import Buffer, Endpoints, Side, Tap

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from transom.capture.growth import Growth
    from transom.capture.packets import FlowKey

    TapFor = Callable[[Conversation], Tap]
    Heard = Callable[[Connection, Direction, Segment], None]

HOLD_IN_ALL = 64 * 2**20
"""Bytes held behind gaps in all conversations together, before the gap that has been open longest is given up."""


STEP = 64
"""Segments that are read at a time: of the largest that there are, four MiB."""


def read_conversations(path: Path, tap_for: TapFor) -> CaptureSummary:
    """Reads a pcap or pcapng file once, from front to back; memory grows with its conversations, not with its size.

    `tap_for` is called when a conversation's client is known, which is before its first byte; the tap it gives is
    told all that follows. Raises CaptureError if the file is no capture; what is odd inside it is in the summary.
    """
    reading = Reading(path, tap_for)
    for _ in reading.steps():
        pass
    return reading.summary


class Reading:
    """The same a step at a time, for somebody who has other things to do, or whose file is still being written.

    `over` is told the number of a conversation whose tap is told nothing more, before the end of the capture too: one
    that was reset says no more than that. `heard` is told of every segment, before anything is made of it.
    """

    def __init__(
        self,
        path: Path,
        tap_for: TapFor,
        growth: Growth | None = None,
        over: Callable[[int], None] = lambda _number: None,
        heard: Heard | None = None,
        flows: Collection[FlowKey] | None = None,
    ) -> None:
        self._over = over
        self._flows = flows
        self._path = path
        self._growth = growth
        self._findings = Findings()
        self._reader = Conversations(tap_for, self._findings, heard)
        self._link_types: dict[str, None] = {}
        self.packets = 0
        self.position = 0
        """How much of the file has been taken: bytes."""

    def steps(self) -> Iterator[bool]:
        """Each is short; False says that there is nothing to read now, of a file that grows. Raises CaptureError."""
        findings, reader = self._findings, self._reader
        with open_source(self._path, findings) as source:
            for window in windows_of(source, self._growth):
                self.position = source.position
                if not len(window):
                    self._end_window()  # what was reset is over, though nothing else comes for a while
                    yield False
                    continue
                self.packets += len(window)
                self._link_types.update(dict.fromkeys(map(link_type_name, sorted(set(window.link_type.tolist())))))
                data = memoryview(window.data)
                for number, segment in enumerate(parse_packets(window, findings).segments(TCP, self._flows), 1):
                    reader.receive(segment, data)
                    if not number % STEP:
                        yield True
                self._end_window()
                yield True
        reader.finish()

    def _end_window(self) -> None:
        for number in self._reader.end_window():
            self._over(number)

    @property
    def conversations(self) -> Sequence[Conversation]:
        """Those that have begun."""
        return self._reader.conversations

    @property
    def summary(self) -> CaptureSummary:
        """What has been read until now."""
        return CaptureSummary(
            self.packets, tuple(self._link_types), tuple(self.conversations), self._findings.problems()
        )


@value
class _Shared:
    """What all conversations of one capture share."""

    tap_for: TapFor
    holding: Holding
    findings: Findings


class Conversations:
    """All of a capture at once. `conversations` are those that have begun; `tap_for` as above."""

    def __init__(self, tap_for: TapFor, findings: Findings, heard: Heard | None = None) -> None:
        self.conversations: list[Conversation] = []
        self._heard = heard
        self._shared = _Shared(tap_for, Holding(HOLD_IN_ALL), findings)
        self._directory = Directory()
        self._flows: dict[int, _Flow] = {}
        self._over: list[int] = []
        self._over_before: list[int] = []

    def receive(self, segment: Segment, data: memoryview) -> None:
        """The next segment, whose payload is in `data`."""
        connection, direction = self._directory.find(segment)
        if self._heard is not None:
            self._heard(connection, direction, segment)
        number = connection.number
        if number == len(self.conversations):
            conversation = _conversation(number, segment)
            self.conversations.append(conversation)
            self._flows[number] = _Flow(conversation, connection, segment, self._shared)
        flow = self._flows.get(number)
        if flow is None:  # a straggler of a conversation that is finished
            self.conversations[number].packets += 1
        elif flow.receive(direction, segment, data):
            self._over.append(number)

    @property
    def open(self) -> int:
        """How many have not come to their end."""
        return len(self._flows) - len(self._over) - len(self._over_before)

    def unanswered(self) -> list[Endpoints]:
        """Of those that have not come to their end the ones of which there is nothing but the client's SYN."""
        return [flow.endpoints for flow in self._flows.values() if flow.is_unanswered]

    def end_window(self) -> list[int]:
        """Finishes what was over a whole window ago: stragglers captured out of order have had their time."""
        finished = self._over_before
        for number in finished:
            self._flows.pop(number).finish()
        self._over_before, self._over = self._over, []
        return finished

    def finish(self) -> None:
        """The capture is at its end, and so is every conversation in it."""
        for flow in self._flows.values():
            flow.finish()


def _conversation(number: int, first: Segment) -> Conversation:
    """Who sent the first packet stands as the client until something better is known."""
    endpoints = Endpoints(*flow_endpoints(first.flow))
    return Conversation(number, endpoints, "none", start=first.time, end=first.time)


class _Flow:
    """One conversation while it is read: decides who the client is, then hands each direction to its stream."""

    def __init__(self, conversation: Conversation, connection: Connection, first: Segment, shared: _Shared) -> None:
        self._conversation = conversation
        self._connection = connection
        self._first_packet = first.number
        self._shared = shared
        self._tap: Tap | None = None
        self._sides = (Side.CLIENT, Side.SERVER)
        self._streams: list[Stream | None] = [None, None]
        self._over = False
        self._settled = False
        self._answered = True
        self._refused: tuple[int, int] | None = None

    def receive(self, direction: Direction, segment: Segment, data: memoryview) -> bool:
        """Takes one segment; true when the conversation is over with it."""
        conversation, flags = self._conversation, segment.flags
        says_more = segment.length or flags & (FIN | RST)
        conversation.packets += 1
        if segment.time > conversation.end:
            conversation.end = segment.time
        if self._settled:
            return False
        tap = self._tap if self._tap is not None else self._try_opening(direction, segment)
        if tap is None:
            return False
        if not self._answered and self._is_refused(direction, segment):
            was_over, self._over = self._over, True
            return not was_over
        if says_more:
            stream = self._streams[direction] or self._begin(tap, direction, segment.sequence)
            _receive_bytes(stream, segment, data)
        if flags & ACK and not flags & RST:
            peer = self._streams[1 - direction]
            # Without the opening the other side begins where it is first seen, not where it was acknowledged to be.
            if peer is None and self._connection.opening_seen:
                peer = self._begin(tap, 1 - direction, segment.acknowledgement)
            if peer is not None:
                peer.acknowledged(segment.acknowledgement)
        if self._over or not says_more or not (flags & RST or self._both_closed()):
            return False
        self._over = True
        self._let_go()
        return True

    def finish(self) -> None:
        """Nothing more comes: the client's gaps are told, then the server's."""
        if self._settled:
            return
        if self._tap is None:
            self._open("none", 0)
        if self._connection.opening_seen:
            found = dict(zip(self._sides, self._connection.start, strict=True))
            client, server = found[Side.CLIENT], found[Side.SERVER]
            self._conversation.starts = None if client is None or server is None else (client, server)
        in_order = sorted(zip(self._sides, self._streams, strict=True), key=lambda pair: pair[0] is Side.SERVER)
        for _, stream in in_order:
            if stream is not None:
                stream.finish()
        if not self._answered and self._tap is not None:
            if self._refused is not None:
                self._tap.closed(Side.SERVER, self._refused[0], "refused", self._refused[1])
            else:
                self._tap.closed(Side.SERVER, self._conversation.end, "unanswered")

    @property
    def endpoints(self) -> Endpoints:
        return self._conversation.endpoints

    @property
    def is_unanswered(self) -> bool:
        """Whether an answer to its SYN may still come."""
        return not self._answered and not self._over

    def _try_opening(self, direction: Direction, segment: Segment) -> Tap | None:
        """Decides who the client is as soon as a segment tells; bare acknowledgements do not."""
        if segment.flags & SYN and segment.flags & ACK:
            return self._open("syn-ack", 1 - direction)
        if segment.flags & SYN:
            return self._open("syn", direction)
        if segment.length:
            return self._open("payload", direction)
        if segment.flags & (FIN | RST):
            return self._open("none", 0)
        return None

    def _open(self, opening: Opening, client_direction: int) -> Tap:
        conversation = self._conversation
        conversation.opening = opening
        self._answered = opening != "syn"
        if client_direction == 1:
            self._sides = (Side.SERVER, Side.CLIENT)
            ends = conversation.endpoints
            conversation.endpoints = Endpoints(client=ends.server, server=ends.client)
        self._tap = self._shared.tap_for(conversation)
        self._tap.opened(conversation.endpoints, conversation.start, self._first_packet)
        return self._tap

    def _is_refused(self, direction: Direction, segment: Segment) -> bool:
        """Whether this is a reset in answer to the SYN. Whatever else is said but the SYN again is after an answer."""
        is_reset = bool(segment.flags & RST)
        if self._sides[direction] is Side.SERVER and is_reset:
            self._refused = self._refused or (segment.time, segment.number)
            return True
        self._answered = self._sides[direction] is Side.SERVER or not (is_reset or segment.flags & SYN)
        return False

    def _begin(self, tap: Tap, direction: int, sequence: int) -> Stream:
        """Begins this direction's stream after its SYN, or else at this sequence number."""
        receiver = _Receiver(self._conversation, self._sides[direction], tap, self._shared.findings)
        start = self._connection.start[direction] if self._connection.opening_seen else None
        stream = Stream(sequence if start is None else start, receiver, self._shared.holding)
        self._streams[direction] = stream
        return stream

    def _let_go(self) -> None:
        """Whatever was made for the tap is not kept until there can be no stragglers, if none has anything to tell."""
        if all(stream is not None and stream.settled for stream in self._streams):
            self._settled = True
            self._tap = None
            self._streams = [None, None]

    def _both_closed(self) -> bool:
        one, other = self._streams
        return one is not None and other is not None and one.closed and other.closed


def _receive_bytes(stream: Stream, segment: Segment, data: memoryview) -> None:
    # A SYN takes a sequence number of its own, before the data it may carry (RFC 7413).
    sequence = segment.sequence + (1 if segment.flags & SYN else 0)
    if segment.length:
        payload = data[segment.start : segment.start + segment.captured]
        stream.segment(sequence, segment.length, payload, segment.time, segment.number)
    if segment.flags & (FIN | RST):
        how: How = "reset" if segment.flags & RST else "fin"
        stream.ends(sequence + segment.length, segment.time, segment.number, how)


class _Receiver:
    """Tells the tap about one side's stream, and counts."""

    def __init__(self, conversation: Conversation, side: Side, tap: Tap, findings: Findings) -> None:
        self._conversation = conversation
        self._side = side
        self._tap = tap
        self._findings = findings

    def data(self, data: Buffer, time: int, packet: int) -> None:
        self._conversation.count_bytes(self._side, len(data))
        self._tap.data(self._side, data, time, packet)

    def lost(self, count: int, time: int) -> None:
        self._conversation.count_missing(self._side, count)
        self._tap.lost(self._side, count, time)

    def closed(self, time: int, how: How, packet: int) -> None:
        self._tap.closed(self._side, time, how, packet)

    def strayed(self, packet: int) -> None:
        what = Sentence("a TCP segment whose sequence number is nowhere near its stream; its bytes are left out")
        self._findings.add("segment-stray", Sentence("packet {number}", number=packet), what)
