"""Chromium and Firefox, with the local CA in their own store, open and download what `transom serve` hands out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.real.browser import Browser, Launch, Page, Refused, Scheme, ScriptError, Seen
from tests.real.chromium import chromium
from tests.real.firefox import firefox
from tests.real.transom import Serving, User
from transom.cli.options.tls import ENGINES

LAUNCH: dict[str, Launch] = {"chromium": chromium, "firefox": firefox}

OURS = ("--tls", "transom")

FILES = {
    "f.bin": CONTENT,
    "한글 '이름' \"둘\" (3).bin": hashlib.shake_128(b"under another name").digest(3_000_017),
    '한글 "쪽지".txt': "안녕\n".encode(),
    "L" * 200 + ".bin": b"long\n",
}

ASKS_FOR_THE_WORLD = """<!doctype html>
<html lang="en"><title>a page that does what none of ours may</title>
<script>console.error("boo", 3); console.log("all is well")</script>
<script>nosuch()</script>
<script src="https://example.invalid/x.js"></script>
"""

PLAYGROUND = """<!doctype html>
<html lang="en"><title>playground</title>
<style>
    body { margin: 0; background: rgb(255, 0, 0); height: 200vh }
    @media (prefers-color-scheme: dark) { body { background: rgb(0, 0, 255) } }
</style>
<input><button onclick="document.title = 'pressed'">press</button><play-ground></play-ground>
<script>
    customElements.define("play-ground", class extends HTMLElement {
        constructor() {
            super();
            this.attachShadow({mode: "open"}).innerHTML = "<div style='height: 150vh'></div><b>inside</b>";
            this.shadowRoot.querySelector("b").onclick = event => document.title = "clicked " + event.isTrusted;
        }
    });
    onkeydown = event => document.body.dataset.keys = (document.body.dataset.keys ?? "") + event.key + " ";
</script>
"""

Server = Callable[..., Serving]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "world.html").write_text(ASKS_FOR_THE_WORLD)
    (folder / "playground.html").write_text(PLAYGROUND)
    return folder


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> User:
    """Whose local CA the browsers trust."""
    owner = User.new(tmp_path_factory.mktemp("owner"))
    assert owner.run("ca", "init").exit_code == 0
    return owner


@pytest.fixture(scope="module")
def server(owner: User, folder: Path) -> Generator[Server]:
    """The owner's server with these options, started when it is first asked for."""
    running: dict[tuple[str, ...], Serving] = {}
    with ExitStack() as stack:

        def start(*options: str) -> Serving:
            if options not in running:
                running[options] = stack.enter_context(owner.serving(*options, folder))
            return running[options]

        yield start


@pytest.fixture(scope="module", params=LAUNCH)
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, owner: User
) -> Generator[Browser]:
    with LAUNCH[request.param](tmp_path_factory.mktemp(request.param), [owner.ca], "1.3") as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    with browser.page() as page:
        yield page


@pytest.mark.parametrize("engine", ENGINES)
def test_the_listing_opens_as_any_page_does(page: Page, server: Server, engine: str) -> None:
    page.open(server("--tls", engine).url("/"))
    assert page.tls_version() == "TLS 1.3"
    assert page.evaluate("document.querySelector('h1').innerText") == "Index of /"
    assert set(page.evaluate("[...document.links].map(link => link.innerText)")) >= FILES.keys()


@pytest.mark.parametrize(("host", "options"), [("127.0.0.1", ()), ("[::1]", ("--bind", "::1"))])
def test_it_opens_by_address_too(page: Page, server: Server, host: str, options: tuple[str, ...]) -> None:
    url = server(*OURS, *options).url("/", host)
    page.open(url)
    assert page.evaluate("[document.title, location.href]") == ["/", url]


@pytest.mark.parametrize("engine", ENGINES)
def test_without_the_ca_in_the_store_it_does_not_open(page: Page, user: User, folder: Path, engine: str) -> None:
    """Not by a name either: the CA of this user is called as the owner's is, which stands in the store."""
    with replace(user, tls=engine).serving(folder) as server:
        with pytest.raises(Refused, match=r"ERR_CERT_AUTHORITY_INVALID|SEC_ERROR_(UNKNOWN_ISSUER|BAD_SIGNATURE)"):
            page.open(server.url("/"))
        _, log = server.stop()
    assert re.search('"-" - 0 TLS: .*alert', log), log
    assert "GET" not in log


