"""Downloads through faults, drawn from a seed: whatever happens on the way, the file is right or it is not there.

The suite has a few; hundreds are run by

    python -m tests.fault.runs [--runs 500] [--first SEED]
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fault.proxy import Fault, fault_proxy
from tests.tls.shuttle import client_config, server_config
from tests.transfer.background import served
from transom.channel.own_tls import OwnTlsChannel
from transom.channel.plain import PlainChannel
from transom.errors import TransferError
from transom.files.digest import Digest
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import GetRequest, run_get

ATTEMPTS = 8
"""With faults; the one after goes through."""

TIMEOUTS = Timeouts(connect=5, handshake=0.5, idle=0.2, linger=0.05)


@dataclass
class Tally:
    """What the attempts came to: exit codes, 0 for a file; and how often one went on with a part."""

    codes: Counter[int] = field(default_factory=Counter[int])
    resumed: int = 0


@dataclass
class Run:
    """One file, fetched until it is there, over TLS or in the clear.

    In the clear nothing but a checksum tells a corrupted byte, so there is one, of the file as it is at the moment.
    The file is replaced now and then by another of the same length.
    """

    seed: int
    secure: bool
    root: Path
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
            for attempt in range(ATTEMPTS + 1):
                proxy.fault = Fault() if attempt == ATTEMPTS else Fault.drawn(self.chance, self.size)
                if self._attempt(proxy.port):
                    return
        raise AssertionError(f"seed {self.seed}: a transfer without a fault failed")

    def _attempt(self, port: int) -> bool:
        code = self._fetch(port)
        self.tally.codes[code] += 1
        if code == 0:
            assert self.target.read_bytes() == self.content, f"seed {self.seed}: a wrong file"
            assert sorted(path.name for path in self.root.iterdir()) == ["f.bin", "shared"], f"seed {self.seed}"
            return True
        assert not self.target.exists(), f"seed {self.seed}: a file after exit code {code}"
        if self.chance.random() < 0.2:
            self._replace_source()
        return False

    def _fetch(self, port: int) -> int:
        url = f"{'https' if self.secure else 'http'}://localhost:{port}/f.bin"
        checksum = None if self.secure else Digest("sha-256", hashlib.sha256(self.content).digest())
        road = Road(lambda host: OwnTlsChannel.client(client_config(), host), timeouts=TIMEOUTS)
        try:
            result = run_get(GetRequest(url, output=self.target, checksum=checksum), road)
        except TransferError as error:
            return error.exit_code
        self.tally.resumed += result.resumed_from is not None
        return 0

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
    for seed in range(options.first, options.first + options.runs):
        with tempfile.TemporaryDirectory() as folder:
            Run(seed, seed % 2 == 0, Path(folder), tally).go()
    print(f"{options.runs} runs: every file right or absent; {tally.resumed} went on with a part")
    print("attempts by exit code: " + ", ".join(f"{code}: {count}" for code, count in sorted(tally.codes.items())))


if __name__ == "__main__":
    main()
