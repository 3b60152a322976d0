"""Forms that are made of lines: fields, settings, netrc, tables; and the options of a command."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from functools import lru_cache

from transom.web.model.secret_forms.spans import Found, Naming, Span, letters_of, line_end, matched, named
from transom.web.model.secret_forms.text import Text
from transom.web.model.sensitive import looks_drawn, names_secret, names_secret_field

_NAME = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z\x80-\xff]{1,64}"
_BEGIN = rb"(?:^|(?<=[\r\"'`=]))"
_FIELD = Naming(
    re.compile(_BEGIN + rb"[ \t]{0,256}(?:-[ \t]{1,64})?(" + _NAME + rb")[ \t]{0,64}:[ \t]*", re.MULTILINE),
    re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z\x80-\xff]{0,64}[ \t]{0,64}:"),
    letters_of(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z\x80-\xff]"),
    b" \t-",
    400,
    140,
)
_QUOTES = (b'"', b"'", b"`")
_INDENT = re.compile(rb"[ \t]*")
_BLOCK = re.compile(rb"[|>][-+0-9]*[ \t]*\r?\Z")


def fields(text: Text) -> Iterator[Span]:
    """`Name: value`, a field line of HTTP (RFC 9110 §5) or a line of YAML; or in quotes, as `curl -H` has it."""
    data = text.data

    def value(found: Found) -> Span:
        quote = data[max(found.start() - 1, 0) : found.start()]
        end = _value_end(data, found)
        closing = data.find(quote, found.end(), end) if quote in _QUOTES else -1
        return found.end(), end if closing < 0 else closing

    return named(text, _FIELD, names_secret_field, value)


def _value_end(data: bytes, found: Found) -> int:
    """It goes on past a CR, and in the lines that begin further in than the name (of a head: with a space, RFC 9112
    §5.2); a list of YAML may begin where the name does.
    """
    column = found.start(1) - found.start()
    end = line_end(data, found.end())
    first = data[found.end() : end].rstrip(b"\r")
    may_be_blank = _BLOCK.fullmatch(first) is not None
    while end < len(data):
        start = min(end + 1, len(data))
        following = line_end(data, start)
        indent = matched(_INDENT, data, start)[1] - start
        is_blank = data[start:following].strip() == b""
        is_item = not first and indent == column and data[start + indent : start + indent + 2] == b"- "
        if not (may_be_blank if is_blank else indent > column or is_item):
            return end
        end = following
    return end


_SUBPROTOCOL = re.compile(
    _BEGIN + rb"[ \t]{0,64}Sec-WebSocket-Protocol[ \t]{0,64}:([^\n]*)", re.IGNORECASE | re.MULTILINE
)
_LONGEST_INDENT = 64
_ITEM = re.compile(rb"[^,\s]+")
_SHORTEST_TOKEN = 16


def subprotocols(text: Text) -> Iterator[Span]:
    """Where those who may set no field put a token: all of it behind a name that says so, else what looks like one.

    What is registered has dots (`v10.stomp`), or no digit (`graphql-transport-ws`).
    """
    data, at = text.data, 0
    for place in text.places(b"sec-websocket-protocol"):
        indent = data[max(place - _LONGEST_INDENT, at) : place]
        start = place - len(indent) + len(indent.rstrip(b" \t"))
        found = next((found for one in range(start, place + 1) if (found := _SUBPROTOCOL.match(data, one))), None)
        if place < at or not found:
            continue
        at = found.end()
        if names_secret(found[1]):
            yield found.span(1)
        for item in _ITEM.finditer(data, *found.span(1)):
            if max(map(len, item[0].split(b"."))) >= _SHORTEST_TOKEN and looks_drawn(item[0], _SHORTEST_TOKEN):
                yield item.span()


_SUBPROTOCOL_CUT = re.compile(
    _BEGIN + rb"[ \t]{0,64}Sec-WebSocket-Protocol[ \t]{0,64}:[^\n]{0,4096}?([\w+/=.-]{1,4096})\Z",
    re.IGNORECASE | re.MULTILINE,
)


def subprotocol_cut(text: Text) -> Iterator[Span]:
    """Where what there is ends, a token may not be long enough yet to look like one."""
    if not text.places(b"sec-websocket-protocol"):
        return iter(())
    return (found.span(1) for found in _SUBPROTOCOL_CUT.finditer(text.data))


_SETTING = Naming(
    re.compile(
        rb"^[ \t]{0,256}(?:(?:export|set|setx|declare -x)[ \t]{1,64})?"
        rb"[\"']?([\w.\[\]\x80-\xff-]{1,120})[\"']?[ \t]{0,64}=(?![=>])[ \t]*",
        re.MULTILINE,
    ),
    re.compile(rb"[\w.\[\]\x80-\xff-]{0,120}[\"']?[ \t]{0,64}=(?![=>])"),
    letters_of(rb"[\w.\[\]\x80-\xff-]"),
    letters_of(rb"[\sa-z\"'-]"),
    460,
    200,
)
_SETTING_VALUE = re.compile(rb"\"(?:[^\"\\]|\\.)*\\?(?:\"|\Z)|(?:[^&\r\n]|&(?![\w.%\[\]+-]{1,64}=))*", re.DOTALL)


def settings(text: Text) -> Iterator[Span]:
    """`name = value`, a line of INI, of properties or of an environment: up to its end, whatever is in it."""
    return named(text, _SETTING, names_secret, lambda found: matched(_SETTING_VALUE, text.data, found.end()))


_MACHINE = re.compile(rb"(?:\bmachine\s{1,256}\S{1,256}|^default\b)(?=\s)", re.MULTILINE)
_LOGIN = re.compile(rb"\s+(?:(?:login|user|port)\s+\S+|(?:password|passwd|account)\s+(\S+))")


def netrc(text: Text) -> Iterator[Span]:
    """`machine h login me password secret`, in a line or in several."""
    data, at = text.data, 0
    for place in text.places(b"machine", b"default"):
        found = _MACHINE.match(data, place) if place >= at else None
        if not found:
            continue
        at = found.end()
        while login := _LOGIN.match(data, at):
            at = login.end()
            if login[1] is not None:
                yield login.span(1)


_OPTION = Naming(
    re.compile(rb"-(?<![\w-]-)-?([\w-]{2,64})[ \t]{1,64}(?=[^\s-])"),
    re.compile(rb"[\w-]{0,64}[ \t]{1,64}[^\s-]"),
    letters_of(rb"[\w-]"),
    b"-",
    70,
    140,
)
_WORD = re.compile(rb"\"(?:[^\"\\]|\\.)*\\?(?:\"|\Z)|'[^']*(?:'|\Z)|[^\s\"'`<>]+", re.DOTALL)


def options(text: Text) -> Iterator[Span]:
    """`--name value`, of a command."""
    return named(text, _OPTION, names_secret, lambda found: matched(_WORD, text.data, found.end()))


_CELL = rb"(?:\"(?:[^\"]|\"\")*(?:\"|\Z)[^%(mark)s\r\n]*|[^%(mark)s\r\n]*)"
_MARKS = {mark: re.compile(_CELL % {b"mark": mark}) for mark in (b",", b";", b"\t", b"|")}
_ANY_MARK = re.compile(rb"[,;\t|]")
_HEADING = re.compile(rb"[ \t]*\"?[ \t]*([\w.\x80-\xff-]{1,40}(?: [\w.\x80-\xff-]{1,40}){0,2})[ \t]*\"?[ \t]*")
_QUOTE = re.compile(rb"[\"'`=>]")
_MOST_COLUMNS = 500
_LONGEST_HEAD = 8 * 1024
_RULE_OF_TABLE = re.compile(rb"[-:| \t]+\r?")


def columns(text: Text) -> Iterator[Span]:
    """A table with a line of names above it: CSV, tab-separated values, Markdown."""
    data, at = text.data, 0
    for clue, _ in text.clues:
        if clue < at:
            continue
        at = max(data.rfind(b"\n", at, clue) + 1, at)
        end = line_end(data, clue)
        if end - at <= _LONGEST_HEAD and _ANY_MARK.search(data, at, end):
            for one, cell in _MARKS.items():
                secret, count = _headings(data, at, end, one)
                if secret and _is_row(_cells(data, end + 1, cell), count, len(data)):
                    end = yield from _rows(data, end + 1, cell, secret, count)
                    break
        at = end + 1


def _headings(data: bytes, start: int, end: int, mark: bytes) -> tuple[set[int], int]:
    """Which columns have the name of a secret, of how many; none, if that is no line of names."""
    outer = mark == b"|"  # `| user | password |`
    last = data.rfind(mark, start, end) + 1  # of a line that is none it is seldom a name
    if not last or not (_HEADING.fullmatch(data[last:end].rstrip(b"\r")) or (outer and not data[last:end].strip())):
        return set(), 0
    texts = data[start:end].rstrip(b"\r").split(mark)
    if len(texts) > _MOST_COLUMNS:
        return set(), 0
    if not _HEADING.fullmatch(texts[0]):  # within a text that is quoted, the first one begins somewhere in the line
        texts[0] = _QUOTE.split(texts[0])[-1]
    secret: set[int] = set()
    for at, text in enumerate(texts):
        name = _HEADING.fullmatch(text)
        if name is None and not (outer and not text.strip()):
            return set(), 0
        if name and names_secret(name[1]):
            secret.add(at)
    return secret, len(texts)


def _cells(data: bytes, at: int, cell: re.Pattern[bytes]) -> list[Span]:
    """Of one row, which may have line ends within quotes."""
    found: list[Span] = []
    while at <= len(data) and len(found) <= _MOST_COLUMNS:
        start, end = matched(cell, data, at)
        found.append((start, end))
        if data[end : end + 1] in (b"", b"\r", b"\n"):
            break
        at = end + 1
    return found


@lru_cache(64)
def _plain_row(cell: re.Pattern[bytes], secret: frozenset[int], count: int) -> re.Pattern[bytes]:
    """A row of a table without a quote in it, as nearly all are: that is read at once."""
    mark = next(mark for mark, one in _MARKS.items() if one is cell)
    one = b'[^%s\r\n"]*' % mark
    cells = (b"(%s)" % one if column in secret else one for column in range(count))
    return re.compile(re.escape(mark).join(cells) + rb"\r?\n")


def _is_row(cells: list[Span], count: int, length: int) -> bool:
    """Whether it has as many; or may have had, where the end cuts it."""
    return len(cells) == count or (0 < len(cells) < count and cells[-1][1] == length > cells[0][0])


def _rows(data: bytes, at: int, cell: re.Pattern[bytes], secret: set[int], count: int) -> Generator[Span, None, int]:
    """Gives where it ends: at an empty line. Of a row that has other columns, where bytes are missing, all is taken."""
    plain = _plain_row(cell, frozenset(secret), count)
    while at < len(data) and data[at : at + 1] not in (b"\r", b"\n"):
        if (row := plain.match(data, at)) and not _RULE_OF_TABLE.fullmatch(row[0].rstrip(b"\r\n")):
            yield from (row.span(number) for number in range(1, len(secret) + 1))
            at = row.end()
            continue
        cells = _cells(data, at, cell)
        start, end = cells[0][0], cells[-1][1]
        if len(cells) != count:
            end = line_end(data, end)
            yield start, end
        elif not _RULE_OF_TABLE.fullmatch(data, start, end):
            yield from (cells[column] for column in secret)
        at = line_end(data, end) + 1
    return at


def rows_behind(data: bytes, at: int, mark: bytes, secret: set[int], count: int) -> Generator[Span, None, int]:
    """The same of a table whose columns are named elsewhere."""
    return (yield from _rows(data, at, _MARKS[mark], secret, count))
