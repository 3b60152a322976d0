"""A process that is killed, whenever: its file is whole or not there, and the next one finishes it."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fault.proxy import Fault, fault_proxy
from tests.real.transom import User
from tests.transfer.background import served

SIZE = 2_000_000
RATE = 1_000_000


@pytest.mark.parametrize(("how", "fewest"), [("overwrite", 25), ("keep", 25)])
def test_a_download_killed_before_any_call_to_the_system_is_whole_or_absent(
    tmp_path: Path, how: str, fewest: int
) -> None:
    command = [sys.executable, "-m", "tests.fault.dying", str(tmp_path), how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= fewest


def test_kill_minus_nine_at_random_moments_and_again_until_it_is_done(tmp_path: Path) -> None:
    content = hashlib.shake_128(b"killed").digest(SIZE)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "f.bin").write_bytes(content)
    with (
        served(tmp_path / "shared") as server,
        fault_proxy(server.background, server.endpoint.port) as proxy,
        ThreadPoolExecutor(3) as together,
    ):
        proxy.fault = Fault("throttle", 0, RATE)
        url = f"http://127.0.0.1:{proxy.port}/f.bin"

        def one(seed: int) -> int:
            (tmp_path / str(seed)).mkdir()
            return killed_until_done(User.new(tmp_path / str(seed)), url, content, random.Random(seed))

        assert sum(together.map(one, range(3))) >= 3


def test_an_interrupt_keeps_every_byte_that_came(tmp_path: Path) -> None:
    content = hashlib.shake_128(b"interrupted").digest(SIZE)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "f.bin").write_bytes(content)
    user = User.new(tmp_path)
    with (
        served(tmp_path / "shared") as server,
        fault_proxy(server.background, server.endpoint.port) as proxy,
    ):
        proxy.fault = Fault("stall", SIZE // 2)
        process = user.start("get", f"http://127.0.0.1:{proxy.port}/f.bin")
        assert comes(process, user.folder / ".f.bin.transom-part", 0)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert said.startswith(b"transom: interrupted\n")
        assert said.endswith(b"is kept: the same command goes on from there\n")
        proxy.fault = Fault()
        assert "goes on at" in user.run("get", f"http://127.0.0.1:{proxy.port}/f.bin").stderr
    assert (user.folder / "f.bin").read_bytes() == content


def killed_until_done(user: User, url: str, content: bytes, chance: random.Random) -> int:
    """Download in spite of a few kills; how many times it went on with a part."""
    target, partial, resumed = user.folder / "f.bin", user.folder / ".f.bin.transom-part", 0
    for kill_after in (chance.uniform(0, 0.2), chance.uniform(0.8, 1.5), chance.uniform(0.2, 1), None):
        before = written(partial)
        process = user.start("get", url)
        if kill_after is not None and comes(process, partial, before):
            ends(process, kill_after)
            process.kill()
        _, said = process.communicate(timeout=30)
        assert process.returncode in (0, -signal.SIGKILL), said
        resumed += b"goes on at" in said
        assert target.exists() == (process.returncode == 0)
        if target.exists():
            break
    assert target.read_bytes() == content
    assert [path.name for path in user.folder.iterdir()] == ["f.bin"]
    return resumed


def comes(process: subprocess.Popen[bytes], partial: Path, before: int) -> bool:
    """Wait until something new has come into the partial, as long as the process runs."""
    while written(partial) in (0, before):
        if ends(process, 0.02):
            return False
    return True


def written(partial: Path) -> int:
    """When it was last written to, 0 for an empty one."""
    facts = partial.stat() if partial.exists() else None
    return facts.st_mtime_ns if facts and facts.st_size else 0


def ends(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether it ends by itself within this time."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
