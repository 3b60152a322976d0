"""One run: the tunnel is there, the command is started, and when it has ended so does the tunnel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from transom.net.descriptors import room_for
from transom.run.admission import Admission
from transom.run.child import Child, Ended, start
from transom.run.environment import environment_for
from transom.run.key_log import KeyLogFile
from transom.run.outward import Outward
from transom.run.signals import Held
from transom.run.tunnel import Tunnel
from transom.run.watch import ReadLog, Watch
from transom.run.within import receiver_for
from transom.value import value

MOST_CONNECTIONS = 2000


@value
class Command:
    """What to run: its words, the environment to start from, whether NO_PROXY is to be kept in it.

    `signals` are held back by now. `grace` is how many seconds the tunnel stays for what the command has left running
    in the background. With `taps` the Python programs in it are told of from within as well.
    """

    words: Sequence[str]
    environ: Mapping[str, str]
    signals: Held
    keep_no_proxy: bool = False
    grace: float = 5.0
    taps: bool = False


async def run_command(command: Command, make_watch: Callable[[ReadLog], Watch]) -> Ended:
    """Run it to its end. Raises TransferError when it cannot be started, UsageError for a proxy that cannot be used."""
    command.signals.let_through()
    key_log = KeyLogFile()
    try:
        watch = make_watch(key_log.read)
        admission = Admission()
        tunnel = Tunnel(admission, Outward(command.environ), watch)
        environment = environment_for(command.environ, tunnel.url, key_log.path, keep_no_proxy=command.keep_no_proxy)
        within = receiver_for(watch, tunnel.endpoint) if command.taps else None
        if within is not None:
            environment = within.environment(environment)
            within.start()
        try:
            child = start(command.words, environment, command.signals.mask)
            admission.command = child.pid
            room_for(MOST_CONNECTIONS)  # only now: the command has the limits that it would have without us
            tunnel.start()
            return await _to_its_end(child, tunnel, command.grace)
        finally:
            await tunnel.close()
            if within is not None:
                within.close()
            watch.finish()
    finally:
        key_log.close()


async def _to_its_end(child: Child, tunnel: Tunnel, grace: float) -> Ended:
    try:
        ended = await child.over
        lingering = asyncio.create_task(tunnel.all_over(grace))
        interrupted = asyncio.create_task(child.interrupted.wait())
        await asyncio.wait([lingering, interrupted], return_when=asyncio.FIRST_COMPLETED)
        for task in (lingering, interrupted):
            task.cancel()
        return ended
    finally:
        child.release()
