"""Follow: what the two sides of one conversation said, in order, decrypted or as on the wire.

Everything streams: pieces are given as they are read, and none is kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from transom.dissect.charset import DEFAULT, TextDecoder, charset_of
from transom.dissect.http2_text import Http2Text
from transom.dissect.islands import Island, islands_between
from transom.dissect.protocol import speaks_http2
from transom.http.events import BodyCut, BodyEnd, RequestHead, ResponseHead
from transom.http.messages import Headers
from transom.http.observed import HttpObserver
from transom.value import value
from transom.wire.escape import escape
from transom.wire.tap import Buffer, Side

HEX_ROW = 16
_FIRST = 64
"""Bytes that tell what is spoken."""


@value
class Said:
    """A stretch of text from one side; `island` where it can be read in a sealed stream."""

    side: Side
    text: str
    island: bool = False


class PlainText:
    """Decrypted bytes, or those of plain TCP, as text: heads as they are, bodies in their Content-Type's charset.

    HTTP/2 is text once its framing is taken off (`Http2Text`). What no charset makes visible is escaped; line ends and
    tabs stay. `heads` are the headers that were last seen.
    """

    def __init__(self) -> None:
        self.heads: dict[Side, Headers] = {}
        self._http = HttpObserver()
        self._http2: Http2Text | None = None
        self._began = False
        self._position = {Side.CLIENT: 0, Side.SERVER: 0}
        self._decoders = {Side.CLIENT: TextDecoder(), Side.SERVER: TextDecoder()}
        self._unshown = {Side.CLIENT: "", Side.SERVER: ""}

    @property
    def is_http2(self) -> bool:
        """Whether what was said before tells what a head is that is said now."""
        return self._http2 is not None

    def receive(self, side: Side, data: Buffer) -> list[Said]:
        """The text of the next bytes of `side`."""
        text = self._unshown[side] + self._decoded(side, data)
        # A CR at the end waits: with the LF behind it, it is a line end, and alone it is not.
        shown = text.removesuffix("\r")
        self._unshown[side] = text[len(shown) :]
        return [Said(side, shown.replace("\r\n", "\n").translate(_ESCAPES))] if shown else []

    def pass_over(self, side: Side, data: Buffer) -> None:
        """Read on without showing the next bytes of `side`."""
        self._decoded(side, data)
        self._unshown[side] = ""

    def _decoded(self, side: Side, data: Buffer) -> str:
        if not self._began and len(data):
            self._began = True
            if speaks_http2({side: bytes(data[:_FIRST])}):
                self._http2 = Http2Text()
                self.heads = self._http2.heads
        if self._http2 is not None:
            return self._http2.receive(side, data)
        start = self._position[side]
        self._position[side] += len(data)
        decoder = self._decoders[side]
        text, done = "", 0
        for end, charset in self._changes(side, data):
            text += decoder.decode(bytes(data[done : end - start])) + decoder.change(charset)
            done = end - start
        return text + decoder.decode(bytes(data[done:]))

    def _changes(self, side: Side, data: Buffer) -> Iterable[tuple[int, str]]:
        """Where in `side`'s stream the charset changes, and to which."""
        for seen in self._http.receive(side, data):
            match seen.event:
                case RequestHead(head) | ResponseHead(head):
                    self.heads[side] = head.headers
                    yield seen.end, charset_of(head.headers)
                case BodyEnd() | BodyCut():
                    yield seen.end, DEFAULT
                case _:
                    pass


class WireText:
    """Bytes as they crossed: ASCII where there is some, dots for the rest, and the readable islands marked."""

    def __init__(self, islands: Iterable[Island] = ()) -> None:
        self._islands = tuple(islands)
        self._position = {Side.CLIENT: 0, Side.SERVER: 0}

    def receive(self, side: Side, data: Buffer) -> list[Said]:
        """The text of the next bytes of `side`, cut where an island begins or ends."""
        start = self._position[side]
        end = self._position[side] = start + len(data)
        said: list[Said] = []
        at = start
        for low, high, _ in islands_between(self._islands, side, start, end):
            said += [
                Said(side, dotted(data[at - start : low - start])),
                Said(side, dotted(data[low - start : high - start]), island=True),
            ]
            at = high
        said.append(Said(side, dotted(data[at - start :])))
        return [piece for piece in said if piece.text]


class HexDump:
    """Sixteen bytes a row with their offset in the stream; the server's rows are moved in, as Wireshark's are."""

    def __init__(self) -> None:
        self._position = {Side.CLIENT: 0, Side.SERVER: 0}

    def receive(self, side: Side, data: Buffer) -> list[Said]:
        """The rows of the next bytes of `side`."""
        start = self._position[side]
        self._position[side] += len(data)
        indent = "    " if side is Side.SERVER else ""
        rows = (_hex_row(start + at, bytes(data[at : at + HEX_ROW])) for at in range(0, len(data), HEX_ROW))
        return [Said(side, "".join(f"{indent}{row}\n" for row in rows))] if data else []


class _Escapes(dict[int, str]):
    """Each character as `escape` shows it, asked once: a binary body is millions of them."""

    def __missing__(self, character: int) -> str:
        self[character] = escape(chr(character))
        return self[character]


_ESCAPES = _Escapes({ord("\n"): "\n", ord("\t"): "\t"})


def dotted(data: Buffer) -> str:
    """Bytes as Wireshark's ASCII: printable ones as they are, line ends kept, dots for all others."""
    return bytes(data).translate(_DOTS).decode("ascii")


_DOTS = bytes(byte if 0x20 <= byte < 0x7F or byte == 0x0A else 0x2E for byte in range(256))


def _hex_row(offset: int, row: bytes) -> str:
    shown = dotted(row).replace("\n", ".")
    left, right = row[:8].hex(" "), row[8:].hex(" ")
    return f"{offset:08x}  {left:<23}  {right:<23}  {shown}"
