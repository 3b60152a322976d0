"""The parts of a conversation's page: the name in an address, and who makes it. A new tab is a row here.

A part is asked for as `conversations/2/with-keys/follow`, and those with a name of their own further as
`conversations/2/with-keys/step/c0`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from transom.dissect.json_lines import Line
from transom.errors import UsageError
from transom.web.model.certificates import certificates
from transom.web.model.context import Context
from transom.web.model.corrections import corrections
from transom.web.model.exchanges import http
from transom.web.model.files import files
from transom.web.model.follow import follow, follow_from
from transom.web.model.keys import keys
from transom.web.model.leaks import leaks
from transom.web.model.pacing import time
from transom.web.model.packets import packet_slice, packets
from transom.web.model.place import carried, place
from transom.web.model.step import step
from transom.web.model.story import story

Part = Callable[[Context], Line]

PARTS: Mapping[str, Part] = {
    "story": story,
    "follow": follow,
    "http": http,
    "files": files,
    "packets": packets,
    "carried": carried,
    "time": time,
    "leaks": leaks,
    "certificates": certificates,
    "keys": keys,
    "corrections": corrections,
}
NAMED: Mapping[str, Callable[[Context, str], Line]] = {
    "step": step,
    "place": place,
    "packets": packet_slice,
    "follow": follow_from,
}


def part(context: Context, names: list[str]) -> Line:
    """The part of an address behind the view. Raises UsageError where there is none."""
    match names:
        case [name] if name in PARTS:
            return PARTS[name](context)
        case [name, further] if name in NAMED:
            return NAMED[name](context, further)
        case _:
            raise UsageError(f"no part {'/'.join(names)}")
