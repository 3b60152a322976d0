"""The most memory that a transfer takes, however large the file and slow the other end.

    python bench/memory.py [--gib 10] [--seconds 5]

A file of so many GiB (sparse: it is on no disk) goes over HTTPS, with either engine, beside nginx and curl. Whole, into
/dev/null; to a reader that takes 1 MB a second, for so many seconds; and out of the client into a pipe that is read at
that rate. Printed is each process's peak.
"""

from __future__ import annotations

import argparse
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Sequence

from programs import (
    MIB,
    Client,
    Home,
    Server,
    curl,
    curl_command,
    new_home,
    nginx,
    peak_memory,
    transom_by,
    transom_command,
    transom_serve,
)

NAME = "file.bin"
RATE = 1_000_000
LOOKS = 20  # at the pace, a second


def main() -> None:
    options = arguments()
    print(f"{options.gib} GiB over HTTPS; slowly is at {RATE / 1e6:g} MB/s, for {options.seconds} s; peaks in MiB")
    print(f"{'':30}{'server':>8}{'client':>8}{'server, read slowly':>21}{'client, read slowly':>21}")
    with new_home() as home:
        with (home.share / NAME).open("wb") as file:
            file.truncate(options.gib * 1024 * MIB)
        with nginx(home) as server:
            into_pipe = curl_command(home, server.url("https", NAME), "-")
            report("nginx → curl", server, home, curl, into_pipe, options.seconds)
        for engine in ("openssl", "transom"):
            with transom_serve(home, "--tls", engine) as server:
                into_pipe = transom_command(server.url("https", NAME), "-", "--tls", engine)
                report(
                    f"transom, --tls {engine}", server, home, transom_by("--tls", engine), into_pipe, options.seconds
                )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=int, default=10, help="the size of the file (default: 10)")
    parser.add_argument("--seconds", type=int, default=5, help="for how long it is read slowly (default: 5)")
    return parser.parse_args()


def report(
    title: str,
    server: Server,
    home: Home,
    client: Client,
    into_pipe: Sequence[str],
    seconds: int,
) -> None:
    read_slowly(server, home, seconds)
    slow_server = peak_memory(server.pid)
    slow_client = piped_slowly(into_pipe, home, seconds)
    ran = client(home, server.url("https", NAME))
    figures = f"{peak_memory(server.pid):8.0f}{ran.peak:8.0f}{slow_server:21.0f}{slow_client:21.0f}"
    print(f"{title:30}{figures}", flush=True)


def read_slowly(server: Server, home: Home, seconds: int) -> None:
    """Ask for the file and take little of it."""
    context = ssl.create_default_context(cafile=str(home.ca))
    with (
        socket.create_connection(("127.0.0.1", server.https_port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(f"GET /{NAME} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        if not connection.recv(12).startswith(b"HTTP/1.1 200"):
            raise SystemExit("the server does not send the file")
        at_the_rate(connection.recv, seconds)


def piped_slowly(command: Sequence[str], home: Home, seconds: int) -> float:
    """The peak of a client of whose output little is taken."""
    with subprocess.Popen(command, env=home.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        if process.stdout is None:
            raise SystemExit("no pipe")
        output = process.stdout.fileno()
        at_the_rate(lambda size: os.read(output, size), seconds)
        peak = peak_memory(process.pid)
        process.kill()
    return peak


def at_the_rate(read: Callable[[int], bytes], seconds: int) -> None:
    """Read and wait by turns. Raises SystemExit when there is no more to read: nothing would be shown."""
    for _ in range(seconds * LOOKS):
        left = RATE // LOOKS
        while left:
            piece = read(left)
            if not piece:
                raise SystemExit("the file ended, or whoever sent it")
            left -= len(piece)
        time.sleep(1 / LOOKS)


if __name__ == "__main__":
    main()
