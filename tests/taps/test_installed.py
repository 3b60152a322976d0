"""Who is told, of what: several at once, and one set of taps in a process."""

from __future__ import annotations

import ssl
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from transom.taps import events, installed
from transom.taps.events import KEYS, OWN_LOG, SHARED_LOG
from transom.taps.wire import HUB

LINE = b"CLIENT_RANDOM 00 11\n"


class Told:
    """A sink that keeps the lines of key logs: whose log, and what."""

    def __init__(self, known_log: str = "") -> None:
        self.known_log = known_log
        self.keys: list[tuple[int, bytes]] = []

    def __call__(self, kind: int, number: int, time: int, payload: bytes) -> None:
        if kind == KEYS:
            self.keys.append((number, payload))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "keys.log"
    path.touch()
    return path


def begin_to_log(path: Path) -> None:
    """Somebody begins to speak TLS in a context that logs there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.keylog_filename = str(path)
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")


def append(path: Path, line: bytes) -> None:
    with path.open("ab") as file:
        file.write(line)


def test_a_log_that_one_of_two_knows_is_told_to_the_other_alone(log: Path) -> None:
    knows, does_not = Told(str(log)), Told()
    installed.add(knows)
    installed.add(does_not)
    try:
        begin_to_log(log)
        append(log, LINE)
        installed.settle()
        assert (knows.keys, does_not.keys) == ([], [(SHARED_LOG, LINE)])
    finally:
        installed.remove(does_not)
    append(log, LINE)
    installed.settle()
    installed.remove(knows)
    assert (knows.keys, does_not.keys) == ([], [(SHARED_LOG, LINE)])


def test_of_a_log_that_all_know_no_descriptor_is_kept(log: Path) -> None:
    def open_there() -> int:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return sum(link.resolve() == log for link in links)

    knows, does_not = Told(str(log)), Told()
    installed.add(knows)
    try:
        begin_to_log(log)
        with_context = open_there()
        installed.add(does_not)
        begin_to_log(log)
        assert open_there() > with_context
        installed.remove(does_not)
        begin_to_log(log)
        assert open_there() <= with_context
    finally:
        installed.remove(knows)


def test_what_is_lent_is_the_process_own() -> None:
    told = Told()
    installed.add(told)
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
        append(Path(str(context.keylog_filename)), LINE)
        installed.settle()
    finally:
        installed.remove(told)
    assert [(number, lines.endswith(LINE)) for number, lines in told.keys] == [(OWN_LOG, True)]
    assert HUB.keys is None


@pytest.mark.parametrize("edition", [events.EDITION, events.EDITION + 1, None])
def test_the_taps_of_a_run_around_it_are_used_if_they_are_of_the_same_edition(
    edition: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_a_run = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "_transom_taps.installed", of_a_run)
    named = {} if edition is None else {"EDITION": edition}
    monkeypatch.setitem(sys.modules, "_transom_taps.events", SimpleNamespace(**named))
    expected = of_a_run if edition == events.EDITION else installed
    assert installed.of_this_process() is expected


def test_without_a_run_around_it_a_process_has_its_own() -> None:
    assert installed.of_this_process() is installed


def test_nobody_goes_on_before_the_keys_that_another_thread_has_found_are_told(log: Path) -> None:
    """Else the bytes that they open would be told first."""
    found, goes_on = threading.Event(), threading.Event()
    order: list[str] = []

    def sink(kind: int, number: int, time: int, payload: bytes) -> None:
        if kind == KEYS:
            found.set()
            goes_on.wait(20)
            order.append("keys")

    def settle() -> None:
        installed.settle()
        order.append("other")

    installed.add(sink)
    try:
        begin_to_log(log)
        append(log, LINE)
        finder = threading.Thread(target=installed.settle)
        finder.start()
        assert found.wait(20)
        other = threading.Thread(target=settle)
        other.start()
        other.join(0.2)  # it waits; where it did not, it would be over by now
        goes_on.set()
        for thread in (finder, other):
            thread.join(20)
    finally:
        installed.remove(sink)
    assert order[0] == "keys"
    assert order[-1] == "other"
