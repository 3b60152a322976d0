"""The stream cut into records.

Bytes are copied only for a record that arrives in pieces: whole records are looked at where they were received.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache

from transom.errors import DecodeError, PeerError, PeerMisbehaved, Sentence
from transom.tls.iana.content_types import ContentType
from transom.tls.record.header import HEADER_LENGTH, MAX_CIPHERTEXT_12, RecordHeader, read_header, unpack_header
from transom.tls.record.run import Run
from transom.wire.tap import Buffer

# Plain ints: an enum's comparisons would cost more than the rest of the header.
_FIRST_TYPE = ContentType.change_cipher_spec.value
_LAST_TYPE = ContentType.heartbeat.value

_APPLICATION_DATA = ContentType.application_data.value

_MAJOR_VERSION = 3

_WORTH_A_LOOK = 3
"""Fewer records are looked at one by one for less."""

_ENOUGH_TO_TELL = 16
HTTP_STARTS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELE", b"OPTI", b"PATC", b"CONN", b"HTTP/")
"""How HTTP begins. No record does: its first byte is its content type, 20 to 24 (RFC 8446 §5.1)."""

_SSLV2_CLIENT_HELLO = 1


class Deframer:
    """One direction of a connection. Holds at most one unfinished record: 2^14 + 2,053 bytes."""

    def __init__(self) -> None:
        self.offset = 0
        """How many bytes of the stream were given out in records: where the next record begins."""
        self._partial = bytearray()
        self._whole = 0
        """How many bytes the unfinished record will have, once its header is there; else 0."""
        self._length = 0
        """Of the records of the last run that were alike."""

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished record are held: 0 where a stream may end."""
        return len(self._partial)

    def wants(self, most: int) -> int:
        """How many bytes to receive next, from 1 to `most`: those that end where a record does, if the sender goes on
        making them as long as before. A record that came in two pieces is copied, and opened apart from the others.
        """
        length = self._length
        if not length:
            return most
        wanted = (most + len(self._partial)) // length * length - len(self._partial)
        return wanted if wanted > 0 else most

    def receive(self, data: Buffer) -> Iterator[Run]:
        """The whole records that are there now that `data` came, to be taken to the end before the next call.

        What stands before something that is no record is given out before the error: DecodeError when it is not TLS
        (protocol_version), PeerMisbehaved for an unknown content type (unexpected_message) or a length beyond
        2^14 + 2,048 (record_overflow).
        """
        view = data if isinstance(data, memoryview) else memoryview(data)  # the same object, by which `Pieces` knows it
        if self._partial:
            if len(self._partial) + len(view) < self._whole:  # a segment in the middle of a record, in a capture
                self._partial += view
                return
            view = self._complete(view)
            completed = self._take_completed()
            if completed is None:
                return
            yield completed
        alike = _run_of_alike(view, self.offset)
        if alike is not None:
            self._length, end = alike.starts[1], alike.starts[-1]
            self.offset += end
            yield alike
            view = view[end:]
            if not view:
                return
        starts, refusal = self._scan(view)
        end = starts[-1]
        if end:
            run = Run(view[:end], self.offset, starts)
            self.offset += end
            yield run
        if refusal is not None:
            raise refusal
        self._partial += view[end:]
        self._whole = _length_of_record(self._partial)

    def _complete(self, view: memoryview) -> memoryview:
        """Move what the unfinished record lacks out of `view`; the rest is returned."""
        if not self._whole:
            view = self._fill(HEADER_LENGTH, view)
            if len(self._partial) < HEADER_LENGTH:
                return view
            _, refusal = self._scan(memoryview(self._partial))
            if refusal is not None:
                raise refusal
            self._whole = _length_of_record(self._partial)
        return self._fill(self._whole, view)

    def _fill(self, length: int, view: memoryview) -> memoryview:
        lacking = max(length - len(self._partial), 0)
        self._partial += view[:lacking]
        return view[lacking:]

    def _take_completed(self) -> Run | None:
        length = len(self._partial)
        if not self._whole or length < self._whole:
            return None
        completed, self._partial, self._whole = self._partial, bytearray(), 0
        run = Run(memoryview(completed), self.offset, [0, length])
        self.offset += length
        return run

    def _scan(self, view: memoryview) -> tuple[list[int], PeerError | None]:
        """Where the whole records in `view` begin and end, and what is wrong with the one after them, if anything."""
        starts = [0]
        start, available = 0, len(view)
        while start + HEADER_LENGTH <= available:
            content_type, version, length = unpack_header(view, start)
            known = _FIRST_TYPE <= content_type <= _LAST_TYPE
            if not (known and version >> 8 == _MAJOR_VERSION and length <= MAX_CIPHERTEXT_12):
                seen = bytes(view[start : start + _ENOUGH_TO_TELL])
                return starts, _explain(read_header(seen), seen, self.offset + start)
            start += HEADER_LENGTH + length
            if start > available:
                break
            starts.append(start)
        return starts, None


