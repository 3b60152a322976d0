"""Happy eyeballs: several addresses are tried with a short start one after the other, and the first to answer is taken.

A host with an IPv6 address that nobody answers at costs a quarter of a second this way, and not the whole timeout of
TCP (RFC 8305).
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any

from transom.errors import Sentence, TransferError, joined
from transom.value import value
from transom.wire.tap import Endpoint

ATTEMPT_DELAY = 0.25
"""Seconds from one attempt to the next (RFC 8305 §5)."""

SocketAddress = tuple[Any, ...]
"""What getaddrinfo gives and connect takes: address and port first."""

Address = tuple[socket.AddressFamily, SocketAddress]


@value
class ReachedSocket:
    """A connected socket, and when its SYN left, in nanoseconds since the epoch."""

    connection: socket.socket
    began: int


class NoneAnswered(TransferError):
    """Every address refused; the message says how each did, and `connect` of which host they were."""


async def reach_first(addresses: Sequence[Address], tried: list[str], delay: float = ATTEMPT_DELAY) -> ReachedSocket:
    """Connect to the first of `addresses` that answers; `tried` grows as we go. Raises NoneAnswered.

    An attempt that fails lets the next one begin at once; one that is slow, after `delay` seconds.
    """
    attempts: list[asyncio.Task[ReachedSocket]] = []
    running: set[asyncio.Task[ReachedSocket]] = set()
    waiting = list(reversed(interleaved(addresses)))
    refusals: list[Sentence] = []
    winner: ReachedSocket | None = None
    try:
        while waiting or running:
            if waiting:
                attempt = asyncio.create_task(_reach(*waiting.pop(), tried))
                attempts.append(attempt)
                running.add(attempt)
            limit = delay if waiting else None
            done, running = await asyncio.wait(running, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            for attempt in done:
                try:
                    winner = attempt.result()
                except NoneAnswered as refusal:
                    refusals.append(refusal.sentence)
                else:
                    return winner
        raise NoneAnswered(joined(refusals))
    finally:
        await _give_up(attempts, winner)


def interleaved(addresses: Sequence[Address]) -> list[Address]:
    """The same addresses, the families by turns, beginning with that of the first (RFC 8305 §4)."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    others = [address for address in addresses if address[0] != addresses[0][0]]
    return [address for address in chain.from_iterable(zip_longest(first, others)) if address is not None]


async def _reach(family: socket.AddressFamily, address: SocketAddress, tried: list[str]) -> ReachedSocket:
    place = str(Endpoint(address[0], address[1]))
    tried.append(place)
    # With the protocol named, asyncio sets TCP_NODELAY; the buffer sizes are left to TCP, which tunes them better.
    try:
        reaching = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:  # no descriptor is left, or this system has no such family
        raise _none_answered(place, error) from error
    began = time.time_ns()
    try:
        reaching.setblocking(False)
        await asyncio.get_running_loop().sock_connect(reaching, address)
    except OSError as error:
        reaching.close()
        raise _none_answered(place, error) from error
    except BaseException:
        reaching.close()
        raise
    return ReachedSocket(reaching, began)


def _none_answered(place: str, error: OSError) -> NoneAnswered:
    # asyncio's own text repeats the address
    return NoneAnswered(
        "{place}: {reason}", place=place, reason=Sentence(os.strerror(error.errno) if error.errno else str(error))
    )


async def _give_up(attempts: Sequence[asyncio.Task[ReachedSocket]], winner: ReachedSocket | None) -> None:
    """End every attempt but the winner's; one that succeeded in the same moment is closed."""
    for attempt in attempts:
        attempt.cancel()
    for result in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(result, ReachedSocket) and result is not winner:
            result.connection.close()
