"""SOCKS5 at the tunnel, byte by byte (RFC 1928, RFC 1929): each kind of address, each refusal with its code."""

from __future__ import annotations

import socket
from collections.abc import Generator
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest

from tests.real.raw_server import drain
from tests.real.started import free_ports
from tests.run.tunnelled import PATIENCE, Lone, lone_tunnel, read_exactly
from transom.run import outward

CONNECT, BIND, UDP_ASSOCIATE = 1, 2, 3
SAID = b"from the client"


@pytest.fixture
def lone() -> Generator[Lone]:
    with lone_tunnel() as tunnel:
        yield tunnel


def login(lone: Lone, user: str | None = None, password: str | None = None) -> bytes:
    """RFC 1929 §2."""
    url = urlsplit(lone.tunnel.url)
    both = (user or url.username or "").encode(), (password or url.password or "").encode()
    return b"\x01" + b"".join(bytes([len(word)]) + word for word in both)


def admitted(lone: Lone) -> socket.socket:
    """Somebody who has said the run's password."""
    client = lone.connected()
    client.sendall(b"\x05\x01\x02")
    assert read_exactly(client, 2) == b"\x05\x02"
    client.sendall(login(lone))
    assert read_exactly(client, 2) == b"\x01\x00"
    return client


def by_address(address: str) -> bytes:
    packed = ip_address(address).packed
    return (b"\x01" if len(packed) == 4 else b"\x04") + packed


def by_name(name: str) -> bytes:
    return b"\x03" + bytes([len(name)]) + name.encode()


def request(where: bytes, port: int, command: int = CONNECT) -> bytes:
    return bytes([5, command, 0]) + where + port.to_bytes(2, "big")


def answered(lone: Lone, said: bytes) -> bytes:
    """All that comes to a request that is not granted, up to the end of the connection."""
    with admitted(lone) as client:
        client.sendall(said)
        return drain(client)


@pytest.mark.parametrize(
    ("listens", "where"),
    [("127.0.0.1", by_address("127.0.0.1")), ("::1", by_address("::1")), ("127.0.0.1", by_name("localhost"))],
    ids=["IPv4", "IPv6", "name"],
)
def test_a_server_is_reached_by_every_kind_of_address(lone: Lone, listens: str, where: bytes) -> None:
    family = socket.AF_INET6 if ":" in listens else socket.AF_INET
    with socket.create_server((listens, 0), family=family) as listening, admitted(lone) as client:
        listening.settimeout(PATIENCE)
        for one in request(where, listening.getsockname()[1]):  # a byte at a time
            client.sendall(bytes([one]))
        there, _ = listening.accept()
        with there:
            assert read_exactly(client, 10) == b"\x05\x00\x00\x01" + bytes(6)
            client.sendall(SAID)
            assert read_exactly(there, len(SAID)) == SAID
            there.sendall(b"back")
            assert read_exactly(client, 4) == b"back"


def test_what_is_said_without_waiting_for_the_answer_arrives(lone: Lone) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, lone.connected() as client:
        listening.settimeout(PATIENCE)
        where = request(by_address("127.0.0.1"), listening.getsockname()[1])
        client.sendall(b"\x05\x02\x00\x02" + login(lone) + where + SAID)
        there, _ = listening.accept()
        with there:
            assert read_exactly(there, len(SAID)) == SAID


@pytest.mark.parametrize("command", [BIND, UDP_ASSOCIATE, 9])
def test_another_command_than_connect_is_not_supported(lone: Lone, command: int) -> None:
    assert answered(lone, request(by_address("127.0.0.1"), 1, command))[:2] == b"\x05\x07"
    assert lone.seen == []


def test_another_kind_of_address_is_not_supported(lone: Lone) -> None:
    assert answered(lone, request(b"\x02", 1))[:2] == b"\x05\x08"
    assert lone.seen == []


def test_where_nobody_listens_the_connection_is_refused(lone: Lone) -> None:
    (port,) = free_ports(1)
    assert answered(lone, request(by_address("127.0.0.1"), port))[:2] == b"\x05\x05"
    assert [where.partition(": ")[0] for where in lone.failed] == [f"127.0.0.1:{port}"]


def test_a_name_that_nobody_has_is_unreachable(lone: Lone) -> None:
    assert answered(lone, request(by_name("nobody.invalid"), 1))[:2] == b"\x05\x04"


def test_a_server_that_does_not_answer_the_call_is_unreachable(lone: Lone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outward, "CONNECT_TIME", 0.0)
    assert answered(lone, request(by_name("localhost"), 1))[:2] == b"\x05\x04"


@pytest.mark.parametrize("name", ["a b", "a/b", "a@b", "a\r\nb", "", "[::1"])
def test_a_name_that_is_none_is_a_general_failure(lone: Lone, name: str) -> None:
    assert answered(lone, request(by_name(name), 1))[:2] == b"\x05\x01"
    assert lone.seen == []


@pytest.mark.parametrize("methods", [b"\x01\x00", b"\x01\x01", b"\x00"], ids=["none", "GSSAPI", "no method"])
def test_a_stranger_without_the_password_finds_no_method(lone: Lone, methods: bytes) -> None:
    with lone.connected() as client:
        client.sendall(b"\x05" + methods)
        assert drain(client) == b"\x05\xff"


def test_a_stranger_with_another_password_is_refused(lone: Lone) -> None:
    with lone.connected() as client:
        client.sendall(b"\x05\x01\x02" + login(lone, password="another"))
        assert drain(client) == b"\x05\x02\x01\x01"
