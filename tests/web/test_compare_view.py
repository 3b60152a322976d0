"""The page of `transom compare` in a real Chromium: a file, two captures, two servers, opened side by side."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.crossing import crossed
from tests.dissect.at_two_places import at_both
from tests.real.browser import Browser, Page
from tests.real.certificates import Authority
from tests.real.tls_servers import s_server
from tests.real.transom import User
from tests.web.shown import shown

HEADS = "[...document.querySelectorAll('tab-compare .fields thead button')].map(one => one.textContent)"


@pytest.fixture
def user(tmp_path: Path) -> User:
    user = User.new(tmp_path)
    (user.folder / "f.bin").write_bytes(bytes(range(256)) * 400)
    return user


@contextmanager
def viewed(user: User, *arguments: str | Path) -> Generator[str]:
    """The address of the page that it shows, until the block ends."""
    with user.start("compare", *arguments, "--view", "--no-browser") as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, b"")
        yield next(line for line in lines if line.startswith(b"http://127.0.0.1:")).decode().strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def heads(page: Page) -> list[str]:
    """Of the two columns, once they are there."""
    found: list[str] = page.wait_for(f"{HEADS}.length === 2 && {HEADS}")
    return found


def test_of_a_file_http_stands_beside_tls13(browser: Browser, user: User) -> None:
    with viewed(user, "f.bin") as address, shown(browser, address) as page:
        assert heads(page) == ["A: HTTP, #0", "B: TLS 1.3, #2"]
        assert "third party holdsthe fileits size" in page.evaluate("document.querySelector('tab-compare').textContent")
        assert page.evaluate("location.hash") == "#c=0&beside=2&tab=compare"
        # From there it is a page like any other.
        page.press("k")
        page.wait_for("document.querySelector('transom-page').dataset.drawn.includes('without-keys')")
        assert "f.bin" in page.evaluate("document.querySelector('h1').textContent")


def test_of_two_captures_the_conversations_of_both_are_on_one_page(browser: Browser, user: User) -> None:
    for name in ("a", "b"):
        assert user.run("compare", "f.bin", "--trace", f"{name}.pcapng").exit_code == 0
    ran = user.run("compare", "a.pcapng", "b.pcapng", "--conversation", "B:2", "-o", "report.html")
    assert ran.exit_code == 0, ran.stderr
    with shown(browser, (user.folder / "report.html").as_uri()) as page:
        assert heads(page) == ["A: TLS 1.2, #1", "B: TLS 1.3, #5"]
        assert "They first part at ClientHello" in page.evaluate("document.querySelector('tab-compare').textContent")
        page.click("tab-compare .fields thead th:nth-child(3) button")
        page.wait_for("document.querySelector('verdict-line').textContent.includes('#5')")


def test_of_one_connection_at_two_places_both_are_there_and_what_differs(browser: Browser, user: User) -> None:
    """The client's first segment was sent twice and came once; a NAT gave it another address."""
    at_both(user.folder, crossed("tls13").wire, lost=0)
    with viewed(user, "a.pcapng", "b.pcapng") as address, shown(browser, address) as page:
        assert heads(page) == ["A: TLS 1.3, #0", "B: TLS 1.3, #1"]
        said = page.evaluate("document.querySelector('tab-compare').textContent")
        assert "the same connection, captured at two places; A is nearer the client" in said
        assert "10.0.0.5:40000203.0.113.9:61000" in said
        page.evaluate("location.hash = '#c=1&beside=0&tab=packets'")
        page.wait_for("document.querySelector('tab-packets')?.textContent.includes('203.0.113.9:61000')")


def test_of_two_servers_where_it_works_and_where_it_fails(browser: Browser, user: User, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with (
        s_server(authority.leaf("rsa"), user.folder) as good,
        s_server(authority.expired(), user.folder) as expired,
    ):
        urls = [f"https://localhost:{server.port}/f.bin" for server in (good, expired)]
        with (
            viewed(user, *urls, "--cacert", authority.root) as address,
            shown(browser, address) as page,
        ):
            assert heads(page) == ["A: TLS 1.3, #0", "B: TLS 1.3, #1"]
            said = page.evaluate("document.querySelector('tab-compare').textContent")
            assert "The certificate of B does not hold: expired" in said
