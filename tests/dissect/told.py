"""What a timeline tells, in lines for goldens and comparisons; and conversations to tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from transom.capture.write import TraceWriter
from transom.dissect.captured import keys_for, observe_capture
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.dissect.timeline import (
    ApplicationData,
    ChainJudged,
    Closed,
    HttpBody,
    HttpRequest,
    HttpResponse,
    Item,
    Listener,
    Message,
    Opened,
    Problem,
    SealedFromHere,
)
from transom.wire.tap import Endpoint, Endpoints, Side

ZEEK = Path(__file__).parents[1] / "captures" / "zeek"
ENDPOINTS = Endpoints(Endpoint("127.0.0.1", 50000), Endpoint("127.0.0.1", 8443))
SEGMENT = 1448
START = 1_780_315_200 * 10**9

_ARROWS = {Side.CLIENT: "C>S", Side.SERVER: "C<S"}


def tell(wire: Iterable[tuple[Side, bytes]], looking: Looking | None = None) -> tuple[list[Item], Facts]:
    """A conversation of these pieces, a millisecond and a packet each; its end is not announced."""
    items: list[Item] = []
    flow = Flow(0, items.append, looking)
    flow.opened(ENDPOINTS, START, 1)
    for number, (side, data) in enumerate(wire, start=2):
        flow.data(side, data, START + number * 10**6, number)
    flow.finish()
    return items, flow.facts


def tell_capture(path: Path, looking: Looking | None = None) -> tuple[dict[int, list[Item]], dict[int, Facts]]:
    """Every conversation of a capture, with the keys in it unless told otherwise."""
    items: dict[int, list[Item]] = {}
    facts: dict[int, Facts] = {}
    chosen = looking or Looking(keys_for(path, []), hash_bodies=True)

    def over(ended: Facts) -> None:
        facts[ended.number] = ended

    def listener_for(number: int) -> Listener:
        items[number] = []
        return items[number].append

    observe_capture(path, chosen, listener_for, over)
    return items, facts


def write_trace(path: Path, wire: Iterable[tuple[Side, bytes]], secrets: Iterable[str] = ()) -> Path:
    """These pieces as a trace with these key-log lines in it, cut into segments of an ordinary network."""
    with TraceWriter(path, "transom test") as writer:
        for line in secrets:
            writer.secret(line.rstrip("\n"))
        write_conversation(writer, wire, START)
    return path


def write_conversation(writer: TraceWriter, wire: Iterable[tuple[Side, bytes]], start: int) -> None:
    """The same as one more conversation, which lasts for a second."""
    tap = writer.conversation()
    tap.opened(ENDPOINTS, start)
    for number, (side, data) in enumerate(wire, start=1):
        for at in range(0, len(data), SEGMENT):
            tap.data(side, data[at : at + SEGMENT], start + number * 10**6)
    for side in (Side.SERVER, Side.CLIENT):
        tap.closed(side, start + 10**9)


def lines(items: Sequence[Item]) -> list[str]:
    """A line an item: packet, direction, step, name, length, and what else there is to say."""
    return [f"{item.moment.packet:>4}  {_line(item)}".rstrip() for item in items]


def _line(item: Item) -> str:
    match item:
        case Opened():
            return f"---     {item.endpoints.client} -> {item.endpoints.server}"
        case Message():
            return f"{_ARROWS[item.side]}  {item.step or '+'}  {item.name} {item.length}{_remarks(item)}"
        case ChainJudged():
            return f"{_ARROWS[item.side]}     chain of {len(item.verdict.steps)}: {item.verdict.problem or 'unjudged'}"
        case SealedFromHere():
            return f"{_ARROWS[item.side]}     sealed from here"
        case ApplicationData():
            length = "shut" if item.length is None else item.length
            return f"{_ARROWS[item.side]}  {item.step}  {item.records} records, {item.wire_bytes} on the wire: {length}"
        case HttpRequest():
            return f"C>S     #{item.stream} {item.method} {item.target} HTTP/{item.version}, head {item.head}"
        case HttpResponse():
            return f"C<S     #{item.stream} HTTP/{item.version} {item.status} {item.reason}, head {item.head}"
        case HttpBody():
            end = "whole" if item.complete else "cut"
            digest = f", sha256 {item.sha256[:16]}" if item.sha256 else ""
            return f"{_ARROWS[item.side]}     #{item.stream} body {item.length} of {item.expected}, {end}{digest}"
        case Problem():
            side = _ARROWS[item.side] if item.side else "---"
            return f"{side}  !  {item.code}: {item.where}: {item.what}"
        case Closed():
            return f"{_ARROWS[item.side]}     {item.how}"


def _remarks(message: Message) -> str:
    remarks = ["sealed" if message.sealed else ""]
    if message.proof is not None:
        remarks.append("proven" if message.proof else "DISPROVEN")
    if message.alert:
        remarks.append(" ".join(part.name for part in message.alert))
    if message.error:
        remarks.append(str(message.error))
    said = ", ".join(filter(None, remarks))
    return f", {said}" if said else ""


def facts_lines(facts: Facts) -> list[str]:
    """The facts that a table shows."""
    told = [f"{facts.protocol} {facts.wire_bytes[Side.CLIENT]} {facts.wire_bytes[Side.SERVER]} -{facts.missing_bytes}"]
    if tls := facts.tls:
        told += [
            f"{tls.version} {tls.cipher_suite} {tls.group} sni={tls.sni} alpn={tls.alpn} resumed={tls.resumed}",
            f"{tls.decrypted} {tls.why_not} {len(tls.certificates)} certificates",
            f"{tls.ja3} {tls.ja3s} {tls.ja4}",
        ]
    return told
