"""What can still be read in a sealed conversation: where server name, ALPN and certificate names stand in it.

The places come from the parsed messages, not from a search for letters: noise has letters too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from transom.dissect.timeline import Message
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.messages.frame import HEADER
from transom.tls.sightings import Record
from transom.trust.certificate import PARSE_ERRORS, read_certificate
from transom.trust.describe import short_name
from transom.value import value
from transom.wire.tap import Side
from transom.wire.tree import Node

RECORD_HEADER = 5

Kind = Literal["server name", "ALPN", "certificate"]


@value
class Island:
    """`[start, end)` of `side`'s stream can be read by anyone."""

    side: Side
    start: int
    end: int
    kind: Kind


class IslandFinder:
    """Given the messages of one conversation in order, finds the islands in those that were not sealed."""

    def __init__(self) -> None:
        self._ends: dict[Side, tuple[int, int]] = {}

    def find(self, message: Message) -> list[Island]:
        """The islands in `message`."""
        if message.frame is None or message.sealed:
            return []
        place = self._place(message)
        return [
            Island(message.side, *span, kind)
            for start, end, kind in _readable(message)
            for span in _spans(message.records, place + start, place + end)
        ]

    def _place(self, message: Message) -> int:
        """Where the message begins in the content of its first record: behind the one before it, if that is there."""
        first, last = message.records[0], message.records[-1]
        offset, end = self._ends.get(message.side, (-1, 0))
        place = end if offset == first.offset else 0
        raw = message.frame.raw if message.frame else b""
        before_last = sum(record.length for record in message.records[:-1])
        self._ends[message.side] = (last.offset, place + len(raw) - before_last)
        return place


def islands_between(islands: Iterable[Island], side: Side, start: int, end: int) -> Iterator[tuple[int, int, Kind]]:
    """The parts of the islands inside `[start, end)` of `side`, in order; where some lie over each other, once."""
    at = start
    for island in sorted((one for one in islands if one.side is side), key=lambda one: (one.start, one.end)):
        low, high = max(island.start, at), min(island.end, end)
        if low < high:
            yield low, high, island.kind
            at = high


def _readable(message: Message) -> Iterator[tuple[int, int, Kind]]:
    """Places in the message, its header counted, that hold text."""
    if message.frame is None or message.structure is None:
        return
    tree = message.structure.look(message.frame.body).tree
    if message.type in (HandshakeType.client_hello, HandshakeType.server_hello):
        yield from _hello_names(tree)
    elif message.type is HandshakeType.certificate:
        yield from _certificate_names(tree, message.frame.body)


def _hello_names(tree: Node) -> Iterator[tuple[int, int, Kind]]:
    for node in tree.walk():
        if node.name == "host_name":
            yield *_place_of(node), "server name"
        elif node.name == "protocol_name_list" and node.children:
            for name in (child for child in node.children if not child.name.endswith("_length")):
                yield *_place_of(name), "ALPN"


def _certificate_names(tree: Node, body: bytes) -> Iterator[tuple[int, int, Kind]]:
    chain = tree.find("certificate_list")
    for node in chain.children if chain else ():
        der = body[node.offset : node.offset + node.length]
        if not node.name.endswith("_length"):
            for start, end in _names_in(der):
                yield HEADER + node.offset + start, HEADER + node.offset + end, "certificate"


def _names_in(der: bytes) -> set[tuple[int, int]]:
    """Where subject, issuer and alternative names stand in a certificate; none where it cannot be read."""
    try:
        certificate = read_certificate(der)
    except PARSE_ERRORS:
        return set()
    names = {short_name(certificate.subject_name), short_name(certificate.issuer_name), *certificate.names}
    texts = [name.encode() for name in names if name]
    return {(at, at + len(text)) for text in texts for at in _all(der, text)}


def _all(data: bytes, text: bytes) -> Iterator[int]:
    at = data.find(text)
    while at != -1:
        yield at
        at = data.find(text, at + len(text))


def _place_of(node: Node) -> tuple[int, int]:
    return HEADER + node.offset, HEADER + node.offset + node.length


def _spans(records: tuple[Record, ...], start: int, end: int) -> Iterator[tuple[int, int]]:
    """From places in the joined contents of the records to places in the stream: two where a record ends between."""
    begin = 0
    for record in records:
        low, high = max(start, begin), min(end, begin + record.length)
        if low < high:
            base = record.offset + RECORD_HEADER - begin
            yield base + low, base + high
        begin += record.length
