"""`transom run --capture` beside others who move much: the command's connections are all told, and theirs nowhere.

As in `test_run_capture`, who runs the tests without CAP_NET_RAW sees that it is refused.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.test_run_capture import captured, of_type
from tests.cli.test_run_short_lived import TIMES
from tests.real.transom import Serving, User
from transom.run.used_ports import is_translated

FILES = {"k.bin": os.urandom(1000)}
FOREIGN = b"somebody-elses"
MIB = 2**20


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    assert server.port
    return User(owner.home, tmp_path)


@contextmanager
def others_move() -> Generator[list[int]]:
    """As much as they can, over loopback and another port, until the block ends: how many bytes by now."""
    over = threading.Event()
    moved = [0]
    piece = (FOREIGN + b" ") * (MIB // (len(FOREIGN) + 1))

    def give() -> None:
        with socket.create_connection(server.getsockname()) as there:
            while not over.is_set():
                there.sendall(piece)

    def take() -> None:
        with server.accept()[0] as there:
            while received := there.recv(MIB):
                moved[0] += len(received)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threads = [threading.Thread(target=give), threading.Thread(target=take)]
        for thread in threads:
            thread.start()
        try:
            yield moved
        finally:
            over.set()
            for thread in threads:
                thread.join()


def test_two_hundred_of_a_script_that_forks_are_told_while_others_move_much(here: User, server: Serving) -> None:
    with others_move() as moved:
        lines = captured(here, "sh", "-c", TIMES, "sh", "200", f"http://127.0.0.1:{server.http_port}/k.bin")
    if lines:
        assert moved[0] > 100 * MIB
        paths = [line["path"] for line in of_type(lines, "http") if line["complete"]]
        problems = {line["code"] for line in of_type(lines, "problem")}
        if is_translated():  # all TCP is taken: what is lost is said
            assert paths == ["/k.bin"] * 200 or "packets-dropped" in problems
        else:
            assert paths == ["/k.bin"] * 200
            assert len(of_type(lines, "conversation")) == 200
            assert problems == set()
        assert FOREIGN not in (here.folder / "t.pcapng").read_bytes()
