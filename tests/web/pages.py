"""Pages of captures, live and as reports, for the tests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.real.transom import User
from transom.cli.pages import telling_of
from transom.dissect.captured import keys_for
from transom.dissect.telling import Looking
from transom.web.model.opened import Kind, OpenedCapture
from transom.web.report import report
from transom.web.server import PageAddress, start_page


def demo_trace(folder: Path) -> Path:
    """What `transom demo` leaves: 0 HTTP, 1 TLS 1.2 with ECDHE, 2 with static RSA, 3 TLS 1.3, 4 an upload."""
    user = User.new(folder)
    ran = user.run("demo")
    assert ran.exit_code == 0, ran.stderr
    return user.folder / "trace.pcapng"


def opened(capture: Path, kind: Kind = "masked", *, read: bool = True) -> OpenedCapture:
    looking = Looking(hash_bodies=True)
    if kind != "without-keys":
        looking = Looking(keys_for(capture, []), hash_bodies=True)
    page = OpenedCapture(capture, looking, telling_of(kind, "en"), capture.name, kind)
    if read:
        page.reader.read_all()
    return page


@contextmanager
def served(capture: Path, kind: Kind = "masked") -> Generator[str]:
    """The address of the live page of a capture, until the block ends."""
    with serving(opened(capture, kind)) as address:
        yield address


@contextmanager
def live_or_report(capture: Path, folder: Path, *, live: bool) -> Generator[str]:
    """The address of the page of a capture: live until the block ends, or of a report of it in this folder."""
    if live:
        with served(capture) as address:
            yield address
        return
    file = folder / "report.html"
    file.write_text(report(opened(capture)), "utf-8")
    yield file.as_uri()


@contextmanager
def serving(page: OpenedCapture) -> Generator[str]:
    """The same of one that is open."""
    with started(page) as address:
        yield address.lasting


@contextmanager
def started(page: OpenedCapture) -> Generator[PageAddress]:
    """The same, with the addresses that lead there once."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        server, address = asyncio.run_coroutine_threadsafe(start_page(page), loop).result()
        try:
            yield address
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(0), loop).result()
            asyncio.run_coroutine_threadsafe(_others_over(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _others_over() -> None:
    """What was cancelled has ended too."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others)
