"""Whose a connection is that was seen on an interface: the command's, somebody else's, or not known yet."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cached_property, lru_cache

from transom.capture.packets import ACK, SYN, Segment, flow_endpoints
from transom.run.ended_sockets import EndedSockets
from transom.run.family import Family
from transom.run.noticed import Noticed
from transom.run.programs import Program
from transom.run.socket_diag import Found
from transom.run.sockets import Sockets, TcpSockets
from transom.value import value
from transom.wire.tap import Endpoint

End = tuple[Endpoint, Endpoint]


@value
class Ends:
    """The ends of a connection that are on this machine, each as (own, other), and when it was first seen.

    `deciding` are those that have to be known before it is somebody else's: of a connection within this machine, the
    end that connects. The other one's process may be there for years, and tells nothing about it. Of a connection that
    began before anybody looked there are none: the command was not there yet.
    """

    interface: int
    since: int
    """In nanoseconds since the epoch."""
    local: tuple[End, ...]
    deciding: tuple[End, ...]
    connecting: End | None
    """The one that connects, if it is here."""


NOWHERE = Ends(0, 0, (), (), None)


def ends_of(first: Segment, interface: int) -> Ends:
    """By the first segment that was seen of it, on the interface of that number."""
    source, destination = flow_endpoints(first.flow)
    both = (source, destination), (destination, source)
    local = tuple(pair for pair in both if _is_local(pair[0].address, interface))
    if not first.flags & SYN:
        return Ends(interface, first.time, local, (), None)
    connecting = both[1] if first.flags & ACK else both[0]
    if connecting in local:
        return Ends(interface, first.time, local, (connecting,), connecting)
    return Ends(interface, first.time, local, local, None)


def ends_of_refused(ends: Ends) -> Ends:
    """Of one that was answered with a reset: nobody was there to be called, whoever may be by now."""
    local = tuple(end for end in ends.local if end == ends.connecting)
    return Ends(ends.interface, ends.since, local, local, ends.connecting)


def ends_of_datagram(first: Segment, interface: int) -> Ends:
    """By the first one that was seen between two ends: it is whoever sends it that decides, if that is here."""
    source, destination = flow_endpoints(first.flow)
    both = (source, destination), (destination, source)
    local = tuple(pair for pair in both if _is_local(pair[0].address, interface))
    return Ends(interface, first.time, local, both[:1] if both[0] in local else local, None)


@value
class Judged:
    """Whether a connection is the command's, and which program of it was noted to connect it, or to listen there.

    None where the process that would tell has closed its socket by now, or has not taken it yet.
    """

    ours: bool | None
    program: Program | None = None


class Ownership:
    """Looks for the owners of sockets: by what was noted when they were connected, or by who has them now.

    To be asked by one thread. `ended` is None where nobody tells of sockets that are no more.
    """

    def __init__(
        self,
        family: Family,
        noticed: Noticed,
        ended: EndedSockets | None,
        sockets: Callable[[], Sockets] = TcpSockets,
    ) -> None:
        self._family = family
        self._noticed = noticed
        self._ended = ended
        self._sockets = sockets

    def prepare(self) -> None:
        """What takes its time at the first look, before there is anything to look for."""
        with closing(self._sockets()):
            self._family.sockets()

    def judge(self, several: Sequence[Ends]) -> list[Judged]:
        """Of each connection whether it is the command's."""
        self._noticed.take()
        if self._ended is not None:
            self._ended.take()
        with closing(self._sockets()) as sockets:
            look = _Look(self._family, self._noticed, self._ended, sockets)
            return [look.judge(ends) for ends in several]


class _Look:
    """One look: what it has learnt is not looked for again."""

    def __init__(self, family: Family, noticed: Noticed, ended: EndedSockets | None, sockets: Sockets) -> None:
        self._family = family
        self._noticed = noticed
        self._ended = ended
        self._sockets = sockets
        self._known: dict[tuple[Endpoint, int], bool | None] = {}

    def judge(self, ends: Ends) -> Judged:
        found = {end: self._find(end, ends) for end in ends.local}
        ours = self._is_ours(ends, found)
        return Judged(ours, self._program(ends, found) if ours else None)

    def _program(self, ends: Ends, found: Mapping[End, Found]) -> Program | None:
        """Who connects, if it is the command that does, before who listens."""
        if ends.connecting is not None and ends.connecting in found:
            program = self._noticed.program(found[ends.connecting].cookie)
            if program is not None:
                return program
        called = (self._sockets.listener(end[0], ends.interface) for end in ends.local if end != ends.connecting)
        programs = (self._noticed.program(each.cookie) for each in called if each is not None)
        return next((program for program in programs if program is not None), None)

    def _is_ours(self, ends: Ends, found: Mapping[End, Found]) -> bool | None:
        if any(each.cookie in self._noticed for each in found.values()):
            return True
        # Who listens has what comes until it has taken it.
        called = {end: self._is_called(end, found[end], ends) for end in ends.local if end != ends.connecting}
        if True in called.values():
            return True
        connecting = found.get(ends.connecting) if ends.connecting is not None else None
        theirs = self._noticed.complete and connecting is not None and connecting.cookie > 0
        if theirs and None not in called.values():
            return False
        if any(each.inode in self._of_family for each in found.values()):
            return True
        if theirs and self._ended is not None:  # of whoever was called the end will be told, if it is not there
            return None if any(of_ours is None and not found[end].inode for end, of_ours in called.items()) else False
        return False if theirs or all(found[end].inode for end in ends.deciding) else None

    def _find(self, end: End, ends: Ends) -> Found:
        """The socket at an end, or what is known of the one that was there."""
        if self._ended is not None and (cookie := self._ended.cookie(*end, ends.since)):
            return Found(0, cookie)
        return self._sockets.find(*end, ends.interface) or Found(0, 0)

    def _listens(self, own: Endpoint, interface: int) -> bool | None:
        """Whether the command does, at that end; None if nobody does."""
        if (own, interface) not in self._known:
            found = self._sockets.listener(own, interface) or Found(0, 0)
            # What was noted is known though its process is just ending, and has nothing open any more.
            noted = found.cookie in self._noticed
            self._known[own, interface] = (noted or found.inode in self._of_family) if noted or found.inode else None
        return self._known[own, interface]

    def _is_called(self, end: End, found: Found, ends: Ends) -> bool | None:
        """Whether it is the command that is called at this end; None where nobody listens any more."""
        listens = self._listens(end[0], ends.interface)
        return self._listened(end[0], ends.since) if listens is None and found.cookie else listens

    def _listened(self, own: Endpoint, since: int) -> bool | None:
        """Whether the command did until after `since`; None if it is not known of anybody."""
        if self._ended is None:
            return None
        every, nobody = ("::", Endpoint("::", 0)) if ":" in own.address else ("0.0.0.0", Endpoint("0.0.0.0", 0))
        there = (own, Endpoint(every, own.port))
        ended = [cookie for each in there if (cookie := self._ended.cookie(each, nobody, since))]
        return any(cookie in self._noticed for cookie in ended) if ended else None

    @cached_property
    def _of_family(self) -> set[int]:
        return self._family.sockets()


@lru_cache(maxsize=4096)
def _is_local(address: str, interface: int) -> bool:
    """Whether it is an address of this machine: one can only have a socket at one that is."""
    version = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(version, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0, 0, interface) if version == socket.AF_INET6 else (address, 0))
        except OSError:
            return False
    return True
