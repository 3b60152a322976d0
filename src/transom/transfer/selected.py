"""What of a file is sent, as a request's ranges have it: all, one part, or several in one answer."""

from __future__ import annotations

import secrets

from transom.files.opened import OpenFile
from transom.http.media_types import media_type
from transom.http.multipart import byte_ranges
from transom.http.ranges import Part, Selection, content_range, whole
from transom.transfer.content import Content, FilePart, InMemory, Joined
from transom.value import value


@value
class Selected:
    """The status of the answer, the fields that say what its content is, and the content."""

    status: int
    fields: tuple[tuple[str, str], ...]
    content: Content


def selected(file: OpenFile, selection: Selection) -> Selected:
    """The answer to a selection of a file, all of it or one part or more; the file is closed with the content.

    Several parts that would be more to send than the file, framing and all, are answered with the file: what is asked
    for in a few bytes must not cost more than that (CVE-2011-3192).
    """
    kind = media_type(file.name)
    if len(selection.parts) != 1:
        return _several(file, selection.parts, kind) or selected(file, whole(file.size))
    (part,) = selection.parts
    place = (("Content-Range", content_range(part, file.size)),) if selection.status == 206 else ()
    return Selected(selection.status, (("Content-Type", kind), *place), FilePart(file, part.start, part.end))


def _several(file: OpenFile, parts: tuple[Part, ...], kind: str) -> Selected | None:
    framing = byte_ranges(parts, file.size, kind, secrets.token_hex(16))
    if framing.size + sum(part.length for part in parts) > file.size:
        return None
    contents: list[Content] = []
    for head, part in zip(framing.heads, parts, strict=True):
        contents += InMemory(head), FilePart(file, part.start, part.end)
    contents.append(InMemory(framing.end))
    return Selected(206, (("Content-Type", framing.content_type),), Joined(contents))
