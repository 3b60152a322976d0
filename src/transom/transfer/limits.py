"""What a server bears from its clients."""

from __future__ import annotations

from dataclasses import field

from transom.net.listen import MOST_CONNECTIONS
from transom.net.session import Timeouts
from transom.value import value


@value
class ServerLimits:
    """Beyond these a client is told so, where it still listens, and let go."""

    head: float = 30.0
    """Seconds for a whole request head, from its first byte; for the first of a connection, from there."""
    keep: float = 75.0
    """Seconds from a response to the first byte of a next request: as long as nginx waits."""
    body_rate: int = 1024
    """Bytes a second of a request's body, at least, in each stretch of `body_stretch`."""
    body_stretch: float = 30.0
    """Seconds over which the rate of a body is looked at; the first is a grace as well."""
    connections: int = MOST_CONNECTIONS
    """At a time, over HTTPS and HTTP together."""
    connections_each: int = MOST_CONNECTIONS // 2
    """At a time from one address (IPv6: from one /64): nobody has all of them."""
    timeouts: Timeouts = field(default_factory=Timeouts)

    @classmethod
    def holding(cls, connections: int) -> ServerLimits:
        """The usual limits, with room for so many connections, half of them from one address."""
        return cls(connections=connections, connections_each=max(connections // 2, 1))
