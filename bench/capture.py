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
from collections.abc import Callable, Collection

from transom.net import packet_filter
from transom.net.packet_socket import PacketSocket
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

WAITS = "import socket, sys; one = socket.socket(); print(flush=True); sys.stdin.read()"
WAITS_FOR_ALL = WAITS.replace("print(", "one.listen(); print(")
"""It listens where the kernel chooses, so that all TCP is taken."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connects", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=2000, help="of others, while nothing of the command's is")
    parser.add_argument("--mib", type=int, default=256, help="of others, in one connection")
    parser.add_argument("--datagrams", type=int, default=20000, help="of others, of 1200 bytes")
    options = parser.parse_args()

    alone, noticed = _connect(options.connects, behind=False), _connect(options.connects, behind=True)
    print(f"connect(2) to loopback, median: {noticed:.0f} µs where it is noticed, {alone:.0f} µs alone")
    for command, which in ((WAITS, "by port"), (WAITS_FOR_ALL, "all TCP")):
        idle = _capture(command, lambda: None)
        spent = (_capture(command, lambda: _many(options.connections)) - idle) / options.connections
        print(f"a connection of others, {which}: {spent * 1e3:.3f} ms of a capture's processor time")
        spent = (_capture(command, lambda: _much(options.mib)) - idle) / options.mib * 1024
        print(f"a GiB of others, {which}: {spent:.2f} s of a capture's processor time")
    spent = (_capture(WAITS_FOR_ALL, lambda: _datagrams(options.datagrams)) - idle) / options.datagrams
    print(f"a datagram of others: {spent * 1e6:.1f} µs of a capture's processor time")
    for ports, which in (((), "by port"), (None, "all TCP")):
        handed, dropped = _handed_over(options.mib, ports)
        print(f"packets of {options.mib} MiB of others, {which}: {handed:,} handed over, {dropped:,} dropped")


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


def _capture(command: str, meanwhile: Callable[[], object]) -> float:
    """Seconds of processor time of a run whose command, a Python program, waits until `meanwhile` is done."""
    words = [sys.executable, "-m", "transom", "run", "--capture", "-s", "--", sys.executable, "-c", command]
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


def _handed_over(mib: int, ports: Collection[int] | None) -> tuple[int, int]:
    """How many packets the kernel hands over, and how many it has no room for, while nobody reads."""
    packets = PacketSocket()
    with socket.socket(fileno=os.dup(packets.fileno())) as there:
        packet_filter.attach(there, ports)
    packets.dropped()
    _much(mib)
    handed = 0
    while frames := packets.read(2**20):
        handed += len(frames)
    dropped = packets.dropped()
    packets.close()
    return handed, dropped


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
