"""A capture that another program is writing, in `transom view` and a real Chromium: followed until it is closed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.capture.build import ACK, SYN, enhanced, ethernet, interface, pcap, section, tcp
from tests.cli.viewed import VERDICT, ask, await_state
from tests.real.browser import Browser
from tests.real.transom import User
from tests.web.shown import shown

CLIENT, SERVER = ("192.0.2.1", 40000), ("192.0.2.2", 80)
REQUEST = b"GET /f HTTP/1.1\r\nHost: h\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"
FRAMES = [
    tcp(CLIENT, SERVER, 99, flags=SYN),
    tcp(SERVER, CLIENT, 999, 100, flags=SYN | ACK),
    tcp(CLIENT, SERVER, 100, 1000, payload=REQUEST),
    tcp(SERVER, CLIENT, 1000, 100 + len(REQUEST), payload=HEAD + bytes(1000)),
    tcp(SERVER, CLIENT, 2000 + len(HEAD), 100 + len(REQUEST), payload=bytes(1000)),
]


def classic(frames: Sequence[bytes]) -> bytes:
    return pcap([ethernet(frame) for frame in frames])


def new(frames: Sequence[bytes]) -> bytes:
    return section() + interface() + b"".join(enhanced(ethernet(frame), at) for at, frame in enumerate(frames))


@contextmanager
def viewed(user: User, path: Path) -> Generator[str]:
    """Its page, until the block ends."""
    with user.start("view", "--no-browser", path) as process:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.parametrize("made", [classic, new])
def test_it_fills_while_it_is_written_and_is_whole_once_it_is_closed(
    browser: Browser, user: User, made: Callable[[Sequence[bytes]], bytes]
) -> None:
    """As `tcpdump -w` writes: its blocks end anywhere, here within the last packet."""
    path = user.folder / "grows.pcap"
    whole = made(FRAMES)
    path.write_bytes(whole[:-500])
    with path.open("ab", buffering=0) as writer, viewed(user, path) as address, shown(browser, address) as page:
        page.wait_for(f"{VERDICT}.includes('running') && {VERDICT}.includes('so far, 1,000 B')")
        writer.write(whole[-500:])
        page.wait_for(f"{VERDICT}.includes('whole, 2,000 B')")
        assert "running" in page.evaluate(VERDICT)
        writer.close()
        page.wait_for("document.querySelector('transom-page').dataset.state === 'whole'")
        page.wait_for(f"!{VERDICT}.includes('running')")
        assert ask(address, "state")["changed"] is None


def test_of_one_that_was_only_just_created_the_first_bytes_are_waited_for(user: User) -> None:
    path = user.folder / "new.pcap"
    whole = classic(FRAMES)
    with path.open("ab", buffering=0) as writer, user.start("view", "--no-browser", path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert b"new.pcap is empty so far" in process.stderr.readline()
        writer.write(whole)
        writer.close()
        address = process.stdout.readline().decode().strip()
        assert await_state(address, "whole")["conversation"]["over"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_an_empty_one_that_nobody_writes_is_refused(user: User) -> None:
    (user.folder / "empty.pcap").touch()
    ran = user.run("view", "--no-browser", "empty.pcap")
    assert ran.exit_code == 26
    assert "is empty" in ran.stderr


def test_one_that_nobody_writes_is_whole_at_once(user: User) -> None:
    path = user.folder / "plain.pcap"
    path.write_bytes(classic(FRAMES[:-1]))
    with viewed(user, path) as address:
        assert await_state(address, "whole")["conversation"]["over"]


def test_a_file_that_became_shorter_is_said_to_be_and_what_was_read_stays(browser: Browser, user: User) -> None:
    path = user.folder / "cut.pcap"
    path.write_bytes(classic(FRAMES))
    with path.open("r+b", buffering=0) as writer, viewed(user, path) as address, shown(browser, address) as page:
        page.wait_for(f"{VERDICT}.includes('whole, 2,000 B')")
        writer.truncate(24)
        page.wait_for(f"{VERDICT}.includes('The file has become shorter')")
        assert "whole, 2,000 B" in page.evaluate(VERDICT)


def test_a_file_whose_name_another_has_taken_is_said_to_be(browser: Browser, user: User) -> None:
    """As `tcpdump -G` and -C take turns."""
    path = user.folder / "turns.pcap"
    path.write_bytes(classic(FRAMES))
    with viewed(user, path) as address, shown(browser, address) as page:
        page.wait_for(f"{VERDICT}.includes('whole, 2,000 B')")
        (user.folder / "next").write_bytes(classic(FRAMES[:2]))
        (user.folder / "next").replace(path)
        page.evaluate("dispatchEvent(new Event('focus')), null")
        page.wait_for(f"{VERDICT}.includes('Another file has taken its name')")
        assert ask(address, "conversations/0/with-keys/story")["over"]
