"""JA3, JA3S and JA4 against the vectors of their own documents."""

from __future__ import annotations

import hashlib

import pytest

from transom.dissect.fingerprints import ja3, ja3_full, ja3s, ja3s_full, ja4
from transom.tls.messages.hello import ClientHello, ServerHello

JA4_SUITES = "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"
JA4_EXTENSIONS = "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"
JA4_SCHEMES = "0403,0804,0401,0503,0805,0501,0806,0601"

BODIES = {
    "0000": "0005000002" + b"ab".hex(),
    "0005": "0100000000",
    "000a": "0002001d",
    "000b": "0100",
    "0010": "0003026832",
    "0012": "",
    "0015": "",
    "0017": "",
    "001b": "020002",
    "0022": "00020403",
    "0023": "",
    "002b": "020304",
    "002d": "0101",
    "0033": "0000",
    "4469": "0000",
    "ff01": "00",
}


def block(body: bytes, prefix: int) -> bytes:
    return len(body).to_bytes(prefix, "big") + body


def client_hello(
    suites: str, extensions: str = "", *, version: str = "0303", schemes: str = JA4_SCHEMES, **bodies: str
) -> ClientHello:
    """A hello with these codes; `bodies` (`x0010="…"`) replace the bodies that an extension has by default."""
    items = bytearray()
    for code in filter(None, extensions.split(",")):
        body = bodies.get(f"x{code}", BODIES.get(code, ""))
        if code == "000d":
            body = block(bytes.fromhex(schemes.replace(",", "")), 2).hex()
        items += bytes.fromhex(code) + block(bytes.fromhex(body), 2)
    head = bytes.fromhex(version) + bytes(32) + b"\0" + block(bytes.fromhex(suites.replace(",", "")), 2) + b"\1\0"
    return ClientHello.decode(head + (block(bytes(items), 2) if items else b""))


def test_ja4_of_the_documents_example() -> None:
    assert ja4(client_hello(JA4_SUITES, JA4_EXTENSIONS)) == "t13d1516h2_8daaf6152771_e5627efa2ab1"


def test_ja4_without_signature_algorithms_has_no_underscore_in_what_is_hashed() -> None:
    extensions = JA4_EXTENSIONS.replace("000d,", "")
    assert ja4(client_hello(JA4_SUITES, extensions)) == "t13d1515h2_8daaf6152771_" + hash_of(
        "0005,000a,000b,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01"
    )


def test_ja4_of_the_documents_example_whose_schemes_are_not_counted() -> None:
    assert hash_of("0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01") == "6d807ffa2a79"


def test_ja4_drops_grease_everywhere() -> None:
    hello = client_hello(
        "3a3a," + JA4_SUITES,
        "dada," + JA4_EXTENSIONS + ",4a4a",
        schemes="1a1a," + JA4_SCHEMES,
        x002b="067a7a03040303",
    )
    assert ja4(hello) == "t13d1516h2_8daaf6152771_e5627efa2ab1"


def test_ja4_takes_schemes_from_signature_algorithms_alone() -> None:
    with_delegated = client_hello(JA4_SUITES, "0022", x0022="00020403")
    assert ja4(with_delegated).endswith(hash_of("0022"))


def test_ja4_of_a_hello_without_extensions() -> None:
    assert ja4(client_hello("002f")) == f"t12i010000_{hash_of('002f')}_000000000000"


@pytest.mark.parametrize(
    ("version", "shown"),
    [("0304", "13"), ("0303", "12"), ("0302", "11"), ("0301", "10"), ("0300", "s3"), ("0002", "s2"), ("7f1c", "00")],
)
def test_ja4_names_the_highest_version_offered(version: str, shown: str) -> None:
    assert ja4(client_hello("002f", "002b", version="0301", x002b="02" + version)).startswith(f"t{shown}")


def test_ja4_counts_signalling_suites_and_stops_at_99() -> None:
    many = ",".join(f"{code:04x}" for code in range(0x0100, 0x0100 + 120)) + ",00ff,5600"
    assert ja4(client_hello("002f,00ff,5600")).startswith("t12i0300")
    assert ja4(client_hello(many)).startswith("t12i9900")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("6832", "h2"), ("687474702f312e31", "h1"), ("61", "aa"), ("abcd", "ad"), ("30ab", "3b"), ("20", "20")],
)
def test_ja4_shows_the_ends_of_the_first_protocol(name: str, shown: str) -> None:
    names = block(block(bytes.fromhex(name), 1) + b"\x02h3", 2).hex()
    assert ja4(client_hello("002f", "0010", x0010=names)).split("_")[0].endswith(shown)


def test_ja3_of_the_documents_two_examples() -> None:
    suites = "002f,0035,0005,000a,c009,c00a,c013,c014,0032,0038,0013,0004"
    hello = client_hello(suites, "0000,000a,000b", version="0301", x000a="0006001700180019")
    assert ja3_full(hello) == "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0"
    assert ja3(hello) == "ada70206e40642a3e4461f35503241d5"

    bare = client_hello("0004,0005,000a,0009,0064,0062,0003,0006,0013,0012,0063", version="0301")
    assert ja3_full(bare) == "769,4-5-10-9-100-98-3-6-19-18-99,,,"
    assert ja3(bare) == "de350869b8c85de67a350c8d186f11e6"


def test_ja3_drops_grease_from_suites_extensions_and_groups() -> None:
    hello = client_hello("2a2a,1301", "8a8a,000a", x000a="00040a0a001d")
    assert ja3_full(hello) == "771,4865,10,29,"


def test_ja3s_names_version_suite_and_extensions() -> None:
    body = bytes.fromhex("ff01000100 00000000 000b00020100 00230000 00050000 00100005 0003026832")
    hello = ServerHello.decode(bytes.fromhex("0301" + "00" * 32 + "00" + "002f" + "00") + block(body, 2))
    assert ja3s_full(hello) == "769,47,65281-0-11-35-5-16"
    assert ja3s(hello) == "836ce314215654b5b1f85f97c73e506f"


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
