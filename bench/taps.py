"""What the taps in a Python cost: a download by its libraries alone, in `transom.trace`, and in `transom run --python`.

    python bench/taps.py [--mib 256] [--rounds 5] [--scheme https]

nginx on loopback to a Python program that reads a file and throws it away. In a round each way has one turn. "transfer"
is what the program says that it took, a block's end with it, since that waits until all has been looked at; "its
processor" the processor time of the program in it, all threads; "processor" that of the whole command, with its start
and whoever looks on. Printed are medians of the ratio to the program alone within one round.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from statistics import median

from programs import MIB, TRANSOM, Home, Ran, Server, new_home, nginx, run

NAME = "file.bin"
LIBRARIES = ("http.client", "requests", "asyncio")
WAYS = ("alone", "trace()", "trace(FILE)", "run --python")

PROGRAM = """
import ssl, sys, time
library, url, ca, way, path = sys.argv[1:]
host, port = url.split("/")[2].split(":")

def by_http_client():
    import http.client
    if url.startswith("https"):
        connection = http.client.HTTPSConnection(host, int(port), context=ssl.create_default_context(cafile=ca))
    else:
        connection = http.client.HTTPConnection(host, int(port))
    connection.request("GET", "/" + url.split("/")[3])
    answer = connection.getresponse()
    while answer.read(2**18):
        pass

def by_requests():
    session = requests.Session()
    session.trust_env = False
    for _ in session.get(url, verify=ca, stream=True).iter_content(2**18):
        pass

def by_asyncio():
    import asyncio
    async def fetch():
        tls = ssl.create_default_context(cafile=ca) if url.startswith("https") else None
        reader, writer = await asyncio.open_connection(host, int(port), ssl=tls)
        writer.write(f"GET /{url.split('/')[3]} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n".encode())
        while await reader.read(2**18):
            pass
        writer.close()
    asyncio.run(fetch())

if library == "requests":
    import requests
if way == "alone":
    from contextlib import nullcontext as looking
else:
    import transom.tracing.block  # which is no part of what is measured
    looking = lambda: transom.trace(path or None)
began, used = time.perf_counter(), time.process_time()
with looking():
    {"http.client": by_http_client, "requests": by_requests, "asyncio": by_asyncio}[library]()
print(time.perf_counter() - began, time.process_time() - used)
"""


@dataclass(frozen=True)
class Turn:
    """A run of the command, and the seconds of a processor that the program itself says that its transfer took."""

    ran: Ran
    own: float


def main() -> None:
    options = arguments()
    with new_home() as home, nginx(home) as server:
        home.add_file(NAME, options.mib * MIB)
        for library in LIBRARIES:
            rounds = [
                [download(home, server, options.scheme, library, way) for way in WAYS] for _ in range(options.rounds)
            ]
            report(library, rounds, options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=256, help="the size of the file (default: 256)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each way (default: 5)")
    parser.add_argument("--scheme", choices=("https", "http"), default="https", help="(default: https)")
    return parser.parse_args()


def download(home: Home, server: Server, scheme: str, library: str, way: str) -> Turn:
    trace = home.path / "trace.pcapng"
    file = str(trace) if way == "trace(FILE)" else ""
    inner = "trace" if way.startswith("trace") else "alone"
    command = [sys.executable, "-c", PROGRAM, library, server.url(scheme, NAME), str(home.ca), inner, file]
    if way == "run --python":
        command = [*TRANSOM, "run", "--python", "--silent", "--", *command]
    said, ran = run(command, home)
    trace.unlink(missing_ok=True)
    transfer, own = map(float, said.split())
    return Turn(ran(transfer), own)


def report(library: str, rounds: list[list[Turn]], options: argparse.Namespace) -> None:
    print(f"{library}, {options.mib} MiB over {options.scheme}; median of {options.rounds} rounds")
    print(f"{'':14}{'MB/s':>6}{'× transfer':>12}{'× its processor':>17}{'× processor':>13}{'MiB':>6}")
    for column, way in enumerate(WAYS):
        pairs = [(row[0], row[column]) for row in rounds]
        rate = options.mib * MIB / 1e6 / median(this.ran.transfer for _, this in pairs)
        transfer = median(this.ran.transfer / alone.ran.transfer for alone, this in pairs)
        own = median(this.own / alone.own for alone, this in pairs)
        processor = median(this.ran.processor / alone.ran.processor for alone, this in pairs)
        peak = max(this.ran.peak for _, this in pairs)
        print(f"{way:14}{rate:6.0f}{transfer:12.2f}{own:17.2f}{processor:13.2f}{peak:6.0f}", flush=True)


if __name__ == "__main__":
    main()
