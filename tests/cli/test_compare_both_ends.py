"""`transom compare` of one connection that was captured at two places: what differs between them, and what changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.crossing import crossed
from tests.cli.test_compare_page import document
from tests.dissect.at_two_places import at_both
from tests.real.caller import Caller
from transom.cli.show.differences import where_they_part
from transom.cli.words import Lang, words
from transom.dissect.differences import Comparison
from transom.dissect.meaning import Meaning
from transom.dissect.portrait import Portrait
from transom.wire.tap import Side


def compared(caller: Caller, *more: str) -> tuple[Any, dict[str, Any]]:
    """The comparison, and the differences by their names."""
    ran = caller.run("compare", "a.pcapng", "b.pcapng", "--json", *more)
    assert ran.exit_code == 0, ran.stderr
    first, *rest = [json.loads(line) for line in ran.text.splitlines()]
    return first, {f"{one['group']}.{one['field']}": (one["a"], one["b"]) for one in rest}


def codes(comparison: Any) -> list[str]:
    return [meaning["code"] for meaning in comparison["meanings"]]


def test_addresses_that_a_nat_changed_and_a_segment_that_was_lost(caller: Caller) -> None:
    at_both(caller.folder, crossed("tls13").wire, lost=0)
    comparison, differences = compared(caller)
    assert codes(comparison) == ["both_ends_nearer", "ends_same_bytes", "client_lost", "ends_between"]
    assert comparison["meanings"][0]["of"] == "a"
    assert comparison["meanings"][-1]["parts"] == {"between": "10.0", "clock": "+5,000.0"}
    hello = len(crossed("tls13").wire[0][1])
    assert comparison["meanings"][2]["parts"] == {"count": str(hello)}
    assert differences == {
        "ends.client_address": ("10.0.0.5:40000", "203.0.113.9:61000"),
        "ends.client_segments": (4, 3),
        "ends.client_sent": (differences["ends.client_sent"][1] + hello, differences["ends.client_sent"][1]),
        "ends.client_again": (hello, 0),
    }


@pytest.mark.parametrize(("side", "at"), [(Side.CLIENT, 90), (Side.SERVER, 20)])
def test_a_byte_of_the_handshake_that_was_changed_is_found(caller: Caller, side: Side, at: int) -> None:
    """Of the client's behind its random, of the server's within it."""
    changed: list[int] = []

    def change(sender: Side, data: bytes) -> bytes:
        if sender is not side or changed:
            return data
        changed.append(data[at])
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    at_both(caller.folder, crossed("ecdhe").wire, change)
    ran = caller.run("compare", "a.pcapng", "b.pcapng")
    assert ran.exit_code == 0, ran.stderr
    name = "ClientHello" if side is Side.CLIENT else "ServerHello"
    said = " ".join(ran.text.split())
    byte = f"Byte {at} of what the {side.value} sent, in {name}, is {changed[0]:02x} in A and {changed[0] ^ 1:02x} in B"
    assert byte in said
    assert "something between the two places changed it" in said
    assert f"{at}: {changed[0]:02x}" in said


def test_what_was_said_in_the_clear_is_not_quoted(caller: Caller) -> None:
    at_both(caller.folder, crossed("http").wire, lambda _, data: data.replace(b"GET", b"PUT"))
    comparison, differences = compared(caller)
    assert codes(comparison)[:2] == ["both_ends_nearer", "client_changed_unseen"]
    assert comparison["meanings"][1]["parts"] == {"offset": "0", "where": "TCP"}
    assert "ends.client_changed" not in differences
    assert differences["http.request"] == ("GET /picture.bin", "PUT /picture.bin")


def test_somebody_who_answers_in_between_has_a_hello_of_his_own(caller: Caller) -> None:
    """By addresses, ports and time: as behind a proxy that keeps the client's address."""
    other = caller.folder / "other"
    other.mkdir()
    at_both(other, crossed("ecdhe").wire)
    at_both(caller.folder, crossed("tls13").wire)
    (other / "a.pcapng").rename(caller.folder / "b.pcapng")
    comparison, _ = compared(caller)
    assert codes(comparison)[:2] == ["both_ends", "answered_between"]
    assert "client_changed" in codes(comparison)


def test_the_connection_that_is_in_both_is_chosen_among_others(caller: Caller) -> None:
    at_both(caller.folder, crossed("tls13").wire)
    (caller.folder / "x").mkdir()
    at_both(caller.folder / "x", crossed("ecdhe").wire)
    others = [(caller.folder / "x" / f"{name}.pcapng").read_bytes() for name in ("a", "b")]
    one = (caller.folder / "b.pcapng").read_bytes()
    (caller.folder / "b.pcapng").write_bytes(others[1].replace(b"\xee\x48", b"\xee\x49") + one)
    comparison, _ = compared(caller)
    assert (comparison["a"]["conversation"], comparison["b"]["conversation"]) == (0, 1)
    assert codes(comparison)[0] == "both_ends_nearer"


def test_the_page_of_it_has_both_and_what_differs(caller: Caller) -> None:
    at_both(caller.folder, crossed("tls13").wire, lost=0)
    ran = caller.run("compare", "a.pcapng", "b.pcapng", "-o", "report.html")
    assert ran.exit_code == 0, ran.stderr
    found = document(caller.folder / "report.html")
    assert found["about"]["begins"] == {"c": "0", "beside": "1", "tab": "compare"}
    assert found["about"]["conversations"] == 2
    for view in ("with-keys", "without-keys"):
        told = found["answers"][f"conversations/0/{view}/compare/1"]["told"]
        assert "the same connection, captured at two places; A is nearer" in told["en"]["first"]
        fields = {field["label"]: field for field in told["en"]["fields"] if field["group"] == "At the two places"}
        assert fields["client"]["pairs"] == [["10.0.0.5:40000", "203.0.113.9:61000"]]
        assert fields["server"]["mark"] == "="
        assert "두 지점에서 캡처한 같은 연결" in told["ko"]["first"]


def test_a_capture_beside_itself_is_no_second_place(caller: Caller, tmp_path: Path) -> None:
    at_both(caller.folder, crossed("tls13").wire)
    ran = caller.run("compare", "a.pcapng", "a.pcapng", "--json")
    assert codes(json.loads(ran.text.splitlines()[0])) == ["same"]


@pytest.mark.parametrize(
    ("lang", "one", "many"), [("en", "1 byte from", "1,234 bytes from"), ("ko", "보낸 1바이트", "보낸 1,234바이트")]
)
def test_one_byte_that_was_lost_is_one(lang: Lang, one: str, many: str) -> None:
    nothing = Comparison(Portrait({}), Portrait({}))
    for count, said in ((1, one), (1234, many)):
        assert said in where_they_part(nothing, [Meaning("client_lost", count=count)], words(lang))
