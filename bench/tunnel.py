"""What it costs a program to be run by `transom run`: a download by curl, with and without.

    python bench/tunnel.py [--mib 1024] [--rounds 5]

nginx serves a file from the page cache over HTTPS (TLS 1.3, AES-128-GCM), curl fetches it into /dev/null. In a round
each way has one turn, so that a busy machine slows all alike. Printed is the median over the rounds of (curl alone) /
(this way) within one round, 1 is as fast: of the transfer, as curl tells how long it took (time_total), and of the
whole command; and the processor time of curl, of `transom run` and of the server together, as a ratio to curl alone.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from statistics import median

from programs import MIB, SUITE, TRANSOM, Home, Ran, Server, new_home, nginx, processor_time, run

NAME = "file.bin"


@dataclass
class Way:
    """How curl is run, and what its runs came to."""

    title: str
    before: list[str]
    runs: list[Ran] = field(default_factory=list[Ran])
    processor: list[float] = field(default_factory=list[float])

    def run(self, home: Home, server: Server) -> None:
        before = processor_time(server.pid)
        command = [home.program("curl"), "-q", "-sS", "--fail", "--max-time", "300", "--http1.1"]
        command += ["--cacert", str(home.ca), "-o", "/dev/null", "--write-out", "%{time_total}"]
        said, ran = run([*self.before, *command, server.url("https", NAME)], home)
        self.runs.append(ran(float(said)))
        self.processor.append(self.runs[-1].processor + processor_time(server.pid) - before)


def main() -> None:
    options = arguments()
    print(f"{options.mib} MiB from nginx to curl, {SUITE}; median of {options.rounds} rounds")
    with new_home() as home, nginx(home) as server:
        home.add_file(NAME, options.mib * MIB)
        trace = str(home.path / "t.pcapng")
        ours = [*TRANSOM, "run", "--summary", "/dev/null"]
        ways = [
            Way("curl", []),
            Way("transom run curl", [*ours, "--"]),
            Way("  --sha256", [*ours, "--sha256", "--"]),
            Way("  --trace FILE", [*ours, "--trace", trace, "--"]),
        ]
        for way in ways:
            way.run(home, server)  # to warm up: not counted
            way.runs.clear()
            way.processor.clear()
        for _ in range(options.rounds):
            for way in ways:
                way.run(home, server)
        report(ways, options.mib)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024, help="the size of the file (default: 1024)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each way (default: 5)")
    return parser.parse_args()


def report(ways: list[Way], mib: int) -> None:
    alone = ways[0]
    print(f"{'':22}{'MB/s':>6}{'× speed':>9}{'× command':>11}{'× processor':>13}{'MiB':>6}")
    for way in ways:
        pairs = list(zip(alone.runs, way.runs, strict=True))
        rate = mib * MIB / 1e6 / median(ran.transfer for ran in way.runs)
        speed = median(one.transfer / this.transfer for one, this in pairs)
        command = median(one.seconds / this.seconds for one, this in pairs)
        effort = median(this / one for one, this in zip(alone.processor, way.processor, strict=True))
        peak = max(ran.peak for ran in way.runs)
        print(f"{way.title:22}{rate:6.0f}{speed:9.2f}{command:11.2f}{effort:13.2f}{peak:6.0f}", flush=True)


if __name__ == "__main__":
    main()
