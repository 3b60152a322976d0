"""The JSON lines, against their schema and the published examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from transom.dissect.exchanges import Exchange
from transom.dissect.facts import Facts, TlsFacts
from transom.dissect.json_lines import (
    command_line,
    conversation_line,
    encode,
    http_line,
    message_line,
    problem_line,
    seconds,
    tls_line,
    udp_line,
)
from transom.dissect.timeline import ApplicationData, HttpBody, HttpRequest, HttpResponse, Message, Moment
from transom.http.messages import Headers
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.handshake_types import HandshakeType
from transom.wire.tap import Endpoint, Endpoints, Side

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads((DOCS / "json-lines.schema.json").read_text())
EXAMPLES = (DOCS / "json-lines.examples.jsonl").read_text().splitlines()
KINDS: list[str] = SCHEMA["properties"]["type"]["enum"]
FIRST = {kind: next(line for line in EXAMPLES if json.loads(line)["type"] == kind) for kind in KINDS}
"""The example of each kind that has what every such line has; others that follow it have more."""

MOMENT = Moment(1_795_305_600_000_812_004, 4)
ENDS = Endpoints(Endpoint("127.0.0.1", 51234), Endpoint("::1", 8443))


def check(line: str) -> dict[str, Any]:
    """The object of a line that fits the schema and has no field that the schema does not declare."""
    value: dict[str, Any] = json.loads(line)
    Draft202012Validator(SCHEMA).validate(value)
    assert set(value) <= set(SCHEMA["$defs"][f"{value['type']}_line"]["properties"])
    return value


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("line", EXAMPLES)
def test_example_fits_the_schema(line: str) -> None:
    check(line)


def test_the_examples_are_of_each_kind_in_its_order() -> None:
    assert list(dict.fromkeys(json.loads(line)["type"] for line in EXAMPLES)) == KINDS


def fields_of(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every field that a line of this schema may have, at any depth."""
    if "$ref" in schema:
        yield from fields_of(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], path)
    for name, of_it in schema.get("properties", {}).items():
        yield (*path, name)
        yield from fields_of(of_it, (*path, name))
    for others in ("anyOf", "oneOf", "allOf"):
        for other in schema.get(others, ()):
            yield from fields_of(other, path)
    yield from fields_of(schema["items"], path) if isinstance(schema.get("items"), dict) else ()


def fields_in(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every field that there is, at any depth."""
    for of_it in value if isinstance(value, list) else ():
        yield from fields_in(of_it, path)
    for name, of_it in value.items() if isinstance(value, dict) else ():
        yield (*path, name)
        yield from fields_in(of_it, (*path, name))


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_schema_is_in_an_example(kind: str) -> None:
    examples = [value for value in map(json.loads, EXAMPLES) if value["type"] == kind]
    assert set(fields_of(SCHEMA["$defs"][f"{kind}_line"])) <= {path for one in examples for path in fields_in(one)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_without_one_of_its_fields_does_not_fit(kind: str) -> None:
    example = json.loads(FIRST[kind])
    for field in SCHEMA["$defs"][f"{kind}_line"]["required"]:
        less = {name: value for name, value in example.items() if name != field}
        assert not Draft202012Validator(SCHEMA).is_valid(less), field


def made_lines() -> Iterator[str]:
    facts = Facts(0, ENDS, "tls", MOMENT.time, MOMENT.time + 1)
    yield encode(conversation_line(facts))
    yield encode(conversation_line(Facts(1)))
    yield encode(tls_line(0, TlsFacts()))
    yield encode(tls_line(0, TlsFacts(cipher_suite_code=0x1301, certificates=(b"no certificate",))))
    hello = Message(MOMENT, Side.CLIENT, 1, "ClientHello", 228, False, True, (), HandshakeType.client_hello)
    yield encode(message_line(0, hello))
    alert = (AlertLevel.fatal, AlertDescription.unknown_ca)
    yield encode(message_line(0, Message(MOMENT, Side.SERVER, None, "Alert", 2, True, True, (), alert=alert)))
    yield encode(message_line(0, ApplicationData(MOMENT, MOMENT, Side.SERVER, 3, 5000, None)))
    yield encode(http_line(0, exchange()))
    yield encode(http_line(0, Exchange(1)))
    yield encode(command_line(0, None, 0.4, 2, 0, [udp_line("192.0.2.1:443", 14, 9120, is_quic=True)]))
    yield encode(command_line(None, 15, 0.0, 0, 1, [udp_line("[2001:db8::1]:53", 2, 90, is_quic=False)]))
    yield encode(problem_line(None, "file-truncated", "byte 24", "the last packet is cut"))


def exchange() -> Exchange:
    headers = Headers([("Content-Type", "text/plain")])
    return Exchange(
        0,
        HttpRequest(MOMENT, 0, "GET", "http://localhost/a?b", "localhost", "1.1", Headers(), 30),
        HttpResponse(MOMENT, 0, 200, "OK", "1.1", headers, 40),
        HttpBody(MOMENT, Side.CLIENT, 0, 0, None, True, 0),
        HttpBody(MOMENT, Side.SERVER, 0, 5, "2c" * 32, True, 5),
    )


@pytest.mark.parametrize("line", list(made_lines()))
def test_made_line_fits_the_schema(line: str) -> None:
    check(line)


def test_fields_come_in_the_order_of_the_examples() -> None:
    made = {json.loads(line)["type"]: list(json.loads(line)) for line in reversed(list(made_lines()))}
    for example in map(json.loads, FIRST.values()):
        if example["type"] in made:
            assert made[example["type"]] == list(example)


def test_a_time_keeps_every_nanosecond_in_the_text() -> None:
    assert encode(seconds(1_795_305_600_000_812_004)) == "1795305600.000812004"
    assert encode(seconds(1)) == "0.000000001"
    assert encode(seconds(0)) == "0.000000000"
    assert encode(seconds(None)) == "null"


def test_an_absolute_target_gives_its_path() -> None:
    assert http_line(0, exchange())["path"] == "/a?b"


def test_bytes_of_a_peer_cannot_reach_a_terminal_raw() -> None:
    text = encode({"a": '\x1b[31m\x7f\x9b\u202e"\n'})
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text) == {"a": '\x1b[31m\x7f\x9b\u202e"\n'}


def test_numbers_booleans_and_nothing_are_json() -> None:
    assert encode([True, False, None, 7, Decimal("0.5"), {}]) == "[true,false,null,7,0.5,{}]"
