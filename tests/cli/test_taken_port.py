"""`transom serve` on a port that is taken: who has it, and which can be had."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

import transom.cli.taken_port
from tests.real.caller import Caller
from transom.cli.taken_port import told_plainly
from transom.net.bind import PortTaken
from transom.wire.tap import Endpoint


@pytest.mark.parametrize(("option", "others"), [("--port", ()), ("--http-port", ("--port", "0"))])
def test_who_has_it_and_which_is_free_is_said(caller: Caller, option: str, others: tuple[str, ...]) -> None:
    name = Path("/proc/self/comm").read_text().strip()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = caller.run("serve", *others, option, str(port), ".")
    assert ran.exit_code == 2
    assert f"port {port} is taken by {name} (process {os.getpid()}) at 127.0.0.1; {option} " in ran.stderr
    assert re.search(f"; {option} (\\d+ is free, {option} )?0 takes (any that is|a free one)\n$", ran.stderr)


def test_in_korean_too(caller: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = caller.run("serve", "--lang", "ko", "--port", str(port), ".")
    assert f"127.0.0.1의 {port}번 포트는 이미 쓰는 중입니다(" in ran.stderr
    assert f", 프로세스 {os.getpid()})" in ran.stderr


def taken_at(port: int) -> PortTaken:
    place = Endpoint("127.0.0.1", port)
    return PortTaken(place, place, OSError(errno.EADDRINUSE, "Address already in use"))


def test_the_first_behind_it_that_nobody_has_is_named_and_where_there_is_none_0_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def up_to_65002(_hosts: Sequence[str], port: int) -> list[list[socket.socket]]:
        asked.append(port)
        if port < 65002:
            raise taken_at(port)
        return [[]]

    monkeypatch.setattr(transom.cli.taken_port, "bind", up_to_65002)
    told = str(told_plainly(taken_at(64990), "--port", ["127.0.0.1"]))
    assert told.endswith("at 127.0.0.1; --port 65002 is free, --port 0 takes any that is")
    told = str(told_plainly(taken_at(64000), "--port", ["127.0.0.1"]))
    assert told.endswith("at 127.0.0.1; --port 0 takes a free one")
    assert asked[-1] == 64020


@pytest.mark.parametrize(("lang", "told"), [("en", "both 8443: "), ("ko", "모두 8443번입니다")])
def test_https_and_http_have_a_port_each(caller: Caller, lang: str, told: str) -> None:
    ran = caller.run("serve", "--http-port", "8443", "--lang", lang, ".")
    assert (ran.exit_code, told in ran.stderr) == (2, True)
