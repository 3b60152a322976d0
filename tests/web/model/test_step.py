"""A step in full: its fields with the suites taken apart, and how it is in the other version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.capture.tshark import fields
from tests.dissect.note_messages import note_client_hello
from tests.dissect.told import ZEEK
from tests.real.tshark import Wireshark
from tests.web.chains import chain_trace, rsa_chain
from tests.web.pages import opened
from transom.cli.show.narration import page_texts
from transom.dissect.json_lines import encode
from transom.dissect.remarks import KINDS
from transom.dissect.suite_parts import Role, Use
from transom.web.model.opened import OpenedCapture
from transom.web.model.other_version import OUTSIDE_12, OUTSIDE_13
from transom.web.model.place import MOST_CUTS, WHOLE
from transom.web.model.step import MOST_OF_A_MESSAGE
from transom.web.model.step_fields import message_fields


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace)


def asked(capture: OpenedCapture, address: str) -> Any:
    return json.loads(encode(capture.answer(address)))


def steps(capture: OpenedCapture, number: int, view: str = "with-keys") -> list[Any]:
    """Every step of a conversation."""
    base = f"conversations/{number}/{view}"
    items = asked(capture, f"{base}/story")["items"]
    return [asked(capture, f"{base}/step/{item['id']}") for item in items if item["kind"] in ("message", "data")]


def named(capture: OpenedCapture, number: int, name: str) -> Any:
    return next(step for step in steps(capture, number) if step["name"] == name)


def test_the_chosen_suite_is_taken_apart_beneath_its_field(capture: OpenedCapture) -> None:
    fields = named(capture, 1, "ServerHello")["fields"]
    place = next(at for at, field in enumerate(fields) if field["name"] == "Cipher Suite")
    suite, *parts = fields[place : place + 5]
    assert [(part["part"], part["value"], part["use"]) for part in parts] == [
        ("key_exchange", "ECDHE", "one_time"),
        ("signature", "RSA", "signs"),
        ("cipher", "AES-256-GCM", "aead"),
        ("hash", "SHA-384", "prf"),
    ]
    assert {part["depth"] for part in parts} == {suite["depth"] + 1}
    assert not suite["folded"]


def test_of_a_long_message_the_first_bytes_are_there_and_it_is_said_how_many_there_are(tmp_path: Path) -> None:
    leaf, ca = rsa_chain()
    page = opened(chain_trace(tmp_path / "long.pcapng", leaf.der, *[ca.der] * 40, of=leaf))
    (block,) = [one for one in named(page, 0, "Certificate")["blocks"] if one["space"] == "message"]
    assert len(block["hex"]) == 2 * MOST_OF_A_MESSAGE
    assert block["length"] == named(page, 0, "Certificate")["length"] > MOST_OF_A_MESSAGE


def test_of_each_suite_offered_the_parts_are_folded_beneath_it() -> None:
    fields: list[Any] = list(message_fields(note_client_hello(), None))
    suites = [field for field in fields if "folded" in field]
    assert len(suites) == 20  # of 21: GREASE has no parts
    assert all(field["folded"] for field in suites)
    assert len([field for field in fields if field.get("derived")]) == 80
    (triple_des,) = [field for field in suites if "TLS_RSA_WITH_3DES_EDE_CBC_SHA" in str(field["value"])]
    assert [remark["code"] for remark in triple_des["beneath"]] == ["rsa_key_exchange", "small_block", "cbc"]


def test_a_suite_of_tls_13_says_that_key_exchange_and_signature_are_negotiated_apart(capture: OpenedCapture) -> None:
    parts = [field for field in named(capture, 3, "ServerHello")["fields"] if field.get("derived")]
    assert [(part["value"], part["use"]) for part in parts] == [
        (None, "apart"),
        (None, "apart"),
        ("AES-128-GCM", "aead"),
        ("SHA-256", "hkdf"),
    ]


@pytest.mark.parametrize(
    ("number", "version", "numbers"), [(1, "1.3", set(range(1, 10))), (3, "1.2", {1, 2, 3, 4, 7, 8, 9})]
)
def test_every_step_says_how_it_is_in_the_other_version(
    capture: OpenedCapture, number: int, version: str, numbers: set[int]
) -> None:
    found = {step["step"]: step["other"] for step in steps(capture, number) if step["step"] != "+"}
    assert found == {step: {"version": version, "name": str(step)} for step in numbers}


def test_the_section_is_that_of_the_version_spoken(capture: OpenedCapture) -> None:
    assert named(capture, 1, "ServerHello")["rfc"] == "5246 §7.4.1.3"
    assert named(capture, 3, "ServerHello")["rfc"] == "8446 §4.1.3"
    assert named(capture, 1, "ServerKeyExchange")["rfc"] == "8422 §5.4"
    assert named(capture, 2, "ClientKeyExchange")["rfc"] == "5246 §7.4.7.1"


def test_what_stays_shut_has_no_counterpart_that_would_tell_what_it_is(capture: OpenedCapture) -> None:
    shut = [step for step in steps(capture, 1, "without-keys") if step["kind"] == "message" and step["sealed"]]
    assert shut
    assert {step["other"] for step in shut} == {None}


def test_every_word_that_a_field_may_need_is_there_in_both_languages() -> None:
    for texts in page_texts().values():
        for code in KINDS:
            assert texts[f"remark.{code}.badge"]
            assert texts[f"remark.{code}.why"]
        for role in get_args(Role):
            assert texts[f"part.{role}"]
        for use in get_args(Use):
            assert texts[f"part.use.{use}"]
        for name in [*range(10), *OUTSIDE_13.values()]:
            assert texts[f"in_12.{name}"]
        for name in [*range(10), *OUTSIDE_12.values()]:
            assert texts[f"in_13.{name}"]


def placed(capture: OpenedCapture, base: str) -> dict[str, Any]:
    """Where each step of a conversation lies, by its id."""
    items = asked(capture, f"{base}/story")["items"]
    ids = [item["id"] for item in items if item["kind"] in ("message", "data", "http")]
    return {name: asked(capture, f"{base}/place/{name}") for name in ids}


@pytest.mark.parametrize("number", range(5))
def test_where_the_bytes_lie_is_where_wireshark_finds_them(capture: OpenedCapture, trace: Path, number: int) -> None:
    rows = fields(trace, "frame.number", "tcp.seq", "tcp.len", "tcp.srcport", options=("-Y", f"tcp.stream == {number}"))
    client_port = next(port for _, sequence, _, port in rows if sequence == "0")
    found = placed(capture, f"conversations/{number}/with-keys")
    assert len(found) >= 2
    for place in found.values():
        first, last = place["sequence"]
        carriers = [
            int(frame)
            for frame, sequence, length, port in rows
            if (port == client_port) == (place["from"] == "client")
            and int(length)
            and int(sequence) <= last
            and int(sequence) + int(length) > first
        ]
        packets = place["packets"]
        assert packets["count"] == len(carriers) > 0
        assert packets["numbers"] == carriers[: len(packets["numbers"])]
        assert packets["last"] == carriers[-1]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_records_begin_and_end_where_wireshark_reads_them(capture: OpenedCapture, trace: Path, number: int) -> None:
    base = f"conversations/{number}/with-keys"
    table: Any = capture.answer("conversations/with-keys", {"number": str(number)})
    port = table["rows"][0]["server"].rpartition(":")[2]
    shown = Wireshark(trace, {int(port): "tls"})
    for side, condition in (("client", f"tcp.dstport == {port}"), ("server", f"tcp.srcport == {port}")):
        listed = shown.field("tls.record.length", f"tcp.stream == {number} && {condition} && tls")
        lengths = [int(length) for line in listed for length in line.split(",")]
        starts = {0}
        for length in lengths:
            starts.add(max(starts) + 5 + length)
        mine = [place for place in placed(capture, base).values() if place["from"] == side]
        assert mine
        for place in mine:
            assert place["offset"] in starts
            assert place["offset"] + place["length"] in starts
            rows = place["records"]["rows"]
            assert not rows or place["length"] == sum(row["length"] + 5 for row in rows)


def test_messages_in_one_record_are_said_to_share_it() -> None:
    found = placed(opened(ZEEK / "client-certificate.pcap"), "conversations/0/with-keys")
    sharing = {name: [other["name"] for other in place["with"]] for name, place in found.items() if place["with"]}
    assert list(sharing.values()) == [
        ["ClientKeyExchange", "CertificateVerify"],
        ["Certificate", "CertificateVerify"],
        ["Certificate", "ClientKeyExchange"],
    ]
    assert len({tuple(found[name]["sequence"]) for name in sharing}) == 1


def test_every_step_says_on_its_arrow_where_packets_end(capture: OpenedCapture) -> None:
    found = asked(capture, "conversations/1/with-keys/carried")["steps"]
    assert found.keys() == placed(capture, "conversations/1/with-keys").keys()
    for carried in found.values():
        assert carried["cuts"] == sorted(set(carried["cuts"]))
        assert all(0 < cut < WHOLE for cut in carried["cuts"])
    longest = max(found.values(), key=lambda carried: carried["count"])
    assert longest["count"] > MOST_CUTS
    assert MOST_CUTS // 2 <= len(longest["cuts"]) <= 2 * MOST_CUTS
