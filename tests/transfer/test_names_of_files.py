"""Names of files are anybody's: none becomes a header, a tag, or a command to a terminal."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.real.programs import curl
from tests.transfer.background import Served, say, served

NASTY = [
    "a\r\nSet-Cookie: stolen=1\r\n\r\nb.txt",
    'quoted"; filename="other.txt',
    "\x1b]0;owned\x07\x1b[2Jclear.txt",
    "right\u202etxt.exe",
    "<script>alert(1)<script>.txt",
    "c1\x9b31m.txt",
    "line\u2028separator.txt",
    os.fsdecode(b"not-utf-8-\xff\xfe.txt"),
]

ACTS = [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u202e", "\u2028"]
"""What a terminal or a browser would act on."""


@pytest.fixture
def server(root: Path) -> Generator[Served]:
    for name in NASTY:
        (root / name).write_text("nasty\n")
    with served(root, upload=True) as running:
        yield running


def target(name: str) -> str:
    return "/" + quote(os.fsencode(name))


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_content_disposition_is_one_field_whatever_the_name(server: Served, name: str) -> None:
    connection = http.client.HTTPConnection(server.endpoint.address, server.endpoint.port, timeout=10)
    connection.request("GET", target(name))
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"nasty\n")
    assert "Set-Cookie" not in response.headers
    field = response.headers["Content-Disposition"]
    assert field.startswith('attachment; filename="')
    assert field.count('"') == 2
    assert field.isascii()
    assert field.isprintable()
    connection.close()


def test_the_listing_shows_no_character_that_acts(server: Served) -> None:
    page = curl(server.url("/")).text
    assert "<script" not in page
    assert [character for character in ACTS if character in page.replace("\n", "")] == []
    for name in NASTY:
        assert f'href="./{quote(os.fsencode(name), safe="")}"' in page


def test_the_json_listing_has_every_name_as_it_is(server: Served) -> None:
    listed = json.loads(curl("-H", "Accept: application/json", server.url("/")).text)
    assert set(NASTY) <= {entry["name"] for entry in listed["entries"]}


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_the_log_shows_no_character_that_acts(server: Served, name: str) -> None:
    curl("-o", "/dev/null", server.url(target(name)))
    (line,) = server.logged(1)
    assert line.isascii()
    assert line.isprintable()


def test_what_a_client_writes_into_its_request_line_is_spelled_out_in_the_log(server: Served) -> None:
    say(server, b"GET /\x1b[2J HTTP/1.1\r\nHost: x\r\n\r\n")
    say(server, b"GET /\xe2\x80\xae HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [line.isprintable() and line.isascii() for line in server.logged(2)] == [True, True]
