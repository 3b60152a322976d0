"""Downloads through faults, drawn from a seed: whatever happens on the way, the file is right or it is not there.

On the network a connection is cut, stalls, pauses, is throttled or reset, and bytes are corrupted. Here a download
is killed at any moment, finds the disk full, or there are two of one file at once. The file on the server is replaced
now and then by another of the same length. The suite has a few runs; hundreds are

    python -m tests.fault.runs [--runs 500] [--first SEED]
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.fault.fetching import KILLED, WRONG, Fetcher, Job, fetcher
from tests.fault.proxy import Fault, fault_proxy
from tests.tls.shuttle import server_config
from tests.transfer.background import served
from transom.channel.own_tls import OwnTlsChannel
from transom.channel.plain import PlainChannel
from transom.files.digest import Digest
from transom.net.session import Timeouts

ATTEMPTS = 8
"""With faults; one after goes through, or finds that what they left is corrupt, and then the next does."""

HURRIED = Timeouts(connect=5, handshake=0.5, idle=0.2, linger=0.05)
PATIENT = Timeouts(connect=20, handshake=20, idle=20, linger=0.05)
SHORTEST = 0.1
"""Seconds that a download takes here when nothing holds it up."""


@dataclass
class Tally:
    """What the attempts came to: exit codes, 0 for a file; and what they met on this machine."""

    codes: Counter[int] = field(default_factory=Counter[int])
    met: Counter[str] = field(default_factory=Counter[str])


@dataclass
class Run:
    """One file, fetched until it is there, over TLS or in the clear.

    In the clear nothing but a checksum tells a corrupted byte, so there is one, of the file as it is at the moment.
    """

    seed: int
    secure: bool
    root: Path
    fetcher: Fetcher
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.size = self.chance.choice((1, 1000, 100_000, 700_000))
        (self.root / "shared").mkdir()
        self.source, self.target = self.root / "shared" / "f.bin", self.root / "f.bin"

    def go(self) -> None:
        """Raises AssertionError when a wrong file is there, ever."""
        self._replace_source()
        factory = (lambda: OwnTlsChannel.server(server_config())) if self.secure else PlainChannel
        with (
            served(self.root / "shared", channel_factory=factory) as server,
            fault_proxy(server.background, server.endpoint.port) as proxy,
        ):
            for _ in range(ATTEMPTS):
                proxy.fault, jobs = self._drawn(self._job(proxy.port, HURRIED))
                if self._attempt(jobs):
                    return
            proxy.fault = Fault()
            if not any(self._attempt([self._job(proxy.port, PATIENT)]) for _ in range(2)):
                raise AssertionError(f"seed {self.seed}: two transfers without a fault failed")

    def _drawn(self, job: Job) -> tuple[Fault, list[Job]]:
        """What happens on the network, and on this machine: there mostly nothing."""
        fault = Fault.drawn(self.chance, self.size)
        slow = Fault("throttle", 0, self.chance.randrange(1_000_000, 8_000_000))
        duration = self.size / slow.rate
        what = self.chance.choice(("nothing", "nothing", "nothing", "killed", "full", "together"))
        self.tally.met[what] += 1
        match what:
            case "killed":
                slowly = self.chance.random() < 0.5
                return slow if slowly else fault, [self._mortal(job, duration)]
            case "full":
                return fault, [replace(job, room=self.chance.randrange(self.size + 1))]
            case "together":
                later = replace(job, begins_after=self.chance.uniform(0, duration))
                return slow, [self._mortal(job, duration) if self.chance.random() < 0.3 else job, later]
            case _:
                return fault, [job]

    def _mortal(self, job: Job, duration: float) -> Job:
        return replace(job, killed_after=self.chance.uniform(0, SHORTEST + duration))

    def _attempt(self, jobs: list[Job]) -> bool:
        """Whether the file is there now."""
        held = (self.root / ".f.bin.transom-from").exists()
        codes = self.fetcher.run(jobs)
        self.tally.codes.update(codes)
        what = f"seed {self.seed}, exit codes {codes}"
        assert WRONG not in codes, f"{what}: a wrong file, if only for a moment"
        if self.target.exists():
            assert self.target.read_bytes() == self.content, f"{what}: a wrong file"
            assert 0 in codes or KILLED in codes, f"{what}: a file, and nobody claims to have finished it"
            assert KILLED in codes or len(codes) > 1 or self._files() == ["f.bin", "shared"], f"{what}: leftovers"
            self.tally.met["held"] += held
            return True
        assert 0 not in codes, f"{what}: no file"
        assert 1 not in codes, f"{what}: a fault of ours"
        if self.chance.random() < 0.2:
            self._replace_source()
        return False

    def _files(self) -> list[str]:
        return sorted(path.name for path in self.root.iterdir())

    def _job(self, port: int, timeouts: Timeouts) -> Job:
        url = f"{'https' if self.secure else 'http'}://localhost:{port}/f.bin"
        checksum = None if self.secure else Digest("sha-256", hashlib.sha256(self.content).digest())
        return Job(url, self.target, self.content, checksum, timeouts)

    def _replace_source(self) -> None:
        self.content = self.chance.randbytes(self.size)
        new = self.source.with_name("new")
        new.write_bytes(self.content)
        new.replace(self.source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, metavar="SEED")
    options = parser.parse_args()
    tally = Tally()
    with fetcher() as running:
        for seed in range(options.first, options.first + options.runs):
            with tempfile.TemporaryDirectory() as folder:
                Run(seed, seed % 2 == 0, Path(folder), running, tally).go()
    met = tally.met
    print(f"{options.runs} runs: every file right or absent; {met['held']} began with a part")
    print(f"{met['killed']} killed, {met['full']} with a full disk, {met['together']} times two at once")
    print("attempts by exit code: " + ", ".join(f"{code}: {count}" for code, count in sorted(tally.codes.items())))


if __name__ == "__main__":
    main()
