"""Interrupted downloads from servers that are not ours, gone on with by what each of them says of its file."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fault.proxy import Fault, FaultProxy, fault_proxy
from tests.interop.peers import SERVERS, Again, Ground, Server
from tests.real.caller import Caller
from tests.real.certificates import Authority
from tests.real.programs import Ran
from tests.real.public import public_folder, publish
from tests.transfer.background import Background

SIZE = 300_000
OLD, NEW = b"o" * SIZE, b"n" * SIZE
"""Of one length: only a validator tells them apart."""


@pytest.fixture
def folder() -> Generator[Path]:
    with public_folder() as folder:
        publish(folder / "f.bin", OLD, 1_000_000_000)
        yield folder


@pytest.fixture
def background() -> Generator[Background]:
    running = Background()
    yield running
    running.close()


@dataclass
class Line:
    """A server, and a bad line to it."""

    caller: Caller
    root: Path
    proxy: FaultProxy

    def get(self) -> Ran:
        url = f"https://localhost:{self.proxy.port}/f.bin"
        return replace(self.caller, tls="openssl").run("get", "--cacert", self.root, "--json", url)

    def break_off(self) -> None:
        """A `get` that came half way."""
        self.proxy.fault = Fault("cut", SIZE // 2)
        ran = self.get()
        assert (ran.exit_code, (self.caller.folder / "f.bin").exists()) == (18, False), ran.stderr
        self.proxy.fault = Fault()


@pytest.fixture
def line(
    request: pytest.FixtureRequest, caller: Caller, authority: Authority, folder: Path, background: Background
) -> Generator[Line]:
    server: Server = request.param
    with server.running(Ground(caller.home, folder, authority)) as url:
        port = urlsplit(url("p256", "localhost")).port
        assert port is not None
        with fault_proxy(background, port) as proxy:
            yield Line(caller, authority.root, proxy)


def servers(*agains: Again) -> pytest.MarkDecorator:
    chosen = [server for server in SERVERS if server.again in agains]
    return pytest.mark.parametrize("line", chosen, indirect=True, ids=lambda server: server.name.replace("`", ""))


@servers(Again.GOES_ON)
def test_the_same_command_goes_on_by_what_the_server_says_of_its_file(line: Line) -> None:
    line.break_off()
    again = line.get()
    assert again.exit_code == 0, again.stderr
    assert "goes on at " in again.stderr
    assert 0 < json.loads(again.stdout)["resumed_from"] < SIZE
    assert (line.caller.folder / "f.bin").read_bytes() == OLD


@servers(Again.GOES_ON)
def test_a_file_that_was_replaced_by_one_of_its_length_is_fetched_anew(line: Line, folder: Path) -> None:
    line.break_off()
    publish(folder / "f.bin", NEW, 1_000_000_001)
    again = line.get()
    assert again.exit_code == 0, again.stderr
    assert "starts over: the file on the server is another one now" in again.stderr
    assert (line.caller.folder / "f.bin").read_bytes() == NEW


@servers(Again.GOES_ON)
def test_of_a_file_that_was_just_written_no_part_is_joined_to_one_of_the_same_second(line: Line, folder: Path) -> None:
    """nginx and Caddy have the same tag for both, and say that it is a strong one."""
    now = int(time.time())
    publish(folder / "f.bin", OLD, now)
    line.break_off()
    publish(folder / "f.bin", NEW, now)
    again = line.get()
    assert again.exit_code == 0, again.stderr
    assert (line.caller.folder / "f.bin").read_bytes() == NEW


@servers(Again.NO_RANGES)
def test_a_server_without_ranges_sends_the_file_as_it_is_now(line: Line, folder: Path) -> None:
    line.break_off()
    publish(folder / "f.bin", NEW, 1_000_000_001)
    again = line.get()
    assert again.exit_code == 0, again.stderr
    assert "starts over: " in again.stderr
    assert (line.caller.folder / "f.bin").read_bytes() == NEW


@servers(Again.NO_VALIDATOR)
def test_of_a_server_that_says_nothing_of_its_file_no_part_is_kept(line: Line) -> None:
    line.break_off()
    assert list(line.caller.folder.iterdir()) == []
    again = line.get()
    assert (again.exit_code, json.loads(again.stdout)["resumed_from"]) == (0, None), again.stderr
    assert (line.caller.folder / "f.bin").read_bytes() == OLD