def _length_of_record(start: bytearray) -> int:
    """With its header; 0 when that is not whole yet."""
    return HEADER_LENGTH + unpack_header(start, 0)[2] if len(start) >= HEADER_LENGTH else 0


def _run_of_alike(view: memoryview, offset: int) -> Run | None:
    """The records at the beginning that all have the header of the first, if that is one of application data.

    A bulk sender's records are all of one length: their headers are taken out and compared in one step.
    """
    if len(view) < HEADER_LENGTH or view[0] != _APPLICATION_DATA or view[1] != _MAJOR_VERSION:
        return None
    length = HEADER_LENGTH + unpack_header(view, 0)[2]
    count = len(view) // length
    if count < _WORTH_A_LOOK or length > HEADER_LENGTH + MAX_CIPHERTEXT_12:
        return None
    end = count * length
    headers = _headers(length, count).unpack_from(view)
    header: bytes = headers[0]
    if headers != (header,) * count:
        return None
    return Run(view if end == len(view) else view[:end], offset, range(0, end + 1, length), header)


@lru_cache(maxsize=64)
def _headers(length: int, count: int) -> struct.Struct:
    """What takes the headers of so many records of this length out of the buffer that they stand in."""
    return struct.Struct(f"{HEADER_LENGTH}s{length - HEADER_LENGTH}x" * count)


def _explain(header: RecordHeader, seen: bytes, offset: int) -> PeerError:
    where = Sentence("record at byte {offset}", offset=offset)
    if offset == 0 and (stranger := _name_stranger(seen)):
        return DecodeError(
            "expected a TLS record, got {stranger}", stranger=stranger, alert="protocol_version", where=where
        )
    if not _FIRST_TYPE <= header.content_type <= _LAST_TYPE:
        what = Sentence(
            "unknown content type {type} (the bytes begin {bytes})", type=header.content_type, bytes=seen.hex(" ")
        )
        return PeerMisbehaved(what, alert="unexpected_message", rfc="8446 §5", where=where)
    if header.version >> 8 != _MAJOR_VERSION:
        what = Sentence("record version 0x{version:04x}, expected 0x03..", version=header.version)
        return DecodeError(what, alert="protocol_version", rfc="8446 §5.1", where=where)
    what = Sentence(
        "a fragment of {length} bytes, where {most} are the most", length=header.length, most=MAX_CIPHERTEXT_12
    )
    return PeerMisbehaved(what, alert="record_overflow", rfc="5246 §6.2.3", where=where)


def _name_stranger(seen: bytes) -> Sentence | None:
    """What speaks here instead of TLS, where its first bytes tell."""
    if seen.startswith(HTTP_STARTS):
        start = seen.decode("ascii", "backslashreplace")
        return Sentence("plain HTTP ({start!r}…), whose URLs begin with http://", start=start)
    if seen[0] & 0x80 and seen[2] == _SSLV2_CLIENT_HELLO:
        return Sentence("an SSLv2 ClientHello, which is spoken no more")
    return None
