"""What connections cost that wait for their next request, beside nginx.

    python bench/idle.py [--connections 10000] [--kib 0]

So many keep-alive TLS connections are held on one worker of `transom serve`, with either engine, and of nginx, from
fifty loopback addresses. Each did its handshake and fetched a file of `--kib` (0: of a few bytes), and then waits.
Measured is what the worker has resident with the first and with the last; then all are asked once more, which shows
that they were held. Those that waited for long while others came are asked in between, as no server waits for ever.

Needs a descriptor for each connection here and in the server: `ulimit -Hn` says how many there may be.
"""

from __future__ import annotations

import argparse
import resource
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from programs import KIB, MIB, Home, Server, new_home, nginx, resident_memory, transom_serve

NAME = "file.bin"
REQUEST = f"GET /{NAME} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
ADDRESSES = 50
AT_ONCE = 32
"""Handshakes at a time: nobody has to wait for long."""
LONGEST_WAIT = 30
"""Seconds after which a connection is asked again while others still come."""
SPARE = 128  # descriptors of the bench itself

Talk = Generator[int, None, None]
"""A conversation under way: it gives the events it waits for."""


@dataclass
class Client:
    """One connection. `asked` is when it was last answered."""

    server: tuple[str, int]
    source: str
    tls: ssl.SSLContext
    asked: float = 0
    _socket: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def open(self) -> Talk:
        """Connect, shake hands and ask."""
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self.source, 0))
        self._socket.connect_ex(self.server)
        yield select.EPOLLOUT
        self._socket = tls = self.tls.wrap_socket(
            self._socket, server_hostname="localhost", do_handshake_on_connect=False
        )
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                yield select.EPOLLIN
        yield from self.ask()

    def ask(self) -> Talk:
        """Fetch the file."""
        self._socket.sendall(REQUEST)
        answer, left = b"", -1
        while left:
            try:
                piece = self._socket.recv(256 * KIB)
            except ssl.SSLWantReadError:
                yield select.EPOLLIN
                continue
            if not piece:
                raise SystemExit(f"the server let a connection go: held too few, or too long? It said {answer!r}")
            if left < 0:
                answer += piece
                head, whole, piece = answer.partition(b"\r\n\r\n")
                if not whole:
                    continue
                left = _length(head)
            left -= len(piece)
        self.asked = time.monotonic()


def _length(head: bytes) -> int:
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"the server answered {head.splitlines()[0]!r}")
    fields = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:])
    return int(fields[b"content-length"])


def main() -> None:
    options = arguments()
    count: int = options.connections
    raise_limit(count)
    print(f"{count:,} connections on one worker, which fetched {options.kib} KiB each and wait")
    print(f"{'':30}{'with one':>10}{'with all':>10} MiB{'KiB each':>10}{'× nginx':>9}{'opened in s':>13}")
    with new_home() as home:
        home.add_file(NAME, options.kib * KIB or 6)
        context = ssl.create_default_context(cafile=str(home.ca))
        peer: float | None = None
        for title, running in servers(home, count):
            with running as server:
                first, _ = hold(server, context, 1)
                one = resident_memory(server.pid)
                clients, seconds = hold(server, context, count - 1)
                together = resident_memory(server.pid)
                ask_all(clients)
            for client in (*first, *clients):
                client.close()
            each = (together - one) * MIB / KIB / (count - 1)
            peer = peer or each
            print(f"{title:30}{one:10.0f}{together:10.0f}    {each:10.1f}{each / peer:9.2f}{seconds:13.0f}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=10_000, help="(default: 10000)")
    parser.add_argument(
        "--kib", type=int, default=0, help="the size of the file that each fetched (default: a few bytes)"
    )
    return parser.parse_args()


def raise_limit(count: int) -> None:
    """This process needs a descriptor for each connection, and hands its limit on to the servers."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{count} connections take {wanted} descriptors, and a process may have {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def servers(home: Home, count: int) -> list[tuple[str, AbstractContextManager[Server]]]:
    """Nginx first: the others are compared with it."""
    most = ("--max-connections", str(count))
    return [
        # When less than a sixteenth is free, nginx closes connections that wait.
        ("nginx", nginx(home, connections=count + count // 8 + SPARE)),
        ("transom serve --tls openssl", transom_serve(home, "--tls", "openssl", *most)),
        ("transom serve --tls transom", transom_serve(home, "--tls", "transom", *most)),
    ]


def hold(server: Server, context: ssl.SSLContext, count: int) -> tuple[list[Client], float]:
    """All the connections, and how long it took until they were there."""
    started = time.monotonic()
    address = ("127.0.0.1", server.https_port)
    waiting: deque[Client] = deque()
    coming = (Client(address, f"127.0.0.{2 + number % ADDRESSES}", context) for number in range(count))

    def next_talk() -> tuple[Client, Talk] | None:
        if waiting and waiting[0].asked < time.monotonic() - LONGEST_WAIT:
            client = waiting.popleft()
            return client, client.ask()
        newcomer = next(coming, None)
        return None if newcomer is None else (newcomer, newcomer.open())

    converse(next_talk, waiting.append)
    return list(waiting), time.monotonic() - started


def ask_all(clients: list[Client]) -> None:
    """Raises SystemExit when one was not held."""
    left = iter(clients)

    def next_talk() -> tuple[Client, Talk] | None:
        following = next(left, None)
        return None if following is None else (following, following.ask())

    converse(next_talk, lambda _: None)


def converse(next_talk: Callable[[], tuple[Client, Talk] | None], done: Callable[[Client], None]) -> None:
    """Carry out one conversation after the other, a few at a time, until there is none."""
    with select.epoll() as poll:
        running: dict[int, tuple[Client, Talk]] = {}

        def go_on(client: Client, talk: Talk) -> None:
            events = next(talk, None)
            if events is None:
                done(client)
                return
            running[client.fileno()] = client, talk
            poll.register(client.fileno(), events)

        while True:
            while len(running) < AT_ONCE and (begun := next_talk()) is not None:
                go_on(*begun)
            if not running:
                return
            for descriptor, _ in poll.poll():
                poll.unregister(descriptor)
                go_on(*running.pop(descriptor))


if __name__ == "__main__":
    main()
