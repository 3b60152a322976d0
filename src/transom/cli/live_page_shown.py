"""The other half of `live_page`: the process that reads a growing trace and serves its page."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from transom.capture.growth import Growth
from transom.cli.live_page import OVER
from transom.cli.pages import Shown, has_browser, open_browser, open_page
from transom.cli.roots import trust_store
from transom.cli.words import Lang, choose_language, words
from transom.dissect.telling import Looking
from transom.errors import TransomError
from transom.tls.keys.keylog import KeyLog
from transom.transfer.serve import Server, run_server
from transom.web.server import PageAddress, start_page
from transom.wire.escape import escape

_ENDED_BY = signal.SIGTERM


@dataclass
class _Told:
    """What the first half says."""

    trace: str
    name: str
    lang: str
    table: bool
    cacert: str | None


def main() -> int:
    """Serve until standard input ends."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # whoever started this may hold back what ends it
    told = _Told(**json.loads(sys.argv[1]))
    try:
        _show(told)
    except TransomError as error:
        text = words(choose_language(told.lang, os.environ))
        print(f"transom: --view: {escape(text.tell(error))}", file=sys.stderr)
        return 1
    return 0


def _show(told: _Told) -> None:
    lang = choose_language(told.lang, os.environ)
    keys = KeyLog()
    growth = Growth(keys.receive)
    store = trust_store(None if told.cacert is None else Path(told.cacert))
    page = open_page(
        Path(told.trace), Looking(keys, store=store, hash_bodies=True), Shown(told.name, lang), growth=growth
    )

    async def starting() -> Server:
        _listen(growth)
        server, address = await start_page(page)
        _offer(address, "#list=open" if told.table else "", lang)
        return server

    run_server(starting, (_ENDED_BY,))


def _offer(address: PageAddress, state: str, lang: Lang) -> None:
    """Between the lines of the first half, whose progress may stand there."""
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""
    opens = has_browser(os.environ)
    text = words(lang).say("live.opened" if opens else "live.elsewhere", address=address.lasting + state)
    print(f"{clear}{text}", file=sys.stderr, flush=True)
    if opens:
        open_browser(address.once() + state)


def _listen(growth: Growth) -> None:
    """To the first half: what it says is that nothing more is written; that it says nothing more is the end."""
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def heard() -> None:
        said = os.read(descriptor, 64)
        if OVER in said:
            growth.over = True
        if not said:
            loop.remove_reader(descriptor)
            signal.raise_signal(_ENDED_BY)

    loop.add_reader(descriptor, heard)


if __name__ == "__main__":
    raise SystemExit(main())
