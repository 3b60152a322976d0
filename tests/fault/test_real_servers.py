"""Interrupted downloads from a server that is not ours: gone on with, begun anew, and done when there is no more."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.fault.proxy import Fault, FaultProxy, fault_proxy
from tests.real.nginx import nginx
from tests.transfer.background import Background
from transom.errors import TransferError
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest
from transom.transfer.resume import GoesOn, Notice, StartsOver

SIZE = 300_000
OLD, NEW = b"o" * SIZE, b"n" * SIZE
ROAD = Road(timeouts=Timeouts(connect=5, handshake=5, idle=5, linger=0.1))


@pytest.fixture
def proxy(tmp_path: Path) -> Generator[FaultProxy]:
    """In front of an nginx that serves `tmp_path / "root"`."""
    (tmp_path / "root").mkdir()
    (tmp_path / "nginx").mkdir()
    background = Background()
    try:
        with (
            nginx(tmp_path / "nginx", tmp_path / "root") as server,
            fault_proxy(background, server.http_port) as running,
        ):
            yield running
    finally:
        background.close()


def put(tmp_path: Path, content: bytes, when: int) -> None:
    (tmp_path / "root" / "f.bin").write_bytes(content)
    os.utime(tmp_path / "root" / "f.bin", (when, when))


def fetch(proxy: FaultProxy, target: Path) -> list[Notice]:
    told: list[Notice] = []
    run_get(GetRequest(f"http://127.0.0.1:{proxy.port}/f.bin", output=target), ROAD, notice=told.append)
    return told


def interrupt(proxy: FaultProxy, target: Path) -> None:
    proxy.fault = Fault("cut", SIZE // 2)
    with pytest.raises(TransferError) as caught:
        fetch(proxy, target)
    assert caught.value.exit_code == 18
    proxy.fault = Fault()


def test_a_download_from_nginx_goes_on_with_the_same_file(proxy: FaultProxy, tmp_path: Path) -> None:
    put(tmp_path, OLD, 1_000_000_000)
    interrupt(proxy, tmp_path / "f.bin")
    (told,) = fetch(proxy, tmp_path / "f.bin")
    assert isinstance(told, GoesOn)
    assert 0 < told.start < SIZE
    assert (tmp_path / "f.bin").read_bytes() == OLD


def test_a_download_from_nginx_of_a_file_that_was_replaced_is_the_new_one(proxy: FaultProxy, tmp_path: Path) -> None:
    put(tmp_path, OLD, 1_000_000_000)
    interrupt(proxy, tmp_path / "f.bin")
    put(tmp_path, NEW, 1_000_000_001)
    assert fetch(proxy, tmp_path / "f.bin") == [StartsOver("changed")]
    assert (tmp_path / "f.bin").read_bytes() == NEW


def test_a_part_that_is_all_of_a_file_of_nginx_is_done(proxy: FaultProxy, tmp_path: Path) -> None:
    put(tmp_path, OLD, 1_000_000_000)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("transom.files.sink.WholeFile.finish", lambda sink: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fetch(proxy, tmp_path / "f.bin")
    assert not (tmp_path / "f.bin").exists()
    assert fetch(proxy, tmp_path / "f.bin") == [GoesOn(SIZE - 1, SIZE)]
    assert (tmp_path / "f.bin").read_bytes() == OLD
