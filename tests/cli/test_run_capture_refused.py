"""`transom run --capture`: a server that refuses, and one that does not answer, are told as that wherever it is told.

As in `test_run_capture`, who runs the tests without CAP_NET_RAW sees that it is refused.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.cli.test_run_capture import CURL, NEEDED, may_capture, of_type
from tests.cli.viewed import VERDICT, Viewed, ask, await_state
from tests.real.browser import Browser
from tests.real.silent import silent_port
from tests.real.transom import MINUTE, User
from tests.real.tshark import Wireshark
from tests.web.shown import shown
from transom.cli.words import LANGS, Lang, words

CANNOT_CONNECT, TOO_SLOW = 7, 28
"""Exit codes of curl."""


@contextmanager
def refusing() -> Generator[int]:
    """A port at which nobody listens, and which nobody else gets."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


Server = Callable[[], AbstractContextManager[int]]

REFUSED = (refusing, "refused", "Connection refused", CANNOT_CONNECT, ("--max-time", "30"))
UNANSWERED = (silent_port, "unanswered", "no answer by TCP to the SYN", TOO_SLOW, ("--max-time", "1"))
both = pytest.mark.parametrize(("server", "key", "text", "code", "patience"), [REFUSED, UNANSWERED])


@both
def test_it_is_told_in_json_and_in_the_trace_as_the_tunnel_tells_it(
    user: User, server: Server, key: str, text: str, code: int, patience: tuple[str, ...]
) -> None:
    with server() as port:
        where = f"127.0.0.1:{port}"
        # It is waited for, as others are: but whoever gave up before an answer is not.
        options = ("--capture", "--grace", "600", "--json", "--trace", "t.pcapng", "--summary", "lines", "--")
        ran = user.run("run", *options, *CURL, *patience, f"http://{where}/")
    if not may_capture():
        assert (ran.exit_code, ran.stderr.startswith(NEEDED)) == (2, True)
        return
    assert ran.exit_code == code
    lines = [json.loads(line) for line in (user.folder / "lines").read_text().splitlines()]
    problem = {"type": "problem", "conversation": 0, "code": "not-reached", "where": where, "what": text}
    assert of_type(lines, "problem") == [problem]
    (conversation,) = of_type(lines, "conversation")
    assert (conversation["server"], conversation["client_bytes"], conversation["server_bytes"]) == (where, 0, 0)
    read = [json.loads(line) for line in user.run("read", "--json", "t.pcapng").text.splitlines()]
    assert of_type(read, "problem") == [problem]
    resets = Wireshark(user.folder / "t.pcapng", {port: "http"}).field("tcp.flags.reset")
    assert any(flag in ("1", "True") for flag in resets) == (key == "refused")


@both
@pytest.mark.parametrize("lang", LANGS)
def test_it_is_told_in_words(
    user: User, lang: Lang, server: Server, key: str, text: str, code: int, patience: tuple[str, ...]
) -> None:
    with server() as port:
        options = ("--lang", lang, "--capture", "--explain", "--trace", "t.pcapng", "--")
        ran = user.run("run", *options, *CURL, *patience, f"http://127.0.0.1:{port}/", env={"PYTHONUTF8": "1"})
    if not may_capture():
        assert (ran.exit_code, ran.stderr.startswith(NEEDED)) == (2, True)
        return
    assert ran.exit_code == code
    said = words(lang).say(f"not_reached.{key}")
    if lang == "en":
        assert said == text
    assert f"0  127.0.0.1:{port}\n   ✗ {said}\n" in ran.stderr
    assert f"  ✗ {said}\n" in ran.stderr.partition("transom run: ")[0]  # as a step
    table = user.run("read", "--lang", lang, "t.pcapng", env={"PYTHONUTF8": "1"}).text
    assert said in table
    for told in (ran.stderr, table):
        assert lang == "en" or text not in told
        assert f" {words(lang).say('state.open')}\n" not in told


@both
def test_the_page_tells_it(
    browser: Browser, user: User, server: Server, key: str, text: str, code: int, patience: tuple[str, ...]
) -> None:
    with server() as port:
        command = (*CURL, *patience, f"http://127.0.0.1:{port}/")
        with user.start("run", "--lang", "en", "--view", "--capture", "--", *command) as process:
            if not may_capture():
                assert process.wait(MINUTE) == 2
                return
            viewed = Viewed(process)
            await_state(viewed.address, "whole")
            (row,) = ask(viewed.address, "conversations/with-keys")["rows"]
            assert (row["not_reached"], row["problems"], row["running"]) == (key, 1, False)
            with shown(browser, f"{viewed.address}#c=0") as page:
                page.wait_for(f"{VERDICT}.includes({text!r})")
                assert "UNKNOWN" not in page.evaluate(VERDICT)
                story = "document.querySelector('story-view .rows').textContent"
                page.wait_for(f"{story}.includes('Server: ' + {text!r})")
            assert viewed.end() == code
