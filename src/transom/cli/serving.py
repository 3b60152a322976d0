"""`serve` at work: on one loop, or in several processes that share the ports."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from transom.channel.interface import Channel
from transom.net.bind import PortTaken, Sockets, bind, close, endpoint_of
from transom.transfer.limits import ServerLimits
from transom.transfer.serve import Server, run_server
from transom.transfer.server_session import Log
from transom.transfer.site import Site
from transom.transfer.workers import WORKER_STOPPED_BY, Broke, run_workers
from transom.value import value
from transom.wire.tap import Endpoint, Tap


@value
class Offer:
    """What is served, over which channel where it is HTTPS, and who looks on."""

    site: Site
    tls: Callable[[], Channel]
    traced: Callable[[], Tap] | None
    log: Log | None
    limits: ServerLimits

    async def serve(self, ports: Ports) -> Server:
        """A server that listens on these."""
        server = Server(self.site, log=self.log, limits=self.limits)
        await server.take(ports.https, self.tls, self.traced)
        await server.take(ports.http, tap_factory=self.traced)
        return server


@value
class Ports:
    """The sockets of one process."""

    https: Sockets
    http: Sockets

    def close(self) -> None:
        """Leave them to whoever else has them."""
        close(self.https)
        close(self.http)


Announce = Callable[[Sequence[Endpoint], Sequence[Endpoint]], None]
"""Told where HTTPS is spoken, and where HTTP."""


def serve(offer: Offer, ports: Sequence[Ports], announce: Announce, broke: Broke) -> None:
    """Serve until SIGINT or SIGTERM, with a process for each of `ports`: this one, if that is all.

    `broke` is told of a worker that breaks while others go on.
    """
    if len(ports) == 1:
        _serve_here(offer, ports[0], announce)
    else:
        _serve_in_workers(offer, ports, announce, broke)


@contextmanager
def taken_ports(hosts: Sequence[str], https: int, http: int | None, workers: int) -> Generator[list[Ports]]:
    """The ports of each worker, all at the same addresses. Raises UsageError when they cannot be taken."""
    taken: list[Sockets] = []
    try:
        taken += _taken("--port", hosts, https, workers)
        taken += _taken("--http-port", hosts, http, workers) if http is not None else [[] for _ in range(workers)]
        yield [Ports(*both) for both in zip(taken[:workers], taken[workers:], strict=True)]
    finally:
        for sockets in taken:
            close(sockets)


def _taken(option: str, hosts: Sequence[str], port: int, workers: int) -> list[Sockets]:
    try:
        return bind(hosts, port, workers)
    except PortTaken as error:
        from transom.cli.taken_port import told_plainly  # here: only who cannot begin needs it

        raise told_plainly(error, option, hosts) from error


def _serve_here(offer: Offer, ports: Ports, announce: Announce) -> None:
    async def start() -> Server:
        server = await offer.serve(ports)
        _announce(ports, announce)  # when the signals are heard already: who reads it may end us at once
        return server

    run_server(start)


def _serve_in_workers(offer: Offer, ports: Sequence[Ports], announce: Announce, broke: Broke) -> None:
    def work(number: int) -> None:
        for others in (*ports[:number], *ports[number + 1 :]):
            others.close()
        run_server(lambda: offer.serve(ports[number]), WORKER_STOPPED_BY)

    def started() -> None:
        _announce(ports[0], announce)
        for theirs in ports:
            theirs.close()

    run_workers(len(ports), work, started, broke)


def _announce(ports: Ports, announce: Announce) -> None:
    announce([endpoint_of(bound) for bound in ports.https], [endpoint_of(bound) for bound in ports.http])
