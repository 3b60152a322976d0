"""One run: there is a way to see its connections, the command is started, and when it has ended so does the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from transom.run.child import Child, Ended, Spawn, start
from transom.run.java import ForJava
from transom.run.key_log import KeyLogFile
from transom.run.led import Led
from transom.run.signals import Held
from transom.run.watch import ReadLog, Watch
from transom.value import value


@value
class Command:
    """What to run: its words, the environment to start from, whether NO_PROXY is to be kept in it.

    `signals` are held back by now. `grace` is how many seconds the tunnel stays for what the command has left running
    in the background. With `taps` the Python programs in it are told of from within as well; `java` is for its JVMs.
    With `capture` there is no tunnel: the command's packets are taken from the interfaces.
    """

    words: Sequence[str]
    environ: Mapping[str, str]
    signals: Held
    keep_no_proxy: bool = False
    grace: float = 5.0
    taps: bool = False
    capture: bool = False
    java: ForJava = ForJava()


class Way(Protocol):
    """How the command's connections come to be seen: from when it is made until `close`."""

    def environment(self) -> dict[str, str]: ...

    @property
    def spawn(self) -> Spawn: ...

    def started(self, command: int) -> None: ...

    async def all_over(self, seconds: float) -> None: ...

    async def close(self) -> None: ...


async def run_command(command: Command, make_watch: Callable[[ReadLog], Watch]) -> Ended:
    """Run it to its end.

    Raises TransferError when it cannot be started; UsageError, before anything is, for a proxy that cannot be used or
    packets that may not be captured.
    """
    command.signals.let_through()
    key_log = KeyLogFile()
    try:
        watch = make_watch(key_log.read)
        way = _way(command, watch, key_log.path)
        try:
            child = start(command.words, way.environment(), command.signals.mask, way.spawn)
            way.started(child.pid)
            return await _to_its_end(child, way, command.grace)
        finally:
            await way.close()
            watch.finish()
    finally:
        key_log.close()


def _way(command: Command, watch: Watch, key_log: Path) -> Way:
    if command.capture:
        from transom.run.capturing import Capturing  # what it needs would keep every other command waiting

        return Capturing(watch, command.environ, key_log, command.java)
    return Led(
        watch,
        command.environ,
        key_log,
        keep_no_proxy=command.keep_no_proxy,
        taps=command.taps,
        java=command.java,
    )


async def _to_its_end(child: Child, way: Way, grace: float) -> Ended:
    try:
        ended = await child.over
        lingering = asyncio.create_task(way.all_over(grace))
        interrupted = asyncio.create_task(child.interrupted.wait())
        await asyncio.wait([lingering, interrupted], return_when=asyncio.FIRST_COMPLETED)
        for task in (lingering, interrupted):
            task.cancel()
        return ended
    finally:
        child.release()
