"""What is left of HTTP where it stays sealed: when somebody spoke, and about how much."""

from __future__ import annotations

from transom.dissect.json_lines import Json
from transom.dissect.leaks import record_overhead
from transom.dissect.timeline import ApplicationData
from transom.web.model.context import Context

MOST_RUNS = 50


def sealed_runs(context: Context) -> list[Json]:
    """The first runs of records that this view does not open. `about` is their content in bytes, None if unknown."""
    tls = context.seen.facts.tls
    hello = tls.server_hello if tls else None
    overhead = record_overhead(hello.cipher_suite, hello.version) if hello else None
    shut = [item for item in context.seen.items if isinstance(item, ApplicationData) and item.length is None]
    return [
        {
            "from": run.side.value,
            "at": context.since_start(run),
            "lasted": run.last.time - run.moment.time,
            "records": run.records,
            "wire_bytes": run.wire_bytes,
            "about": None if overhead is None else max(run.wire_bytes - overhead * run.records, 0),
        }
        for run in shut[:MOST_RUNS]
    ]
