"""`transom get` with the options about name, part, key and way, as a user types them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.real.caller import Caller
from tests.real.transom import Serving
from tests.transfer.changing_server import changing

CONTENT = b"0123456789"
FILES = {"f.bin": CONTENT}


def saved(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_r_saves_these_bytes_alone(here: Caller, server: Serving) -> None:
    assert here.run("get", "-O", "-r", "2-4", "--http1.1", server.url("/f.bin")).exit_code == 0
    assert saved(here.folder) == {"f.bin": b"234"}


def test_j_takes_the_servers_name(here: Caller) -> None:
    with changing(CONTENT, fields={"Content-Disposition": "attachment; filename=../named.bin"}) as server:

        def answer(request: bytes) -> bytes:
            return server.usual(request).removesuffix(CONTENT if request.startswith(b"HEAD") else b"")

        server.answer = answer
        assert here.run("get", "-JO", server.url()).exit_code == 0
    assert saved(here.folder) == {"named.bin": CONTENT}


@pytest.mark.parametrize("option", [(), ("--explain",)])
def test_resolve_says_where_a_name_is(here: Caller, server: Serving, option: tuple[str, ...]) -> None:
    place = f"files.example:{server.http_port}:127.0.0.1"
    ran = here.run("get", *option, "--resolve", place, f"http://files.example:{server.http_port}/f.bin")
    assert (ran.exit_code, saved(here.folder)) == (0, {"f.bin": CONTENT})
    assert "files.example → 127.0.0.1" in ran.text if option else ran.text == ""


@pytest.mark.parametrize("option", [(), ("--explain",)])
def test_a_redirect_is_said_to_be_followed_on_demand(here: Caller, option: tuple[str, ...]) -> None:
    with changing(CONTENT) as server:
        server.answer = lambda _: b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"
        ran = here.run("get", *option, server.url())
    told = (ran.stderr + ran.text).splitlines()
    assert ran.exit_code == 22
    assert "transom: the server answered 302 Found, it is at /y" in told
    assert "  to go where it leads: -L" in told


@pytest.mark.parametrize(
    "place", ["files.example:PORT:127.0.0.9,127.0.0.1", "*:PORT:127.0.0.1", "+files.example:PORT:127.0.0.1,[::1]"]
)
def test_a_name_has_several_addresses_and_any_name_one(here: Caller, server: Serving, place: str) -> None:
    port = str(server.http_port)
    nowhere = ("--resolve", f"other.example:{port}:127.0.0.9")
    options = ("--resolve", place.replace("PORT", port), *nowhere)
    assert here.run("get", *options, f"http://files.example:{port}/f.bin").exit_code == 0
    assert saved(here.folder) == {"f.bin": CONTENT}
    refused = here.run("get", *options, f"http://other.example:{port}/f.bin", "-o", "other")
    assert (refused.exit_code, "cannot connect to other.example: 127.0.0.9" in refused.stderr) == (7, True)


@pytest.mark.parametrize(
    "place", ["a", "a:1", "a:x:127.0.0.1", ":1:127.0.0.1", "a:1:b", "a:1:::1,", "-a:1:::1", "*.a:1:::1"]
)
def test_a_resolve_that_names_no_address_is_a_usage_error(here: Caller, place: str) -> None:
    assert here.run("get", "--resolve", place, "http://127.0.0.1:1/f.bin").exit_code == 2


@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_a_pinned_key_is_checked_on_top_of_everything(here: Caller, server: Serving, engine: str) -> None:
    pin = re.search(r"sha256//\S{44}", server.announcement)
    assert pin is not None
    url = server.url("/f.bin")
    other = "sha256//" + "A" * 43 + "="
    for trust in ((), ("-k",), ("--pin", pin[0])):
        refused = here.run("get", "--tls", engine, *trust, "--pinnedpubkey", other, url)
        assert (refused.exit_code, "not the pinned" in refused.stderr) == (90, True)
        assert saved(here.folder) == {}
    assert here.run("get", "--tls", engine, "--pinnedpubkey", f"{other};{pin[0]}", url).exit_code == 0


def test_a_pinned_key_alone_makes_nobody_trusted(caller: Caller, server: Serving) -> None:
    pin = re.search(r"sha256//\S{44}", server.announcement)
    assert pin is not None
    assert caller.run("get", "--pinnedpubkey", pin[0], server.url("/f.bin")).exit_code == 60
