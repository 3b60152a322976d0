"""Header fields out of HPACK (RFC 7541), each with the place of its bytes; and what can be known of them behind a hole.

The `hpack` library undoes the coding and keeps the dynamic table. It is given one field's representation after the
other, cut out here, so that the bytes of each are known; and here are the bounds on what a peer can make us keep.
"""

from __future__ import annotations

from enum import Enum

from hpack import Decoder
from hpack.exceptions import HPACKError
from hpack.table import HeaderTable

from transom.errors import DecodeError, Sentence
from transom.value import value

MOST_TABLE = 256 * 1024
"""Bytes of the dynamic table, as RFC 7541 §4.1 counts them. Browsers allow 64 KiB, and 4 KiB are the default."""

MOST_FIELDS = 1000
MOST_LIST = 256 * 1024
"""Of one list: fields, and bytes as RFC 9113 §6.5.2 counts them (32 more a field). A head of HTTP/1 may have as much.

A byte may stand for a field of any size, so a block is a small part of what it may come to.
"""

_STATIC = HeaderTable.STATIC_TABLE_LENGTH
_PER_FIELD = 32
_LONGEST_NUMBER = 5
"""Bytes of a number: more than 32 bits say nothing that could be true."""


class Form(Enum):
    """How a field is represented (RFC 7541 §6)."""

    INDEXED = "indexed"
    INCREMENTAL = "literal with incremental indexing"
    PLAIN = "literal without indexing"
    NEVER = "literal never indexed"
    SIZE_UPDATE = "dynamic table size update"


@value
class Text:
    """A string literal of a block: `[start, end)` without its length, and whether Huffman codes stand there."""

    start: int
    end: int
    huffman: bool


@value
class Field:
    """One representation, `[start, end)` of the block. None: a name or a value that was said before we could hear it.

    Of a size update `index` is the new size, and there is neither name nor value. `index` is 0 for a literal name.
    """

    start: int
    end: int
    form: Form
    index: int
    name: bytes | None
    value: bytes | None
    name_at: Text | None = None
    value_at: Text | None = None

    @property
    def is_known(self) -> bool:
        return self.name is not None and self.value is not None


@value
class FieldBlock:
    """The fields of one block in order. `error`: the block is malformed behind them; `cut`: more came than is kept."""

    fields: tuple[Field, ...]
    error: Sentence | None = None
    cut: bool = False

    @property
    def is_all(self) -> bool:
        """Whether these are all the fields that there are."""
        return self.error is None and not self.cut


