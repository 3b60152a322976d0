"""`get --view` and `serve --view`: the page of what is happening, which is nothing to what happens."""

from __future__ import annotations

import io
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.capture.build import START, Talk
from tests.cli.viewed import (
    VERDICT,
    Viewed,
    ask,
    await_state,
    browser_that_stays,
    command_lines,
    in_two_halves,
    until_stopped,
)
from tests.dissect.told import ENDPOINTS
from tests.real.browser import Browser
from tests.real.programs import run
from tests.real.raw_server import raw_server
from tests.real.transom import Serving, User, private_mode
from tests.web.shown import drawn, shown
from transom.capture.tcp import read_conversations
from transom.capture.trace_file import TraceFile
from transom.capture.write_packets import TakesPackets
from transom.cli.live_page import LivePage, Showing
from transom.cli.words import words
from transom.errors import TransferError
from transom.wire.tap import Side, Taps

SIZE = 300_000


@pytest.fixture
def server_folder(user: User) -> Path:
    folder = user.folder / "served"
    folder.mkdir()
    (folder / "f.bin").write_bytes(bytes(range(256)) * (SIZE // 256) + bytes(SIZE % 256))
    return folder


def test_steps_are_seen_to_arrive_while_a_file_is_fetched(browser: Browser, user: User) -> None:
    """The server sends each piece when the page has shown the one before."""
    rest = threading.Event()
    script = in_two_halves(rest)
    with (
        raw_server(script) as port,
        user.start("get", "--view", "-o", "-", f"http://127.0.0.1:{port}/f.bin") as process,
    ):
        viewed = Viewed(process)
        try:
            with shown(browser, viewed.address) as page:
                page.wait_for(f"{VERDICT}.includes('running') && {VERDICT}.includes('so far, 20,000')")
                assert page.evaluate("document.querySelectorAll('story-view button.row').length") == 2
                page.press("k")
                drawn(page, "without-keys")
                rest.set()
                page.wait_for("document.querySelector('transom-page').dataset.state === 'whole'")
                assert "whole, 40,000" in page.evaluate(VERDICT)
                assert "running" not in page.evaluate(VERDICT)
                drawn(page, "without-keys")
        finally:
            rest.set()
        assert viewed.end() == 0
        assert process.stdout is not None
        assert process.stdout.read() == bytes(40_000)


def test_a_page_that_is_closed_in_the_middle_is_nothing_to_the_download(browser: Browser, user: User) -> None:
    rest = threading.Event()
    with (
        raw_server(in_two_halves(rest)) as port,
        user.start("get", "--view", "-o", "-", f"http://127.0.0.1:{port}/f.bin") as process,
    ):
        viewed = Viewed(process)
        try:
            with shown(browser, viewed.address) as page:
                page.wait_for(f"{VERDICT}.includes('so far, 20,000')")
            assert process.poll() is None
        finally:
            rest.set()
        await_state(viewed.address, "whole")
        assert viewed.end() == 0
        assert process.stdout is not None
        assert process.stdout.read() == bytes(40_000)


def test_the_browser_is_opened_at_an_address_that_is_of_use_once(user: User, server_folder: Path) -> None:
    """With the table open, which the address says behind #."""
    arguments = ("serve", "--port", "0", "--http-port", "0", "--view", server_folder)
    with (
        browser_that_stays(user.folder) as (env, asked),
        until_stopped(user.start(*arguments, env=env)) as process,
    ):
        serving = Serving(process, read_log=False)
        serving.await_announcement()
        given = asked.read_text().strip()
        address = Viewed(process).address
        assert given.endswith("#list=open")
        assert not any(urlsplit(address).path.strip("/").encode() in line for line in command_lines())
        with urlopen(given, timeout=30) as page:
            assert urlsplit(page.url).path == urlsplit(address).path
        with pytest.raises(HTTPError, match="410"):
            urlopen(given, timeout=30)


def test_a_page_that_is_closed_in_the_middle_is_nothing_to_serve(
    browser: Browser, user: User, server_folder: Path
) -> None:
    """A client has half of its answer when the page is closed, and is given the rest."""
    (server_folder / "large.bin").write_bytes(bytes(8 * 2**20))
    with user.start("serve", "--port", "0", "--http-port", "0", "--view", server_folder) as process:
        serving = Serving(process, read_log=False)
        serving.await_announcement()
        address = Viewed(process).address
        with socket.create_connection(("127.0.0.1", serving.http_port), 30) as client:
            client.sendall(b"GET /large.bin HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            taken = len(client.recv(1000))
            with shown(browser, f"{address}#c=0") as page:
                page.wait_for(f"{VERDICT}.includes('running')")
            while more := len(client.recv(2**16)):
                taken += more
        assert taken > 8 * 2**20
        assert run("curl", "-sk", "-o", str(user.folder / "got"), serving.url("/f.bin")).exit_code == 0
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_over_tls_the_page_has_the_keys_and_its_trace_is_gone_in_the_end(
    user: User, server_folder: Path, tmp_path: Path
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    with user.serving(server_folder) as server:
        url = server.url("/f.bin")
        with user.start("get", "--view", url, env={"TMPDIR": str(room)}) as process:
            viewed = Viewed(process)
            address = viewed.address
            told = await_state(address, "whole")
            assert told["conversation"]["over"]
            (row,) = ask(address, "conversations/with-keys")["rows"]
            assert (row["decrypted"], row["exchange"]["bytes"], row["running"]) == ("full", SIZE, False)
            assert ask(address, "conversations/0/without-keys/http")["exchanges"] == []
            assert len(list(room.rglob("*.pcapng"))) == 1
            assert viewed.end() == 0
    assert list(room.iterdir()) == []
    assert (user.folder / "f.bin").stat().st_size == SIZE


def test_the_exit_code_is_the_downloads_whatever_the_page_does(user: User, server_folder: Path) -> None:
    with user.serving(server_folder) as server:
        with user.start("get", "--view", server.url("/none.bin")) as process:
            viewed = Viewed(process)
            await_state(viewed.address, "whole")
            assert viewed.end() == 22
        with user.start("get", "--view", "--trace", "t.pcapng", server.url("/f.bin")) as process:
            viewed = Viewed(process)
            await_state(viewed.address, "whole")
            assert viewed.end() == 0
    assert private_mode(user.folder / "t.pcapng")
    assert b"1 conversation" in user.run("read", "t.pcapng").stdout


def test_a_page_that_cannot_be_recorded_for_is_nothing_to_the_transfer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: TraceFile) -> None:
        raise TransferError("no space left on device", exit_code=23)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with LivePage(None, Showing("x", "en"), words("en")) as page:
        recorder = page.recorder
        tap = recorder.conversation()
        tap.opened(ENDPOINTS, 1)
        monkeypatch.setattr(TraceFile, "flush", full)
        tap.data(Side.CLIENT, bytes(2**20), 2)
        tap.closed(Side.CLIENT, 3)
        recorder.secret("CLIENT_RANDOM 00 00")
        monkeypatch.undo()
        recorder.close()


def test_more_than_is_recorded_for_a_page_is_told_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.cli.unfailing.MOST_RECORDED", 1000)
    with LivePage(None, Showing("x", "en"), words("en")) as page:
        tap = page.recorder.conversation()
        tap.opened(ENDPOINTS, 1)
        for _ in range(3):
            tap.data(Side.CLIENT, bytes(400), 2)
        tap.closed(Side.CLIENT, 3)
        page.recorder.close()
        (conversation,) = read_conversations(page.trace, lambda _: Taps([])).conversations
    assert (conversation.client_bytes, conversation.missing_bytes) == (800, 400)


@pytest.mark.parametrize("packets", [False, True])
def test_a_trace_is_a_capture_before_anything_has_happened(*, packets: bool) -> None:
    """The page may be there first."""
    with LivePage(None, Showing("x", "en"), words("en"), packets=packets) as page:
        recorder = page.recorder
        assert read_conversations(page.trace, lambda _: Taps([])).conversations == ()
        recorder.close()


def test_of_captured_packets_for_which_there_is_no_room_the_headers_are_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("transom.cli.unfailing.MOST_RECORDED", 1000)
    talk = Talk().open()
    for _ in range(3):
        talk.ask(bytes(400)).ack_from_server()
    with LivePage(None, Showing("x", "en"), words("en"), packets=True) as page:
        assert isinstance(page.recorder, TakesPackets)
        for number, frame in enumerate(talk.frames):
            page.recorder.packet("eth0", 1, START + number, len(frame), frame)
        page.recorder.close()
        (conversation,) = read_conversations(page.trace, lambda _: Taps([])).conversations
    assert conversation.packets == len(talk.frames)
    assert (conversation.client_bytes + conversation.missing_bytes, conversation.missing_bytes > 0) == (1200, True)


def test_every_conversation_of_every_client_is_in_the_table_of_serve(user: User, server_folder: Path) -> None:
    process = user.start("serve", "--port", "0", "--http-port", "0", "--view", server_folder)
    with process:
        serving = Serving(process, read_log=False)
        serving.await_announcement()
        address = Viewed(process).address
        for url in (serving.url("/f.bin"), f"http://127.0.0.1:{serving.http_port}/f.bin"):
            assert run("curl", "-sk", "-o", str(user.folder / "got"), url).exit_code == 0
        while [row["running"] for row in ask(address, "conversations/with-keys")["rows"]] != [False, False]:
            pass
        rows = ask(address, "conversations/with-keys?sort=conversation")["rows"]
        assert [(row["protocol"], row["exchange"]["path"], row["exchange"]["complete"]) for row in rows] == [
            ("tls", "/f.bin", True),
            ("http", "/f.bin", True),
        ]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


class AnsweredAtOnce(io.StringIO):
    """A terminal at which somebody types ^C as soon as anything is said."""

    def flush(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_that_comes_as_soon_as_it_is_said_how_ends_the_page_and_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with LivePage(None, Showing("f", "en"), words("en")) as page:
        page._process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)  # which ends as the page does
        monkeypatch.setattr("sys.stderr", AnsweredAtOnce())
        try:
            page.stay()
        except KeyboardInterrupt:
            pytest.fail("it was not expected yet")


def test_several_workers_have_no_page(user: User, server_folder: Path) -> None:
    ran = user.run("serve", "--workers", "2", "--view", server_folder)
    assert ran.exit_code == 2
    assert "--view" in ran.stderr


def test_without_view_nothing_of_the_page_is_imported(user: User) -> None:
    script = (
        "import sys; from transom.cli.main import run; run(['get', '-s', 'http://127.0.0.1:1/x']);"
        "print([name for name in sys.modules if 'live_page' in name or 'transom.web' in name or name == 'numpy'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], env=user.environment, cwd=user.folder, capture_output=True, check=True
    )
    assert ran.stdout.strip() == b"[]"


def test_a_capture_that_another_program_is_writing_is_followed_until_it_is_closed(user: User) -> None:
    assert user.run("demo").exit_code == 0
    whole = (user.folder / "trace.pcapng").read_bytes()
    part = user.folder / "part.pcapng"
    part.write_bytes(whole[: len(whole) // 3 + 1])
    with part.open("ab") as writer, user.start("view", "--no-browser", part) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        assert ask(address, "state")["state"] == "live"
        writer.write(whole[len(whole) // 3 + 1 :])
        writer.close()
        await_state(address, "whole")
        assert ask(address, "conversations/with-keys")["total"] > 0
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
