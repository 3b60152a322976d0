"""`transom run --view`: the page opens while the command runs, fills, and stays when it has ended."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.test_run_capture import may_capture
from tests.cli.viewed import VERDICT, Viewed, ask, await_state, in_two_halves
from tests.real.browser import Browser
from tests.real.raw_server import raw_server
from tests.real.transom import MINUTE, User
from tests.web.shown import shown

CURL = "curl -q -sS --max-time 120"
SIZE = 300_000


def see_it_arrive(browser: Browser, viewed: Viewed, rest: threading.Event) -> None:
    """The first half while the command runs, and once the second is there that it is over."""
    try:
        with shown(browser, f"{viewed.address}#c=0") as page:
            page.wait_for(f"{VERDICT}.includes('running') && {VERDICT}.includes('so far, 20,000')")
            assert viewed.process.poll() is None
            rest.set()
            page.wait_for("document.querySelector('transom-page').dataset.state === 'whole'")
            assert "whole, 40,000" in page.evaluate(VERDICT)
            assert "running" not in page.evaluate(VERDICT)
    finally:
        rest.set()


def test_what_a_command_transfers_is_seen_to_arrive_and_stays_when_it_has_ended(browser: Browser, user: User) -> None:
    """The server sends the second half when the page has shown the first."""
    rest = threading.Event()
    script = in_two_halves(rest)
    with raw_server(script) as port:
        command = f"{CURL} -o f http://127.0.0.1:{port}/f.bin; exit 7"
        with user.start("run", "--view", "--", "sh", "-c", command) as process:
            viewed = Viewed(process)
            see_it_arrive(browser, viewed, rest)
            assert viewed.end() == 7
            assert (user.folder / "f").read_bytes() == bytes(40_000)


def test_the_tunnel_and_the_key_log_are_gone_while_the_page_stays(user: User) -> None:
    with user.start("run", "--view", "--", "sh", "-c", "echo $https_proxy $SSLKEYLOGFILE") as process:
        assert process.stdout is not None
        proxy, key_log = process.stdout.readline().decode().split()
        viewed = Viewed(process)
        viewed.stays()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", urlsplit(proxy).port or 0))
        assert not Path(key_log).parent.exists()
        assert viewed.end() == 0


def test_a_page_that_is_closed_in_the_middle_is_nothing_to_the_command(browser: Browser, user: User) -> None:
    rest = threading.Event()
    with raw_server(in_two_halves(rest)) as port:
        command = f"echo $$ > pid; {CURL} -o f http://127.0.0.1:{port}/f.bin; exit 7"
        with user.start("run", "--view", "--", "sh", "-c", command) as process:
            viewed = Viewed(process)
            try:
                with shown(browser, f"{viewed.address}#c=0") as page:
                    page.wait_for(f"{VERDICT}.includes('so far, 20,000')")
                assert process.poll() is None
            finally:
                rest.set()
            while Path("/proc", (user.folder / "pid").read_text().strip()).exists():
                pass  # it ends by itself
            await_state(viewed.address, "whole")
            assert viewed.end() == 7
            assert (user.folder / "f").read_bytes() == bytes(40_000)


def test_over_tls_the_page_has_the_keys_and_the_summary_comes_before_it_stays(user: User, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / "f.bin").write_bytes(bytes(SIZE))
    room = tmp_path / "room"
    room.mkdir()
    with user.serving(served) as server:
        command = f"{CURL} -o f --cacert {user.ca} {server.url('/f.bin')}"
        with user.start("run", "--view", "--", *command.split(), env={"TMPDIR": str(room)}) as process:
            viewed = Viewed(process)
            address = viewed.address
            await_state(address, "whole")
            (row,) = ask(address, "conversations/with-keys")["rows"]
            assert (row["decrypted"], row["exchange"]["bytes"], row["running"]) == ("full", SIZE, False)
            assert ask(address, "conversations/0/without-keys/http")["exchanges"] == []
            assert viewed.end() == 0
            assert "curl ended with exit code 0" in viewed.said
    assert list(room.rglob("*")) == []


def test_under_capture_the_page_fills_while_it_arrives_and_is_of_its_packets(browser: Browser, user: User) -> None:
    rest = threading.Event()
    with raw_server(in_two_halves(rest)) as port:
        command = f"{CURL} --noproxy '*' -o f http://127.0.0.1:{port}/f.bin; exit 7"
        with user.start("run", "--view", "--capture", "--", "sh", "-c", command) as process:
            if not may_capture():
                assert process.wait(MINUTE) == 2
                return
            viewed = Viewed(process)
            see_it_arrive(browser, viewed, rest)
            (row,) = ask(viewed.address, "conversations/with-keys")["rows"]
            assert row["exchange"]["bytes"] == 40_000
            assert viewed.end() == 7
            assert (user.folder / "f").read_bytes() == bytes(40_000)


def test_under_capture_the_page_of_an_encrypted_one_has_its_keys(user: User, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / "f.bin").write_bytes(bytes(SIZE))
    with user.serving(served) as server:
        command = f"{CURL} --noproxy * -o f --cacert {user.ca} {server.url('/f.bin')}"
        with user.start("run", "--view", "--capture", "--", *command.split()) as process:
            if not may_capture():
                assert process.wait(MINUTE) == 2
                return
            viewed = Viewed(process)
            await_state(viewed.address, "whole")
            (row,) = ask(viewed.address, "conversations/with-keys")["rows"]
            assert (row["decrypted"], row["exchange"]["bytes"], row["running"]) == ("full", SIZE, False)
            assert ask(viewed.address, "conversations/0/without-keys/http")["exchanges"] == []
            assert viewed.end() == 0
