"""One crossing of a file in figures: what the two ends had, what the path has of it, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from transom.dissect.journey import Carried, Journey, Kind
from transom.dissect.leaks import Leaks
from transom.dissect.timeline import HttpRequest, HttpResponse
from transom.value import value

TCP_ROUND_TRIPS = 1
"""The connection's own: SYN and its answer (RFC 9293 §3.5)."""


@value
class Column:
    """`version` and `cipher_suite` are None in the clear, and `records` too, which are those of application data.

    `reckoned` is the answer's length as the path makes it out: exact in the clear, else as the records betray it.
    `names` is what it reads of the server's name and ALPN: "readable" with the name, "alpn" alone where the client
    named no server (it has an address), "none" where neither was sent, None where no hello was seen. `opens` tells
    whether who has the recording, and one day the server's private key, can read the file; None where nothing was
    sealed. `round_trips` are those before the request can be sent. `duration` is in nanoseconds, `arrived_sha256` as
    that of the `Carried` file.
    """

    kind: Kind
    version: str | None
    cipher_suite: str | None
    request: str | None
    status: int | None
    arrived_sha256: str
    holds_file: bool
    reckoned: int | None
    names: Literal["readable", "alpn", "none"] | None
    certificate: Literal["none", "readable", "hidden"]
    opens: bool | None
    wire_bytes: int
    records: int | None
    round_trips: int
    duration: int


def column(journey: Journey, carried: Carried) -> Column:
    """The figures of one crossing of `carried`."""
    tls = journey.with_keys.facts.tls
    items = journey.with_keys.items
    request = next((item for item in items if isinstance(item, HttpRequest)), None)
    status = next((item.status for item in items if isinstance(item, HttpResponse) and item.status >= 200), None)
    leaks, taken = journey.leaks, journey.taken
    return Column(
        journey.kind,
        tls.version if tls else None,
        tls.cipher_suite if tls else None,
        f"{request.method} {request.target} HTTP/{request.version}" if request else None,
        status,
        journey.arrived_sha256,
        holds_file=bool(taken and taken.identity == carried.sha256),
        reckoned=taken.length if taken else leaks.largest_answer,
        names=_names(leaks),
        certificate="none" if tls is None else "readable" if leaks.certificate is not None else "hidden",
        opens=journey.opened_by_private_key,
        wire_bytes=journey.wire_bytes,
        records=sum(run.records for run in journey.data) if tls else None,
        round_trips=TCP_ROUND_TRIPS + journey.session.round_trips,
        duration=journey.duration,
    )


def _names(leaks: Leaks) -> Literal["readable", "alpn", "none"] | None:
    asked = any(exchange.request and exchange.request.authority for exchange in leaks.exchanges)
    if leaks.server_name or asked:
        return "readable"
    if leaks.offered:
        return "alpn"
    return "none" if leaks.ja4 or leaks.exchanges else None


def same_in_all(columns: Sequence[Column], carried: Carried) -> bool:
    """Whether in each the same was asked and answered, and the file came whole."""
    exchanges = {(each.request, each.status) for each in columns}
    return len(exchanges) == 1 and all(each.arrived_sha256 == carried.sha256 for each in columns)
