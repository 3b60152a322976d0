"""Moving a file over loopback, beside nginx and curl.

    python bench/transfer.py [--mib 1024] [--rounds 5] [--scheme https] [--tls transom] [--digest]

The same file goes over HTTPS (TLS 1.3, AES-128-GCM) and HTTP between each server and each client, into /dev/null. In a
round each pair has one turn, so that a busy machine slows all alike. Printed is the median over the rounds of
(nginx → curl) / (this pair) within one round, above 1 the pair is faster: of the transfer, as either client tells how
long it took (curl's time_total, times.total of transom's --json: handshake included), and of the whole command, with
the client's start and end, which for Python are a fifth of a second. Processor time is what server and client took
together for one transfer, start included, as a ratio to nginx and curl: it hardly depends on what else the machine
does. Memory is each process's peak over all rounds. With --digest, `transom get` asks for the file's SHA-256 and checks
it; the server makes it once, before the rounds.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from statistics import median

from programs import (
    MIB,
    SUITE,
    Client,
    Home,
    Ran,
    Server,
    curl,
    new_home,
    nginx,
    peak_memory,
    processor_time,
    transom_by,
    transom_serve,
)

NAME = "file.bin"


@dataclass
class Pair:
    """A server and a client, and what their runs came to."""

    title: str
    server: Server
    client: Client
    runs: list[Ran] = field(default_factory=list[Ran])
    processor: list[float] = field(default_factory=list[float])

    def run(self, home: Home, scheme: str) -> None:
        before = processor_time(self.server.pid)
        ran = self.client(home, self.server.url(scheme, NAME))
        self.runs.append(ran)
        self.processor.append(ran.processor + processor_time(self.server.pid) - before)

    def speed(self, peer: Pair) -> float:
        """How many times faster than `peer` the transfer is."""
        return median(theirs.transfer / own.transfer for theirs, own in zip(peer.runs, self.runs, strict=True))

    def command_speed(self, peer: Pair) -> float:
        """How many times faster than `peer` the whole command is."""
        return median(theirs.seconds / own.seconds for theirs, own in zip(peer.runs, self.runs, strict=True))

    def effort(self, peer: Pair) -> float:
        """How many times the processor time of `peer`."""
        return median(own / theirs for theirs, own in zip(peer.processor, self.processor, strict=True))


def main() -> None:
    options = arguments()
    print(f"{options.mib} MiB from the page cache to /dev/null; median of {options.rounds} rounds")
    print(f"TLS at transom's ends by: {options.tls}")

    get = transom_by("--tls", options.tls, *(["--verify"] if options.digest else []))
    with new_home() as home, transom_serve(home, "--tls", options.tls) as ours, nginx(home) as theirs:
        home.add_file(NAME, options.mib * MIB)
        for scheme in options.scheme or ("https", "http"):
            pairs = [
                Pair("nginx → curl", theirs, curl),
                Pair("transom serve → transom get", ours, get),
                Pair("transom serve → curl", ours, curl),
                Pair("nginx → transom get", theirs, get),
            ]
            measure(pairs, home, scheme, options.rounds)
            report(pairs, scheme, options.mib)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024, help="the size of the file (default: 1024)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each pair (default: 5)")
    parser.add_argument("--scheme", action="append", choices=("https", "http"), help="one alone (default: both)")
    parser.add_argument("--tls", choices=("transom", "openssl"), default="transom", help="who speaks TLS for transom")
    parser.add_argument("--digest", action="store_true", help="transom get checks a digest (--verify)")
    return parser.parse_args()


def measure(pairs: list[Pair], home: Home, scheme: str, rounds: int) -> None:
    for pair in pairs:
        pair.client(home, pair.server.url(scheme, NAME))  # to warm up: not counted
    for _ in range(rounds):
        for pair in pairs:
            pair.run(home, scheme)


def report(pairs: list[Pair], scheme: str, mib: int) -> None:
    print(f"\n{scheme.upper()}{f' ({SUITE})' if scheme == 'https' else ''}")
    print(f"{'':30}{'MB/s':>6}{'× speed':>9}{'× command':>11}{'× processor':>13}{'server MiB':>12}{'client MiB':>12}")
    for pair in pairs:
        rate = mib * MIB / 1e6 / median(run.transfer for run in pair.runs)
        server, client = peak_memory(pair.server.pid), max(run.peak for run in pair.runs)
        ratios = f"{pair.speed(pairs[0]):9.2f}{pair.command_speed(pairs[0]):11.2f}{pair.effort(pairs[0]):13.2f}"
        print(f"{pair.title:30}{rate:6.0f}{ratios}{server:12.0f}{client:12.0f}", flush=True)


if __name__ == "__main__":
    main()
