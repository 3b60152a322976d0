"""What `transom run --capture` costs: a connect(2) of the command, and what others do meanwhile on the same machine.

The latter takes CAP_NET_RAW.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from transom.run.noticed import Noticed

CONNECTS = """
import socket, statistics, sys, time
spent = []
with socket.create_server(("127.0.0.1", 0)) as server:
    for _ in range(int(sys.argv[1])):
        with socket.socket() as one:
            began = time.perf_counter()
            one.connect(server.getsockname())
            spent.append(time.perf_counter() - began)
        server.accept()[0].close()
print(statistics.median(spent) * 1e6, flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connects", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=2000, help="of others, while nothing of the command's is")
    parser.add_argument("--mib", type=int, default=256, help="of others, in one connection")
    parser.add_argument("--datagrams", type=int, default=20000, help="of others, of 1200 bytes")
    options = parser.parse_args()

    alone, noticed = _connect(options.connects, behind=False), _connect(options.connects, behind=True)
    print(f"connect(2) to loopback, median: {noticed:.0f} µs where it is noticed, {alone:.0f} µs alone")
    idle = _capture(lambda: None)
    busy = _capture(lambda: _many(options.connections))
    print(f"a connection of others: {(busy - idle) / options.connections * 1e3:.3f} ms of a capture's processor time")
    busy = _capture(lambda: _much(options.mib))
    by_udp = _capture(lambda: _datagrams(options.datagrams))
    print(f"a datagram of others: {(by_udp - idle) / options.datagrams * 1e6:.1f} µs of a capture's processor time")
    print(f"a GiB of others: {(busy - idle) / options.mib * 1024:.2f} s of a capture's processor time")


def _connect(times: int, *, behind: bool) -> float:
    """The median in microseconds."""
    words = [sys.executable, "-c", CONNECTS, str(times)]
    if not behind:
        return float(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    reads, writes = os.pipe()
    os.set_inheritable(writes, True)
    noticed = Noticed()
    pid = noticed.spawn(["bash", "-c", f'exec "$@" >&{writes} {writes}>&-', "bash", *words], os.environ, ())
    os.close(writes)
    with os.fdopen(reads, encoding="ascii") as said:
        median = float(said.read())
    os.waitpid(pid, 0)
    noticed.close()
    return median


def _capture(meanwhile: Callable[[], object]) -> float:
    """Seconds of processor time of a run whose command waits until `meanwhile` is done."""
    words = [sys.executable, "-m", "transom", "run", "--capture", "-s", "--", "sh", "-c", "echo; read line"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.5)
        meanwhile()
        process.stdin.close()
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return used.ru_utime + used.ru_stime


def _many(connections: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        for _ in range(connections):
            with socket.create_connection(server.getsockname()) as client, server.accept()[0] as accepted:
                client.sendall(b"one")
                accepted.recv(10)


def _datagrams(count: int) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as there, socket.socket(type=socket.SOCK_DGRAM) as here:
        there.bind(("127.0.0.1", 0))
        here.connect(there.getsockname())
        for _ in range(count):
            here.send(bytes(1200))
            there.recv(1200)


def _much(mib: int) -> None:
    piece = bytes(2**20)
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted = server.accept()[0]

        def take() -> None:
            while accepted.recv(2**18):
                pass

        taking = threading.Thread(target=take)
        taking.start()
        with client:
            for _ in range(mib):
                client.sendall(piece)
        taking.join()
        accepted.close()


if __name__ == "__main__":
    main()
