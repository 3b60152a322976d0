"""Records before any keys: content in the clear."""

from __future__ import annotations

from transom.errors import Sentence
from transom.tls.iana.content_types import ContentType
from transom.tls.record.header import HEADER_LENGTH, TLS_1_2, write_header
from transom.tls.record.protection import Opened, Opener, Sealer, check_content
from transom.tls.record.run import Run


class PlainOpener(Opener):
    """Gives each record's fragment where it was received, without a copy; `out` is not used."""

    def open(self, run: Run, index: int, out: memoryview) -> Opened:  # noqa: ARG002 - there is nothing to open
        record = run[index]
        where = Sentence("record at byte {offset}", offset=record.offset)
        check_content(record.content_type, len(record.fragment), where)
        self.sequence += 1
        return Opened(ContentType(record.content_type), record.fragment, 1, protected=False)


class PlainSealer(Sealer):
    """Puts headers before fragments. `version` is what they say: 0x0301 is for a first ClientHello only."""

    def __init__(self, version: int = TLS_1_2) -> None:
        self.version = version

    def _seal_one(self, content_type: ContentType, content: memoryview, out: memoryview) -> None:
        out[:HEADER_LENGTH] = write_header(content_type, len(content), self.version)
        out[HEADER_LENGTH:] = content
        self.sequence += 1
