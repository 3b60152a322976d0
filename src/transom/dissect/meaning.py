"""What it most likely means that two conversations part where they do: a stable code, and what fills its sentence.

Every rule claims what the bytes show and no more: a server that refuses with handshake_failure does not say why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Literal

from transom.dissect.both_ends import BothEnds
from transom.dissect.differences import Comparison
from transom.dissect.differences import Field as Part
from transom.dissect.portrait import Portrait, Value
from transom.trust.verdict import Finding
from transom.value import value
from transom.wire.tap import Side

MeaningCode = Literal[
    "same",
    "other_protocol",
    "no_client_hello",
    "lacks_version",
    "lacks_suite",
    "lacks_group",
    "lacks_name",
    "offers_differ",
    "order_differs",
    "retry",
    "refused",
    "refused_versions",
    "refused_name",
    "refused_silently",
    "no_answer",
    "lower_version",
    "lower_version_marked",
    "other_suite",
    "other_group",
    "other_alpn",
    "resumed",
    "chain",
    "client_refused",
    "server_refused_later",
    "status",
    "sealed",
    "only_names",
    "differs",
    "both_ends",
    "both_ends_nearer",
    "ends_same_bytes",
    "client_changed",
    "server_changed",
    "client_changed_unseen",
    "server_changed_unseen",
    "answered_between",
    "client_lost",
    "server_lost",
    "ends_between",
]

Which = Literal["a", "b"]


@value
class Meaning:
    """`which` conversation it is said of, None for both alike; `parts` fill the sentence. `finding` is a chain's.

    `count` is of one that counts: its sentence has a form for one.
    """

    code: MeaningCode
    which: Which | None = None
    parts: dict[str, str] = field(default_factory=dict[str, str])
    finding: Finding | None = None
    count: int | None = None


def meanings_of(comparison: Comparison) -> tuple[Meaning, ...]:
    """What the first difference most likely means; and if only one of the two fails, and that does not say why, why."""
    first = comparison.first
    ends = () if comparison.ends is None else tuple(_of_both_ends(comparison.ends))
    if comparison.ends is not None and (comparison.ends.changed or first is None or first.key.group == "ends"):
        return ends  # of a connection that was changed it is no choice of either side that it differs
    if first is None:
        return (Meaning("same"),)
    found = _meaning_of(comparison, first)
    failures = [] if found.code in _EXPLAIN else list(_failures(comparison))
    return (*ends, found, *(failure for failure in failures[:1] if failure != found))


def _of_both_ends(ends: BothEnds) -> Iterator[Meaning]:
    """What one connection at two places comes to."""
    yield Meaning("both_ends" if ends.nearer is None else "both_ends_nearer", ends.nearer)
    if not ends.same_hello:
        yield Meaning("answered_between")
    for side in Side:
        if changed := ends.changed.get(side):
            parts = {"offset": f"{changed.offset:,}", "where": changed.where}
            if changed.a is None or changed.b is None:
                yield Meaning("client_changed_unseen" if side is Side.CLIENT else "server_changed_unseen", None, parts)
            else:
                parts |= {"a": f"{changed.a:02x}", "b": f"{changed.b:02x}"}
                yield Meaning("client_changed" if side is Side.CLIENT else "server_changed", None, parts)
    if not ends.changed:
        yield Meaning("ends_same_bytes")
    for side, count in ends.lost.items():
        yield Meaning("client_lost" if side is Side.CLIENT else "server_lost", count=count)
    if ends.between is not None and ends.clock is not None:
        parts = {"between": f"{ends.between / 1e6:,.1f}", "clock": f"{ends.clock / 1e6:+,.1f}"}
        yield Meaning("ends_between", None, parts)


_EXPLAIN = {
    "other_protocol",
    "no_client_hello",
    "lacks_version",
    "lacks_suite",
    "lacks_group",
    "lacks_name",
    "refused_versions",
    "chain",
}


def _meaning_of(comparison: Comparison, first: Part) -> Meaning:
    if "sealed" in (first.a.state, first.b.state):
        return Meaning("sealed", "a" if first.a.state == "sealed" else "b")
    rule = _RULES.get(first.key.group)
    found = next(rule(comparison, first), None) if rule else None
    return found or Meaning("differs")


def _failures(comparison: Comparison) -> Iterator[Meaning]:
    """How one of them failed, where the other did not fail likewise."""
    for which, one, other in _sides(comparison):
        finding, others = (each.verdict.finding if each.verdict else None for each in (one, other))
        if finding is not None and (others is None or others.code != finding.code):
            yield Meaning("chain", which, finding=finding)
        elif one.value("server_hello", "version") is None and other.value("server_hello", "version") is not None:
            yield _not_answered(which, one)
        else:
            yield from _alerted(which, one, other)


def _alerted(which: Which, one: Portrait, other: Portrait) -> Iterator[Meaning]:
    codes: tuple[tuple[str, MeaningCode], ...] = (("client", "client_refused"), ("server", "server_refused_later"))
    for side, code in codes:
        alert = _text(one.value("alert", side))
        if alert.startswith("fatal ") and other.value("alert", side) is None:
            yield Meaning(code, which, {"alert": alert.removeprefix("fatal ")})


def _sides(comparison: Comparison) -> Iterator[tuple[Which, Portrait, Portrait]]:
    """Each of the two beside the other, which fares better if only one of them does."""
    yield "b", comparison.b, comparison.a
    yield "a", comparison.a, comparison.b


def _conversation(comparison: Comparison, _: Part) -> Iterator[Meaning]:
    for which, one, _other in _sides(comparison):
        protocol = one.value("conversation", "protocol")
        if protocol != "tls":
            yield Meaning("other_protocol", which, {"protocol": _text(protocol)})


def _client_hello(comparison: Comparison, first: Part) -> Iterator[Meaning]:
    for which, one, other in _sides(comparison):
        if not one.list("client_hello", "versions"):
            yield Meaning("no_client_hello", which)
        if one.value("server_hello", "version") is None and other.value("server_hello", "version") is not None:
            yield from _what_is_lacking(which, one, other)
    if first.key.name in ("server_name", "ja3", "ja4", "length"):
        yield Meaning("only_names")
    yield Meaning("order_differs" if first.only_order_differs else "offers_differ")


def _what_is_lacking(which: Which, one: Portrait, other: Portrait) -> Iterator[Meaning]:
    """Where one was not answered: what the other's server chose, and this one did not offer."""
    wanted: tuple[tuple[MeaningCode, str, str], ...] = (
        ("lacks_version", "version", "versions"),
        ("lacks_suite", "cipher_suite", "cipher_suites"),
        ("lacks_group", "group", "groups"),
    )
    for code, chosen, offered in wanted:
        choice = other.value("server_hello", chosen)
        if choice is not None and choice not in one.list("client_hello", offered):
            yield Meaning(code, which, {"choice": _text(choice)})
    if one.value("client_hello", "server_name") is None and (name := other.value("client_hello", "server_name")):
        yield Meaning("lacks_name", which, {"name": _text(name)})


