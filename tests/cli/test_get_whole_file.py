"""`transom get` from outside: it goes on, says so, and has the right file or none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator

import pytest

import transom.transfer.retry
from tests.real.caller import Caller
from tests.real.programs import run
from tests.real.transom import User, private_mode
from tests.transfer.changing_server import Changing, changing

CONTENT = b"0123456789" * 10_000
HALF = len(CONTENT) * 61 // 100
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server() -> Generator[Changing]:
    with changing(CONTENT) as running:
        yield running


def interrupt(user: User, server: Changing, *options: str) -> str:
    server.cut = HALF
    ran = user.run("get", server.url(), *options)
    server.cut = None
    assert ran.exit_code == 18
    assert not (user.folder / "f.bin").exists()
    return ran.stderr


def test_it_says_what_is_kept_and_where_it_goes_on(user: User, server: Changing) -> None:
    error, *_, last = interrupt(user, server).splitlines()
    assert error.startswith("transom: ")
    assert last == "61 % is kept: the same command goes on from there"
    assert private_mode(user.folder / ".f.bin.transom-from")
    ran = user.run("get", "-C", "-", "--json", server.url())
    assert ran.stderr == "goes on at 61 %\n"
    line = json.loads(ran.text)
    assert (line["resumed_from"], line["verified"], line["sha256"], line["bytes"]) == (HALF, None, None, len(CONTENT))
    assert (user.folder / "f.bin").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", f"f.bin  {len(CONTENT):,} bytes, the last {len(CONTENT) - HALF:,} in "),
        ("ko", f"f.bin  {len(CONTENT):,}바이트, 그중 마지막 {len(CONTENT) - HALF:,}바이트를 "),
    ],
)
def test_the_time_it_took_is_told_with_what_came_in_it(user: User, server: Changing, lang: str, told: str) -> None:
    interrupt(user, server)
    assert told in user.run("get", "--lang", lang, server.url()).stderr


def test_it_says_why_it_starts_over_and_speaks_korean(user: User, server: Changing) -> None:
    interrupt(user, server, "--silent")
    server.fields["ETag"] = '"two"'
    ran = user.run("get", "--lang", "ko", server.url())
    assert ran.stderr.startswith("처음부터 다시 받음: 서버의 파일이 바뀌었음\n")


@pytest.mark.parametrize(("lang", "kept"), [("en", "61,000 bytes are kept: "), ("ko", "61,000바이트 남겨 둠: ")])
def test_of_a_file_of_unknown_length_the_bytes_are_said_to_be_kept(
    user: User, server: Changing, lang: str, kept: str
) -> None:
    chunk = f"{HALF:x}\r\n".encode() + CONTENT[:HALF] + b"\r\n"
    server.answer = lambda _: b'HTTP/1.1 200 OK\r\nETag: "1"\r\nTransfer-Encoding: chunked\r\n\r\n' + chunk
    assert interrupt(user, server, "--lang", lang).splitlines()[-1].startswith(kept)


def test_explained_too_what_is_kept_comes_after_the_error(user: User, server: Changing) -> None:
    server.cut = HALF
    _, found, after = user.run("get", "--explain", server.url()).text.partition("transom: the server closed")
    assert found
    assert "\n61 % is kept: the same command goes on from there\n" in after


def test_who_tries_again_is_told_where_it_goes_on_and_not_what_is_kept(
    caller: Caller, server: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transom.transfer.retry, "FIRST_WAIT", 0.02)
    server.cut = HALF

    def cut_once(request: bytes) -> bytes:
        answer, server.cut, server.answer = server.usual(request), None, None
        return answer

    server.answer = cut_once
    ran = caller.run("get", "--retry", "1", server.url())
    assert (ran.exit_code, (caller.folder / "f.bin").read_bytes()) == (0, CONTENT)
    assert "goes on at 61 %" in ran.stderr.splitlines()
    assert "kept" not in ran.stderr


def test_silent_means_no_notes(user: User, server: Changing) -> None:
    assert interrupt(user, server, "-s").startswith("transom: ")


def test_no_resume_begins_at_the_beginning(user: User, server: Changing) -> None:
    interrupt(user, server)
    ran = user.run("get", "--no-resume", "--json", server.url())
    assert (json.loads(ran.text)["resumed_from"], ran.stderr) == (None, "")


def test_a_checksum_that_holds_and_one_that_does_not(user: User, server: Changing) -> None:
    good = user.run("get", "--checksum", f"sha-256={SUM}", server.url())
    assert good.exit_code == 0
    assert "✓ as --checksum says" in good.stderr
    bad = user.run("get", "-o", "other", "--checksum", "sha-512=" + "0" * 128, server.url())
    assert bad.exit_code == 110
    assert [path.name for path in user.folder.iterdir()] == ["f.bin"]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["-C", "5"], "only '-' is taken"),
        (["-C", "-", "--no-resume"], "contradict each other"),
        (["--checksum", "md5=00"], "sha-256=VALUE"),
    ],
)
def test_options_that_cannot_work_are_usage_errors(user: User, server: Changing, options: list[str], what: str) -> None:
    ran = user.run("get", *options, server.url())
    assert (ran.exit_code, server.asked) == (2, [])
    assert what in ran.stderr


def test_our_server_is_asked_for_a_digest_and_believed_when_it_holds(user: User) -> None:
    (user.folder / "shared").mkdir()
    (user.folder / "shared" / "f.bin").write_bytes(CONTENT)
    with user.serving("shared") as serving:
        ran = user.run("get", "--verify", "--json", serving.url("/f.bin"))
    line = json.loads(ran.text)
    assert (line["verified"], line["sha256"]) == ("digest", SUM)


def test_an_answer_that_is_not_the_rest_is_told_and_traced_as_two_conversations(user: User, server: Changing) -> None:
    interrupt(user, server)
    server.answer = lambda request: server.part(0) if b"\r\nRange:" in request else server.whole()
    ran = user.run("get", "--explain", "--trace", "two.pcapng", server.url())
    assert ran.exit_code == 0
    assert "starts over: the server's answer does not prove" in ran.text
    assert "206" in ran.text.partition("starts over")[0]
    assert "200" in ran.text.partition("starts over")[2]
    assert (user.folder / "f.bin").read_bytes() == CONTENT
    streams = run("tshark", "-r", str(user.folder / "two.pcapng"), "-Tfields", "-etcp.stream").text.split()
    assert set(streams) == {"0", "1"}
