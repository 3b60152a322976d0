"""The JSON lines of `compare`: one a crossing, or one for two conversations and one for each of their differences."""

from __future__ import annotations

from collections.abc import Sequence

from transom.dissect.column import Column
from transom.dissect.differences import Comparison, Field
from transom.dissect.journey import Carried
from transom.dissect.json_lines import Json, Line, seconds
from transom.dissect.meaning import Meaning
from transom.dissect.portrait import Portrait


def journey_line(column: Column, carried: Carried) -> Line:
    """One crossing of the file."""
    return {
        "type": "journey",
        "way": column.kind,
        "version": column.version,
        "cipher_suite": column.cipher_suite,
        "request": column.request,
        "status": column.status,
        "name": carried.name,
        "bytes": carried.size,
        "sha256": column.arrived_sha256 or None,
        "path_holds_file": column.holds_file,
        "path_reckons_bytes": column.reckoned,
        "path_reads_name": column.names == "readable",
        "certificate": column.certificate,
        "opens_with_private_key": column.opens,
        "wire_bytes": column.wire_bytes,
        "records": column.records,
        "round_trips": column.round_trips,
        "seconds": seconds(column.duration),
    }


def comparison_line(
    comparison: Comparison, names: tuple[str, str], numbers: tuple[int | None, int | None], meanings: Sequence[Meaning]
) -> Line:
    """What the two come to. `names` and `numbers` say which they are: a URL, or a capture and the conversation."""
    first = comparison.first
    return {
        "type": "comparison",
        "a": _one(names[0], numbers[0], comparison.a),
        "b": _one(names[1], numbers[1], comparison.b),
        "equal": sum(not field.differs for field in comparison.fields),
        "different": len(comparison.differences),
        "first": str(first.key) if first else None,
        "meanings": [{"code": one.code, "of": one.which, "parts": _parts(one)} for one in meanings],
    }


def difference_line(field: Field) -> Line:
    """One field that differs."""
    return {
        "type": "difference",
        "group": field.key.group,
        "field": field.key.name,
        "a": field.a.value,
        "b": field.b.value,
        "a_state": field.a.state,
        "b_state": field.b.state,
    }


def _one(name: str, number: int | None, portrait: Portrait) -> Json:
    times = {key: portrait.value("timing", key) for key in ("handshake", "first_byte", "lasted")}
    spans = {key: seconds(span) if isinstance(span, int) else None for key, span in times.items()}
    return {"name": name, "conversation": number, **spans, "round_trips": portrait.value("timing", "round_trips")}


def _parts(meaning: Meaning) -> Json:
    if meaning.finding is not None:
        return {"problem": meaning.finding.code, **meaning.finding.parts}
    if meaning.count is not None:
        return {"count": f"{meaning.count:,}", **meaning.parts}
    return dict(meaning.parts)
