"""Names and passwords, by Basic authentication (RFC 7617)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Generator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.real.programs import curl
from tests.transfer.background import Served, say, served
from transom.errors import HttpError, UsageError
from transom.http.messages import Headers, Request
from transom.transfer.accounts import Accounts, accounts_in


@pytest.fixture
def server(root: Path) -> Generator[Served]:
    with served(root, upload=True, accounts=Accounts(["ann:s3cret:with:colons", "bö:pässwörd"])) as running:
        yield running


def status(server: Served, *options: str) -> str:
    return curl(*options, "-o", "/dev/null", "-w", "%{http_code}", server.url("/hello.txt")).text


@pytest.mark.parametrize("given", ["ann:right", "ben:right", "ann:wrong!", "a:", None])
def test_every_account_is_compared_whoever_asks_and_by_what_tells_no_time(
    monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    lengths: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def compared(known: bytes, offered: bytes) -> bool:
        lengths.append((len(known), len(offered)))
        return compare(known, offered)

    monkeypatch.setattr(hmac, "compare_digest", compared)
    accounts = Accounts(["ann:right", "ben:right"])
    fields = [("Authorization", "Basic " + base64.b64encode(given.encode()).decode())] if given else []
    with nullcontext() if given in ("ann:right", "ben:right") else pytest.raises(HttpError):
        accounts.admit(Request("GET", "/", Headers(fields)))
    assert lengths == [(32, 32), (32, 32)]


def test_who_has_an_account_comes_in(server: Served) -> None:
    assert status(server, "-u", "ann:s3cret:with:colons") == "200"
    assert status(server, "-u", "bö:pässwörd") == "200"


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-u", "ann:s3cret"),
        ("-u", "ann:"),
        ("-u", ":s3cret:with:colons"),
        ("-u", "ANN:s3cret:with:colons"),
        ("-u", "bö:s3cret:with:colons"),
        ("-H", "Authorization: Bearer YW5uOnMzY3JldDp3aXRoOmNvbG9ucw=="),
        ("-H", "Authorization: Basic"),
        ("-H", "Authorization: Basic not/base64!"),
        ("-H", "Authorization: Basic YW5uOnMzY3JldDp3aXRoOmNvbG9ucw==", "-H", "Authorization: Basic YTpi"),
    ],
)
def test_nobody_else_does(server: Served, options: tuple[str, ...]) -> None:
    assert status(server, *options) == "401"


def test_the_answer_says_how_to_come_in_and_shows_nothing(server: Served) -> None:
    ran = curl("-i", server.url("/hello.txt"))
    assert 'WWW-Authenticate: Basic realm="transom", charset="UTF-8"' in ran.text
    assert "hello, world" not in ran.text


@pytest.mark.parametrize("path", ["/", "/nothing", "/%00", "/../secret.txt", "/.transom/health?", "/.transom/health/"])
def test_what_is_there_and_what_is_not_look_alike_from_outside(server: Served, path: str) -> None:
    assert curl("--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", server.url(path)).text == "401"


def test_no_upload_is_begun_without_an_account(server: Served, root: Path) -> None:
    ran = curl("-T", str(root / "f.bin"), "-w", "%{stderr}%{http_code}", server.url("/up.bin"))
    assert ran.stderr == "401"
    assert not (root / "up.bin").exists()


def test_a_refused_client_may_try_again_on_the_same_connection(server: Served) -> None:
    answers = say(
        server,
        b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n"
        b"GET /hello.txt HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YW5uOnMzY3JldDp3aXRoOmNvbG9ucw==\r\n\r\n",
    )
    assert answers.startswith(b"HTTP/1.1 401 ")
    assert answers.endswith(b"hello, world\n")


def test_the_health_route_asks_for_no_name_and_leaves_no_line(server: Served) -> None:
    assert curl(server.url("/.transom/health")).text == "ok\n"
    assert "200" in curl("-I", server.url("/.transom/health")).text
    assert status(server) == "401"
    (line,) = server.logged(1)
    assert line.startswith('"GET /hello.txt HTTP/1.1" 401 ')


def test_the_log_names_who_came_in_and_never_the_password(server: Served) -> None:
    status(server, "-u", "ann:s3cret:with:colons")
    status(server, "-u", "ann:wrong")
    server.logged(2)
    assert [str(access).split(" [")[0] for access in server.log] == ["127.0.0.1 - ann", "127.0.0.1 - -"]
    assert "s3cret" not in "".join(map(str, server.log))


def test_a_name_cannot_end_its_field_in_the_log(root: Path) -> None:
    with served(root) as server:
        status(server, "-u", 'x [now] "GET / HTTP/1.1"\x1b[2J:y')
        server.logged(1)
    assert str(server.log[0]).startswith(
        "127.0.0.1 - x\\x20\\x5bnow\\x5d\\x20\\x22GET\\x20/\\x20HTTP/1.1\\x22\\x1b\\x5b2J ["
    )


def test_accounts_are_read_from_a_file_that_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    path.write_text("# who may come in\nann:s3cret\n\nbö: spaces count \n")
    path.chmod(0o600)
    assert accounts_in(path) == ["ann:s3cret", "bö: spaces count "]
    path.chmod(0o640)
    with pytest.raises(UsageError, match=r"accounts: other users can read it \(mode 0640\); expected 0600"):
        accounts_in(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "nobody is in it"), (b"# nobody\n", "nobody is in it"), (b"\xff\xfe", "it is not UTF-8")],
)
def test_a_file_without_an_account_is_a_usage_error(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "accounts"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(UsageError, match=problem):
        accounts_in(path)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        accounts_in(tmp_path / "accounts")


@pytest.mark.parametrize("account", ["ann", "ann:", ":s3cret", ""])
def test_half_an_account_is_a_usage_error_that_does_not_repeat_it(account: str) -> None:
    with pytest.raises(UsageError, match="an account is written user:password, neither of them empty"):
        Accounts([account])
