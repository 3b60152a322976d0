"""What looking on costs: a download told by --explain, kept by --trace, or both, beside one that nobody watches.

    python bench/trace.py [--mib 1024] [--rounds 5]

Over HTTPS on loopback, `transom serve` to `transom get -o /dev/null`. In a round each way has one turn. Measured is
the client's whole run, its start and end included; printed is the median over the rounds of its time to the plain one's
within one round. The trace is written to a folder of temporary files, and thrown away between two runs.
"""

from __future__ import annotations

import argparse
from statistics import median

from programs import MIB, Home, Ran, Server, new_home, transom_get, transom_serve

NAME = "file.bin"
WAYS = ("plain", "--explain", "--trace", "--explain --trace")


def main() -> None:
    options = arguments()
    with new_home() as home, transom_serve(home) as server:
        home.add_file(NAME, options.mib * MIB)
        for way in WAYS:
            download(home, server, way)  # to warm up: not counted
        rounds = [[download(home, server, way) for way in WAYS] for _ in range(options.rounds)]
    report(rounds, options.mib)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024, help="the size of the file (default: 1024)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each way (default: 5)")
    return parser.parse_args()


def download(home: Home, server: Server, way: str) -> Ran:
    trace = home.path / "trace.pcapng"
    given = {"plain": [], "--explain": ["--explain"], "--trace": ["--trace", str(trace)]}
    options = [option for name in way.split() for option in given[name]]
    ran = transom_get(home, server.url("https", NAME), *options)
    trace.unlink(missing_ok=True)
    return ran


def report(rounds: list[list[Ran]], mib: int) -> None:
    print(f"{mib} MiB over HTTPS; median of {len(rounds)} rounds")
    print(f"{'':24}{'MB/s':>6}{'× plain time':>14}{'client MiB':>12}")
    for column, way in enumerate(WAYS):
        rate = mib * MIB / 1e6 / median(row[column].seconds for row in rounds)
        cost = median(row[column].seconds / row[0].seconds for row in rounds)
        print(f"{way:24}{rate:6.0f}{cost:14.2f}{max(row[column].peak for row in rounds):12.0f}")


if __name__ == "__main__":
    main()