class FieldDecoder:
    """One direction's header fields. After `forget`, and after an error, only what was said since is known."""

    def __init__(self) -> None:
        self._decoder = _fresh()
        self._is_whole = True

    @property
    def is_whole(self) -> bool:
        """Whether all that was ever said is known."""
        return self._is_whole

    def forget(self) -> None:
        """A block was not seen, or not understood: what it put into the table is not known."""
        self._decoder = _fresh()
        # What the table holds by now is bounded by its size, which may have been changed unseen.
        self._decoder.header_table_size = MOST_TABLE
        self._is_whole = False

    def decode(self, block: bytes) -> FieldBlock:
        """The fields of a whole block."""
        fields: list[Field] = []
        size, at, cut = 0, 0, False
        while at < len(block):
            try:
                field = self._read(block, at)
            except (DecodeError, HPACKError) as error:
                self.forget()
                what = Sentence("byte {offset} of the field block: {error}", offset=at, error=_what(error))
                return FieldBlock(tuple(fields), what, cut)
            at = field.end
            if not cut and field.form is not Form.SIZE_UPDATE:
                size += len(field.name or b"") + len(field.value or b"") + _PER_FIELD
                cut = size > MOST_LIST or len(fields) >= MOST_FIELDS
            if not cut:
                fields.append(field)
        return FieldBlock(tuple(fields), None, cut)

    def _read(self, block: bytes, start: int) -> Field:
        first = block[start]
        if first & 0x80:
            index, end = _number(block, start, 7)
            name, value = self._indexed(block[start:end], index)
            return Field(start, end, Form.INDEXED, index, name, value)
        if first & 0xE0 == 0x20:
            size, end = _number(block, start, 5)
            if size > MOST_TABLE:
                raise DecodeError("a dynamic table of {size:,} bytes, {most:,} are kept", size=size, most=MOST_TABLE)
            self._resize(size)
            return Field(start, end, Form.SIZE_UPDATE, size, None, None)
        return self._literal(block, start, first)

    def _resize(self, size: int) -> None:
        """A table of no bytes has nothing in it, whatever was: all is known again."""
        if not size:
            self._decoder = _fresh()
            self._is_whole = True
        if self._is_whole:
            self._decoder.header_table_size = size

    def _literal(self, block: bytes, start: int, first: int) -> Field:
        form = Form.INCREMENTAL if first & 0x40 else Form.NEVER if first & 0x10 else Form.PLAIN
        index, at = _number(block, start, 6 if form is Form.INCREMENTAL else 4)
        name_at = None
        if not index:
            name_at = _text(block, at)
            at = name_at.end
        value_at = _text(block, at)
        end = value_at.end
        name, value = self._said(block[start:end], form, index, at - start)
        return Field(start, end, form, index, name, value, name_at, value_at)

    def _indexed(self, data: bytes, index: int) -> tuple[bytes | None, bytes | None]:
        place, entries = index - _STATIC - 1, self._decoder.header_table.dynamic_entries
        if self._is_unknown(index):
            return None, entries[place][1] if place < len(entries) else None
        return _only(self._decoder, data)

    def _said(self, data: bytes, form: Form, index: int, value_from: int) -> tuple[bytes | None, bytes | None]:
        """Name and value of a literal, which is put into the table if it is to be."""
        table = self._decoder.header_table
        if self._is_unknown(index):
            # The value can be known without its name: as that of a literal that has a name, and is put nowhere.
            _, value = _only(self._decoder, b"\x00\x01x" + data[value_from:])
            if form is Form.INCREMENTAL and value is not None:
                table.add(_UNKNOWN, value)
            return None, value
        return _only(self._decoder, data)

    def _is_unknown(self, index: int) -> bool:
        """Whether this entry was made before all that we have heard; its name may be one that was not."""
        place = index - _STATIC - 1
        entries = self._decoder.header_table.dynamic_entries
        if place < 0:
            return False
        if place >= len(entries):
            return not self._is_whole
        return entries[place][0] == _UNKNOWN


_UNKNOWN = b"\x00unknown"
"""Stands in the table for a name that we have not heard; none may have such a byte (RFC 9113 §8.2.1)."""


def _fresh() -> Decoder:
    decoder = Decoder(max_header_list_size=1 << 31)  # the bounds are ours
    decoder.max_allowed_table_size = MOST_TABLE
    return decoder


def _only(decoder: Decoder, data: bytes) -> tuple[bytes | None, bytes | None]:
    for name, content in decoder.decode(data, raw=True):
        return bytes(name), bytes(content)
    raise DecodeError("no field")


def _number(block: bytes, at: int, prefix: int) -> tuple[int, int]:
    """An integer with a prefix of so many bits, and where it ends (RFC 7541 §5.1)."""
    limit = (1 << prefix) - 1
    number = block[at] & limit
    if number < limit:
        return number, at + 1
    for place in range(_LONGEST_NUMBER):
        at += 1
        if at >= len(block):
            raise DecodeError("the block ends in a number")
        number += (block[at] & 0x7F) << (7 * place)
        if not block[at] & 0x80:
            return number, at + 1
    raise DecodeError("a number longer than {longest} bytes", longest=_LONGEST_NUMBER)


def _text(block: bytes, at: int) -> Text:
    """A string literal (RFC 7541 §5.2)."""
    if at >= len(block):
        raise DecodeError("the block ends before a string")
    length, start = _number(block, at, 7)
    if start + length > len(block):
        left = len(block) - start
        raise DecodeError("a string of {length:,} bytes, {left:,} are left", length=length, left=left)
    return Text(start, start + length, bool(block[at] & 0x80))


def _what(error: DecodeError | HPACKError) -> DecodeError | str:
    return error if isinstance(error, DecodeError) else str(error)[:120] or type(error).__name__
