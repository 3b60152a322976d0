"""What a GET, a HEAD and their like have in common on one connection."""

from __future__ import annotations

import http.client
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.transfer.background import served


@pytest.fixture
def connection(root: Path) -> Generator[http.client.HTTPConnection]:
    """One that is made once: a server that closed it would end the test."""
    with served(root) as server:
        made = http.client.HTTPConnection(server.endpoint.address, server.endpoint.port, timeout=10)
        made.connect()
        made.auto_open = 0
        yield made
        made.close()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, **fields: str
) -> tuple[int, dict[str, str], bytes]:
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in fields.items()})
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()


@pytest.mark.parametrize("path", ["/f.bin", "/empty.bin", "/", "/sub", "/nothing", "/.transom/health", "/%00"])
def test_a_head_has_the_very_fields_of_its_get(connection: http.client.HTTPConnection, path: str) -> None:
    got_status, got, body = ask(connection, "GET", path)
    status, fields, nothing = ask(connection, "HEAD", path)
    assert (status, nothing) == (got_status, b"")
    assert {**fields, "Date": ""} == {**got, "Date": ""}
    assert int(fields["Content-Length"]) == len(body)


def test_the_connection_is_kept_after_304_416_404_and_412(connection: http.client.HTTPConnection) -> None:
    _, fields, _ = ask(connection, "GET", "/f.bin")
    statuses = [
        ask(connection, "GET", "/f.bin", If_None_Match=fields["ETag"])[0],
        ask(connection, "GET", "/f.bin", Range="bytes=2000000-")[0],
        ask(connection, "GET", "/nothing")[0],
        ask(connection, "GET", "/f.bin", If_Match='"another"')[0],
        ask(connection, "GET", "/hello.txt")[0],
    ]
    assert statuses == [304, 416, 404, 412, 200]


def test_a_304_says_nothing_of_a_part(connection: http.client.HTTPConnection) -> None:
    _, fields, _ = ask(connection, "GET", "/f.bin")
    status, fields, _ = ask(connection, "GET", "/f.bin", If_None_Match=fields["ETag"], Range="bytes=0-9")
    assert status == 304
    assert "Content-Range" not in fields


def test_a_served_health_question_is_an_exchange_like_any_other(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "GET", "/.transom/health")[2] == b"ok\n"
    assert ask(connection, "GET", "/hello.txt")[2] == b"hello, world\n"


def test_a_file_of_the_name_of_the_health_route_stays_hidden(root: Path) -> None:
    (root / ".transom").mkdir()
    (root / ".transom" / "health").write_text("secret\n")
    (root / ".transom" / "other").write_text("secret\n")
    with served(root) as server:
        made = http.client.HTTPConnection(server.endpoint.address, server.endpoint.port, timeout=10)
        assert ask(made, "GET", "/.transom/health")[2] == b"ok\n"
        assert ask(made, "GET", "/.transom/health?x")[0] == 404
        assert ask(made, "GET", "/.transom/other")[0] == 404
        made.close()
