"""Signals about the moment in which the command begins: each reaches it, and once."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.cli.test_run import TELLS_SIGNALS
from tests.real.programs import ENVIRONMENT
from tests.real.transom import MINUTE, SOURCE

STARTS = """
import asyncio, os, signal, sys, time
from transom.run import child
from transom.run.signals import Held

when, number, command = sys.argv[1], int(sys.argv[2]), sys.argv[3]
held = Held()
stand = child.Witness

def standing(signals):
    witness = stand(signals)
    if when == "before":
        os.kill(0, number)
    return witness

def spawn(*how):
    process = child.spawn(*how)
    if when == "after":
        os.kill(0, number)
        while pending(process) >> (number - 1) & 1:  # until the command has it: a second one would be another
            time.sleep(0.01)
    return process

def pending(process):
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1], 16) for line in status if line.startswith("ShdPnd"))

async def main():
    child.Witness = standing
    started = child.start([sys.executable, "-c", command], os.environ, held.mask, spawn)
    ended = await started.over
    started.release()
    print(ended.code)

asyncio.run(main())
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_all_at_the_moment_of_the_start_reaches_the_command_once(when: str, number: signal.Signals) -> None:
    # What the program is started with blocked its command has blocked too, so that nothing is lost or ends it.
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            STARTS,
            when,
            str(number.value),
            TELLS_SIGNALS.replace('print("ready", flush=True)', ""),
        ],
        env={**ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        process_group=0,
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {number, signal.SIGUSR1, signal.SIGUSR2}),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().decode() == f"{number.name}\n"
        process.send_signal(signal.SIGUSR1)
        assert process.stdout.readline() == b"SIGUSR1\n"
        process.send_signal(signal.SIGUSR2)
        said, _ = process.communicate(timeout=MINUTE)
    assert (said, process.returncode) == (b"0\n", 0)
