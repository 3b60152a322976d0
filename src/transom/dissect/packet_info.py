"""What the info column of a packet list says of a packet: the messages that were whole with it, or its TCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from transom.dissect.timeline import HttpRequest, HttpResponse, Message

_FLAGS = ((0x01, "FIN"), (0x02, "SYN"), (0x04, "RST"), (0x08, "PSH"), (0x10, "ACK"))
"""In the order of their bits, as Wireshark has them."""


def packet_info(messages: Sequence[str], flags: int, sequence: int | None, acknowledgement: int | None) -> str:
    """The names of the messages; without one the flags and the numbers, relative, that are there."""
    return ", ".join(messages) if messages else " ".join(_tcp(flags, sequence, acknowledgement))


def message_info(item: Message | HttpRequest | HttpResponse, shown: Callable[[str], str]) -> str:
    """A message by its name, a head by its first line; `shown` makes of a peer's text what may be shown."""
    match item:
        case Message(alert=(level, description)):
            return f"{item.name} ({level.name} {description.name})"
        case Message():
            return item.name
        case HttpRequest():
            return f"{shown(item.method)} {shown(item.target)} HTTP/{shown(item.version)}"
        case HttpResponse():
            return f"HTTP/{shown(item.version)} {item.status} {shown(item.reason)}".rstrip()


def _tcp(flags: int, sequence: int | None, acknowledgement: int | None) -> Iterator[str]:
    names = [name for bit, name in _FLAGS if flags & bit]
    if names:
        yield f"[{', '.join(names)}]"
    if sequence is not None:
        yield f"Seq={sequence}"
    if acknowledgement is not None:
        yield f"Ack={acknowledgement}"