def _retry(comparison: Comparison, _: Part) -> Iterator[Meaning]:
    for which, one, _other in _sides(comparison):
        group = one.value("retry", "group")
        if group is not None and group not in one.list("client_hello", "key_shares"):
            yield Meaning("retry", which, {"group": _text(group)})


def _server_hello(comparison: Comparison, first: Part) -> Iterator[Meaning]:
    for which, one, _other in _sides(comparison):
        if one.value("server_hello", "version") is None:
            yield _not_answered(which, one)
    match first.key.name:
        case "version":
            yield from _lower_version(comparison)
        case "cipher_suite":
            yield Meaning("other_suite")
        case "group":
            yield Meaning("other_group")
        case "alpn":
            yield Meaning("other_alpn")
        case "resumed":
            yield Meaning("resumed", "a" if first.a.value else "b")
        case _:
            pass


def _not_answered(which: Which, one: Portrait) -> Meaning:
    alert = one.value("alert", "server")
    if alert is None:
        return Meaning("no_answer", which)
    name = _text(alert).split(" ")[-1]
    codes: dict[str, MeaningCode] = {
        "protocol_version": "refused_versions",
        "unrecognized_name": "refused_name",
        "handshake_failure": "refused_silently",
    }
    versions = ", ".join(one.list("client_hello", "versions"))
    asked = _text(one.value("client_hello", "server_name"))
    return Meaning(codes.get(name, "refused"), which, {"alert": name, "versions": versions, "name": asked})


def _lower_version(comparison: Comparison) -> Iterator[Meaning]:
    """TLS 1.2 and before is chosen by answering without supported_versions (RFC 8446 §4.2.1)."""
    for which, one, other in _sides(comparison):
        mine, theirs = one.value("server_hello", "version"), other.value("server_hello", "version")
        answered = "supported_versions" in one.list("server_hello", "extensions")
        if theirs == "TLSv1.3" and not answered and "TLSv1.3" in one.list("client_hello", "versions"):
            # RFC 8446 §4.1.3: only who can do TLS 1.3 sets it.
            marked = one.value("server_hello", "downgrade_mark")
            yield Meaning("lower_version_marked" if marked else "lower_version", which, {"version": _text(mine)})


def _certificate(comparison: Comparison, first: Part) -> Iterator[Meaning]:
    if first.key.name == "verdict":
        for which, one, _other in _sides(comparison):
            if one.verdict is not None and one.verdict.finding is not None:
                yield Meaning("chain", which, finding=one.verdict.finding)
    elif first.key.name in ("subject", "names", "sha256", "not_before", "not_after"):
        yield Meaning("only_names")


def _alert(comparison: Comparison, _: Part) -> Iterator[Meaning]:
    for which, one, other in _sides(comparison):
        yield from _alerted(which, one, other)


def _http(_: Comparison, first: Part) -> Iterator[Meaning]:
    if first.key.name == "status" and first.a.value is not None and first.b.value is not None:
        yield Meaning("status", None, {"a": _text(first.a.value), "b": _text(first.b.value)})
    elif first.key.name == "request":
        yield Meaning("only_names")


_RULES: dict[str, Callable[[Comparison, Part], Iterator[Meaning]]] = {
    "conversation": _conversation,
    "client_hello": _client_hello,
    "retry": _retry,
    "server_hello": _server_hello,
    "certificate": _certificate,
    "alert": _alert,
    "http": _http,
}


def _text(found: Value) -> str:
    return "" if found is None else ", ".join(found) if isinstance(found, tuple) else str(found)
