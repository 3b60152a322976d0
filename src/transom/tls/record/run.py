"""Whole records, one behind the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from transom.tls.record.header import HEADER_LENGTH, read_header


class Record(NamedTuple):
    """One record as it crossed. `raw` is header and fragment, `offset` the place of its header in the stream."""

    content_type: int
    version: int
    raw: memoryview
    offset: int

    @property
    def fragment(self) -> memoryview:
        """What follows the header."""
        return self.raw[HEADER_LENGTH:]


class Run:
    """Records that lie together in one buffer, `view`; `offset` is the place of its first byte in the stream.

    `starts` has the place in `view` of each record and, last, the end: record n is `view[starts[n]:starts[n + 1]]`.
    Openers work on these; a `Record` is made only for who asks. The view is valid as long as the buffer that
    `Deframer.receive` was given. `header` is what all of the records begin with, if that is known: they are alike then
    in type, version and length.
    """

    __slots__ = ("header", "offset", "starts", "view")

    def __init__(self, view: memoryview, offset: int, starts: Sequence[int], header: bytes | None = None) -> None:
        self.view = view
        self.offset = offset
        self.starts = starts
        self.header = header

    @classmethod
    def of(cls, record: Record) -> Run:
        """A run of one."""
        return cls(record.raw, record.offset, [0, len(record.raw)])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[Record]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Record:
        start, end = self.starts[index], self.starts[index + 1]
        header = read_header(self.view, start)
        return Record(header.content_type, header.version, self.view[start:end], self.offset + start)
