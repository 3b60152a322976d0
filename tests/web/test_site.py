"""The live page answers whoever has its address, on this machine, and nobody else."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Generator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.web.pages import served
from tests.web.talk import talk
from transom.transfer.limits import ServerLimits
from transom.web.model import saving
from transom.web.model.masked import Masked
from transom.wire.tap import Buffer, Side


@pytest.fixture(scope="module")
def address(trace: Path) -> Generator[str]:
    with served(trace) as address:
        yield address


def ask(address: str, path: str, method: str = "GET", host: str | None = None) -> tuple[HTTPResponse, bytes]:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request(method, path, headers={"Host": host} if host else {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def secret(address: str) -> str:
    return urlsplit(address).path


def test_it_listens_on_loopback_behind_a_secret(address: str) -> None:
    assert urlsplit(address).hostname == "127.0.0.1"
    assert len(secret(address)) > 30


@pytest.mark.parametrize("path", ["/", "/index.html", "/main.js", "/api/about", "/wrong/", "//", "/%2e%2e/", "*", "x"])
def test_nothing_is_there_without_the_secret(address: str, path: str) -> None:
    assert ask(address, path)[0].status == 404


def test_half_of_the_secret_is_none_and_every_page_has_its_own(address: str, trace: Path) -> None:
    known = secret(address).strip("/")
    for path in (f"/{known[:16]}/", f"/{known[:-1]}/", f"/{known}x/", f"/{known.lower()}/", f"/x/..{secret(address)}"):
        assert ask(address, path)[0].status == 404, path
    with served(trace) as other:
        assert secret(other) != secret(address)
        assert urlsplit(other).port != urlsplit(address).port
        assert ask(other, secret(address))[0].status == 404


@pytest.mark.parametrize(
    "path", ["../site.py", "..%2fsite.py", "%2e%2e/%2e%2e/site.py", "static/main.js", "/etc/passwd", "main.js/",
             "save/0/with-keys/%2e%2e%2fsite.py", "save/../../api/about", "api/../main.js", "main.js%00"],
)  # fmt: skip
def test_a_path_leads_to_no_file_but_those_of_the_page(address: str, path: str) -> None:
    assert ask(address, secret(address) + path)[0].status == 404


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "127.0.0.1:1", "localhost"])
def test_another_name_for_this_machine_is_refused(address: str, host: str) -> None:
    response, body = ask(address, secret(address), host=host)
    assert response.status == 421
    assert b"<" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_is_only_looked_at(address: str, method: str) -> None:
    response, _ = ask(address, secret(address), method)
    assert response.status == 405
    assert response.getheader("Allow") == "GET, HEAD"


@pytest.mark.parametrize("name", ["", "main.js", "colours.css", "icon.svg", "api/about", "api/nothing", "nothing"])
def test_every_answer_forbids_what_the_page_does_not_need(address: str, name: str) -> None:
    response, _ = ask(address, secret(address) + name)
    policy = response.getheader("Content-Security-Policy") or ""
    if name == "nothing":
        assert response.status == 404
        return
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    # No other site has any of it as its script or picture, nor a window of it.
    assert response.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert response.getheader("Cross-Origin-Opener-Policy") == "same-origin"
    assert response.getheader("Cache-Control") == "no-store"
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("Referrer-Policy") == "no-referrer"


def test_connections_that_ask_for_nothing_do_not_lock_the_reader_out(address: str) -> None:
    parts = urlsplit(address)
    with ExitStack() as held:
        for number in range(ServerLimits().connections_each + 50):
            idle = held.enter_context(socket.create_connection((parts.hostname, parts.port), 20))
            idle.sendall(b"GET / HTTP/1.1\r\n"[: number % 17])
        assert ask(address, secret(address))[0].status == 200


@pytest.mark.parametrize(
    "asked",
    ["nothing", "conversations/x", "conversations/99/with-keys/story", "conversations/1/with-keys/step/zz",
     "conversations/with-keys?offset=x", "conversations/with-keys?sort=x", "conversations/1/with-keys/../story",
     f"conversations/{'9' * 5000}/with-keys/story"],
)  # fmt: skip
def test_what_is_not_there_is_said_to_be_so(address: str, asked: str) -> None:
    response, body = ask(address, f"{secret(address)}api/{asked}")
    assert response.status == 404
    assert json.loads(body)["error"]


def test_the_table_is_given_in_slices(address: str) -> None:
    _, body = ask(address, f"{secret(address)}api/conversations/with-keys?limit=2&sort=conversation&down")
    found = json.loads(body)
    assert (found["total"], found["matching"]) == (5, 5)
    assert [row["conversation"] for row in found["rows"]] == [4, 3]
    _, body = ask(address, f"{secret(address)}api/conversations/with-keys?text=tlsv1.3")
    assert json.loads(body)["matching"] == 2


def test_the_page_answers_while_what_a_side_said_is_masked_to_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = threading.Event(), threading.Event()

    class Waits(Masked):
        def receive(self, side: Side, data: Buffer) -> None:
            asked.set()
            assert answered.wait(30)
            super().receive(side, data)

    monkeypatch.setattr(saving, "Masked", Waits)
    with served(talk(tmp_path / "talk.pcapng", 3)) as address:
        saved: list[bytes] = []
        path = f"{secret(address)}save/0/without-keys/said-client"
        saving_it = threading.Thread(target=lambda: saved.append(ask(address, path)[1]))
        saving_it.start()
        assert asked.wait(30)
        assert ask(address, f"{secret(address)}api/conversations/0/without-keys/story")[0].status == 200
        answered.set()
        saving_it.join()
    assert saved[0].startswith(b"GET /0 HTTP/1.1")
    assert saved[0].endswith(b"GET /2 HTTP/1.1\r\nHost: h\r\n\r\n")
