"""The command led through the tunnel, and its Python programs told of from within where that is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from transom.net.descriptors import room_for
from transom.run.admission import Admission
from transom.run.child import spawn
from transom.run.environment import environment_for
from transom.run.java import ForJava
from transom.run.outward import Outward
from transom.run.ran import Ran
from transom.run.tunnel import MOST_CONNECTIONS, Tunnel
from transom.run.watch import Watch
from transom.run.within import receiver_for


class Led:
    """The tunnel is there from `started` to `close`. Raises UsageError for a proxy that cannot be used."""

    def __init__(
        self,
        watch: Watch,
        environ: Mapping[str, str],
        key_log: Path,
        *,
        keep_no_proxy: bool,
        taps: bool,
        java: ForJava,
    ) -> None:
        self._environ = environ
        self._key_log = key_log
        self._keep_no_proxy = keep_no_proxy
        self._java = java
        self._watch = watch
        self._looking: asyncio.Task[None] | None = None
        self._admission = Admission()
        self._tunnel = Tunnel(self._admission, Outward(environ), watch)
        self._within = receiver_for(watch, self._tunnel.endpoint) if taps else None

    spawn = staticmethod(spawn)

    def environment(self) -> dict[str, str]:
        """For the command: what leads it through the tunnel."""
        url, keep_no_proxy = self._tunnel.url, self._keep_no_proxy
        environment = environment_for(self._environ, url, self._key_log, keep_no_proxy=keep_no_proxy)
        tunnel = self._tunnel.endpoint
        environment = self._java.environment(environment, self._key_log, tunnel, keep_no_proxy=keep_no_proxy)
        if self._within is not None:
            environment = self._within.environment(environment)
            self._within.start()
        return environment

    def started(self, command: int) -> None:
        """The command's process."""
        self._admission.command = command
        self._watch.ran = Ran(command, self._key_log)
        self._looking = asyncio.create_task(self._watch.ran.keep_looking())
        # Only now: the command has the limits that it would have without us. A connection has an end on either side.
        self._tunnel.places = max(1, room_for(2 * MOST_CONNECTIONS) // 2)
        self._tunnel.start()

    async def all_over(self, seconds: float) -> None:
        """Wait until no connection is open any more, for so long at most."""
        await self._tunnel.all_over(seconds)

    async def close(self) -> None:
        """No more connections."""
        if self._looking is not None:
            self._looking.cancel()
        await self._tunnel.close()
        if self._within is not None:
            self._within.close()