@pytest.mark.parametrize("name", LAUNCH)
def test_tls_1_2_will_do(name: str, owner: User, server: Server, tmp_path: Path) -> None:
    with LAUNCH[name](tmp_path / name, [owner.ca], "1.2") as browser:
        for engine in ENGINES:
            with browser.page() as page:
                page.open(server("--tls", engine).url("/"))
                assert page.tls_version() == "TLS 1.2"
                assert click_on(page, "f.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".bin")], ids=["plain", "any name", "long"])
def test_a_click_on_the_listing_brings_the_file(page: Page, server: Server, name: str, engine: str) -> None:
    page.open(server("--tls", engine).url("/"))
    path = click_on(page, name)
    assert path.name == kept_as(name)
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(FILES[name]).digest()


def test_a_long_name_leaves_sizes_and_times_in_sight_on_a_telephone_too(page: Page, server: Server) -> None:
    page.resize(360, 640)
    page.open(server(*OURS).url("/"))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.evaluate("void (globalThis.range = document.createRange())")
    lines = "(range.selectNodeContents(cell), range.getClientRects().length)"
    assert set(page.evaluate(f"[...document.querySelectorAll('tbody .n')].map(cell => {lines})")) == {1}


def test_what_is_sent_as_an_attachment_is_kept_under_its_name_and_not_shown(page: Page, server: Server) -> None:
    page.open(server(*OURS, "--upload").url("/"))
    path = click_on(page, '한글 "쪽지".txt')
    assert path.name == kept_as('한글 "쪽지".txt')
    assert path.read_text() == "안녕\n"


def test_the_listing_asks_for_nothing_else_and_the_console_stays_empty(page: Page, server: Server) -> None:
    url = server(*OURS).url("/")
    page.open(url)
    seen = page.seen()
    assert from_outside(seen) == [url]
    assert (seen.failed, seen.console) == ([], [])


@pytest.mark.parametrize("browser", ["firefox"], indirect=True)
def test_the_listings_icon_is_within_it(page: Page, server: Server) -> None:
    """Firefox takes it when the page is long loaded, and its console has an error for one that the policy forbids."""
    page.open(server(*OURS).url("/"))
    page.wait_until_seen(lambda seen: [url for url in seen.requests if url.startswith("data:")] or None, "the icon")
    assert page.seen().console == []


def test_what_a_page_does_wrong_is_seen(page: Page, server: Server) -> None:
    """So that the silence of the listing says something."""
    url, outside = server(*OURS).url("/world.html"), "https://example.invalid/x.js"
    page.open(url)
    failed = page.wait_until_seen(lambda seen: seen.failed or None, "a failed request")
    assert failed[0].startswith(f"{outside}: ")
    seen = page.seen()
    assert from_outside(seen)[:2] == [url, outside]
    assert "error: boo 3" in seen.complaints
    assert any("ReferenceError: nosuch is not defined" in complaint for complaint in seen.complaints)
    assert "all is well" in [text for _, text in seen.console]
    assert not any("all is well" in complaint for complaint in seen.complaints)


def test_a_page_is_driven_by_mouse_and_keyboard(page: Page, server: Server) -> None:
    page.open(server(*OURS).url("/playground.html"))
    page.click("input")
    for key in ("a", "X", "Backspace", "가", "Tab", "Enter"):
        page.press(key)
    page.wait_for("document.title === 'pressed'")
    assert page.evaluate("document.querySelector('input').value") == "a가"
    assert page.evaluate("document.body.dataset.keys") == "a X Backspace 가 Tab Enter "
    page.click("play-ground >>> b")
    page.wait_for("document.title === 'clicked true'")


def test_a_page_is_shown_in_any_width_and_light(page: Page, server: Server) -> None:
    page.open(server(*OURS).url("/playground.html"))
    page.resize(360, 500)
    page.wait_for("innerWidth === 360 && innerHeight === 500")
    pictures: list[bytes] = []
    colors: dict[Scheme, str] = {"dark": "rgb(0, 0, 255)", "light": "rgb(255, 0, 0)"}
    for scheme, color in colors.items():
        page.prefer(scheme)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == color
        pictures.append(page.screenshot())
    assert all(picture.startswith(b"\x89PNG") and size_of(picture) == (360, 500) for picture in pictures)
    assert pictures[0] != pictures[1]


def test_an_error_of_a_script_is_raised(page: Page) -> None:
    assert page.evaluate("Promise.resolve({a: [1, null, '가']})") == {"a": [1, None, "가"]}
    with pytest.raises(ScriptError, match="nosuch is not defined"):
        page.evaluate("nosuch.thing")


def click_on(page: Page, name: str) -> Path:
    """Click on the line of the listing that shows this name: the file that the browser kept."""
    row = page.evaluate(f"[...document.links].findIndex(link => link.innerText === {json.dumps(name)})")
    return page.download(lambda: page.click(f"tr:nth-child({row + 1}) a"))


def kept_as(name: str) -> str:
    """Both browsers put "_" for a double quote in the name of a file, whoever sends it."""
    return name.replace('"', "_")


def from_outside(seen: Seen) -> list[str]:
    """The requests that leave the page."""
    return [url for url in seen.requests if not url.startswith("data:")]


def size_of(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
