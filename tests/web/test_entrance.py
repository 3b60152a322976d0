"""An address on the command line of a browser, which everybody on this machine reads, opens the page once."""

from __future__ import annotations

from collections.abc import Generator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.real.browser import Browser
from tests.web.pages import opened, started
from tests.web.shown import ready
from transom.cli.words import LANGS, words
from transom.web.entrance import LASTS, Entrance
from transom.web.server import PageAddress


@pytest.fixture(scope="module")
def page(trace: Path) -> Generator[PageAddress]:
    with started(opened(trace)) as address:
        yield address


def ask(address: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request(method, parts.path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


def leads_to_the_page(address: str, page: PageAddress) -> bool:
    response, _ = ask(address)
    return (response.status, response.getheader("Location")) == (303, urlsplit(page.lasting).path)


def test_it_leads_to_the_page_once_and_says_in_both_languages_that_it_has(page: PageAddress) -> None:
    once = page.once()
    assert leads_to_the_page(once, page)
    for _ in range(2):
        response, text = ask(once)
        assert (response.status, response.getheader("Location")) == (410, None)
        assert text.splitlines() == [words(lang).say("page.entrance.used") for lang in LANGS]
    assert ask(page.lasting)[0].status == 200


def test_neither_address_has_anything_of_the_other_and_each_is_another(page: PageAddress) -> None:
    one, other = page.once(), page.once()
    secrets = [urlsplit(address).path.strip("/") for address in (one, other, page.lasting)]
    assert len({text[:8] for text in secrets}) == len(secrets)
    assert all(len(text) == 32 for text in secrets)
    assert leads_to_the_page(other, page)
    assert leads_to_the_page(one, page)


def test_the_answer_is_kept_by_nobody_and_names_nobody_where_one_came_from(page: PageAddress) -> None:
    response, _ = ask(page.once())
    assert response.getheader("Cache-Control") == "no-store"
    assert response.getheader("Referrer-Policy") == "no-referrer"


def test_who_only_looks_ahead_neither_learns_the_secret_nor_uses_it_up(page: PageAddress) -> None:
    once = page.once()
    secret = urlsplit(page.lasting).path.strip("/")
    for method, headers, status in (
        ("HEAD", {}, 405),
        ("GET", {"Sec_Purpose": "prefetch"}, 503),
        ("GET", {"Sec_Purpose": "prefetch;prerender"}, 503),
        ("GET", {"Host": "example.org"}, 421),
        ("POST", {}, 405),
    ):
        response, text = ask(once, method, **headers)
        assert response.status == status
        assert secret not in text + str(response.getheaders())
    assert leads_to_the_page(once, page)


def test_what_is_nearly_one_leads_nowhere(page: PageAddress) -> None:
    once = page.once()
    origin, _, ticket = once.rpartition("/")
    for wrong in (ticket[:-1], f"{ticket}x", f"{ticket}/", f"{ticket}/main.js", ticket.swapcase(), ticket[:17], ""):
        response, _ = ask(f"{origin}/{wrong}")
        assert (response.status, response.getheader("Location")) == (404, None), wrong
    assert leads_to_the_page(once, page)


def test_that_of_one_page_leads_to_no_other(page: PageAddress, trace: Path) -> None:
    with started(opened(trace)) as other:
        ticket = urlsplit(page.once()).path
        assert ask(urlsplit(other.lasting)._replace(path=ticket).geturl())[0].status == 404


def test_it_is_good_for_a_minute() -> None:
    now = 1000.0
    entrance = Entrance(lambda: now)
    early, late = entrance.ticket(), entrance.ticket()
    now += LASTS - 0.001
    assert entrance.admit(early) == "in"
    now += 0.001
    assert [entrance.admit(one) for one in (early, late, late, "", "x")] == ["used", "late", "late", None, None]
    assert entrance.admit(entrance.ticket()) == "in"


def test_a_browser_ends_at_the_address_that_lasts_and_comes_back_to_it(browser: Browser, page: PageAddress) -> None:
    """The state behind # goes with it, as that of the table does."""
    with browser.page() as shown:
        shown.open(f"{page.once()}#list=open")
        ready(shown)
        assert shown.evaluate("location.href") == f"{page.lasting}#list=open"
        assert shown.evaluate("document.referrer") == ""
        shown.open("about:blank")
        shown.open(f"{page.lasting}#list=open")
        ready(shown)
        assert shown.evaluate("location.href") == f"{page.lasting}#list=open"
        assert shown.seen().failed == []
