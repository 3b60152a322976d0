"""`transom run` with programs of other people: each does what it does without us, and is told of."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_run_capture import NEEDED, may_capture
from tests.house.documents import rows, section, text_of
from tests.interop.led import BROWSERS_TO_LOCALHOST, LED, Ground, Led, Seen
from tests.pages.led_page import PAGE as RUN_PAGE
from tests.pages.led_page import TITLE
from tests.real.certificates import Authority
from tests.real.door import NAME, Door, door
from tests.real.nginx import NginxTls, nginx
from tests.real.programs import ENVIRONMENT, program
from tests.real.transom import MINUTE, User
from tests.real.tshark import Wireshark
from transom.dissect.fingerprints import ja3, ja4
from transom.tls.messages.hello import ClientHello

SIZE = 300_007
MOST_BESIDE = 9000
"""Bytes that cross beside a file of that size: a handshake with its chain, heads, and what makes records of it."""

USAGE = 2

BROWSERS = ("Chromium", "Chromium, to `localhost`", "Firefox ESR")

PAGE = """<!doctype html>
<script>
    const ask = (method, path, body) => {
        const request = new XMLHttpRequest();
        request.open(method, path, false);
        request.overrideMimeType("text/plain; charset=x-user-defined");
        request.send(body);
        return request.responseText;
    };
    const content = ask("GET", "/f.bin");
    ask("POST", "/back", Uint8Array.from(content, character => character.charCodeAt(0)));
</script>
"""
"""Fetches a file and sends it back while it is being loaded: whoever takes its picture waits until that is done."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is served: a file, a page, a package for pip, a repository. npm's package comes when the port is known."""
    root = tmp_path_factory.mktemp("root")
    (root / "f.bin").write_bytes(os.urandom(SIZE))
    (root / "page.html").write_text(PAGE)
    _wheel(root / "simple" / "thing" / "thing-1.0-py3-none-any.whl")
    _repository(root / "repository.git")
    return root


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, root: Path, authority: Authority) -> Generator[Door]:
    with _served(tmp_path_factory.mktemp("nginx"), root, authority) as opened:
        _npm_package(root, opened.url("/tarballs/thing-1.0.0.tgz"))
        yield opened


@pytest.fixture(scope="module")
def served_by_http2(tmp_path_factory: pytest.TempPathFactory, root: Path, authority: Authority) -> Generator[Door]:
    with _served(tmp_path_factory.mktemp("nginx2"), root, authority, http2=True) as opened:
        yield opened


@contextmanager
def _served(home: Path, root: Path, authority: Authority, *, http2: bool = False) -> Generator[Door]:
    leaf = authority.leaf(names=(NAME, "localhost"))
    pages = "autoindex on; location = /page.html { default_type text/html; }"
    with nginx(home, root, tls=NginxTls(leaf.chain, leaf.key, http2=http2), extra=pages) as server:
        assert server.https_port is not None
        with door(server.https_port) as opened:
            yield opened


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("built")


@dataclass(frozen=True)
class Through:
    """What a run left in `folder`, the first ClientHello that the server got, and what was told."""

    folder: Path
    hello: ClientHello
    lines: list[dict[str, Any]]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["type"] == kind]


class Crossing:
    """A program's run through the tunnel, and the same without it; each is made when it is first asked for."""

    def __init__(self, led: Led, base: Path, opened: Door, ca: Path, built: Path) -> None:
        self.led = led
        self.door = opened
        self._base = base
        self._ca = ca
        self._built = built

    @cached_property
    def through(self) -> Through:
        return self._run("through")

    @cached_property
    def with_our_option(self) -> Through:
        assert self.led.option is not None
        return self._run("option", self.led.option)

    def _run(self, name: str, *more: str) -> Through:
        ground, words = self._ready(name)
        options = ("--json", "--sha256", "--trace", "t.pcapng", "--summary", "lines", *more)
        before = len(self.door.hellos)
        ran = ground.user.run("run", *options, "--cacert", self._ca, "--", *words, env=self.led.env(ground))
        assert ran.exit_code == 0, ran.stderr
        lines = (ground.user.folder / "lines").read_text().splitlines()
        return Through(ground.user.folder, self.door.hellos[before], [json.loads(line) for line in lines])

    def is_refused(self) -> bool:
        """Our option, where one may not."""
        ground, words = self._ready("refused")
        assert self.led.option is not None
        ran = ground.user.run("run", self.led.option, "--", *words)
        return ran.exit_code == USAGE and ran.stderr.startswith(NEEDED)

    @cached_property
    def hello_without_us(self) -> ClientHello:
        ground, words = self._ready("alone")
        before = len(self.door.hellos)
        ran = subprocess.run(
            words,
            cwd=ground.user.folder,
            env={**ground.user.environment, **self.led.env(ground)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MINUTE,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr.decode(errors="replace")
        return self.door.hellos[before]

    def summary(self, *more: str) -> str:
        """What a person is told, in one line."""
        ground, words = self._ready("".join(("told", *more)))
        options: tuple[str | Path, ...] = ("--lang", "en", "--summary", "said", "--cacert", self._ca, *more)
        ran = ground.user.run("run", *options, "--", *words, env=self.led.env(ground))
        assert ran.exit_code == 0, ran.stderr
        return " ".join((ground.user.folder / "said").read_text().split())

    def _ready(self, name: str) -> tuple[Ground, list[str]]:
        base = self._base / name
        base.mkdir()
        ground = Ground(User.new(base), self.door, self._ca, self._built)
        self.led.prepare(ground)
        return ground, self.led.words(ground)


def of_each(*kinds: Seen, which: Callable[[Led], bool] = lambda led: True) -> pytest.MarkDecorator:
    """Made for those programs of which so much is seen."""
    chosen = [led for led in LED if led.seen() in kinds and which(led)]
    return pytest.mark.parametrize("crossing", chosen, ids=[led.name for led in chosen], indirect=True)


@pytest.fixture(scope="module")
def crossing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, authority: Authority, built: Path
) -> Crossing:
    led: Led = request.param
    opened: Door = request.getfixturevalue("served_by_http2" if led.http2 else "served")
    return Crossing(led, tmp_path_factory.mktemp("crossing"), opened, authority.root, built)


@of_each(*Seen)
def test_the_file_arrives_as_it_does_without_us(crossing: Crossing, root: Path) -> None:
    through = crossing.through
    if crossing.led.kept is not None:
        assert (through.folder / crossing.led.kept).read_bytes() == (root / crossing.led.path[1:]).read_bytes()
    else:  # the browser has sent back what it had
        assert sha256_of(crossing, root) in [line["request_sha256"] for line in through.of_type("http")]


@of_each(*Seen)
def test_the_fingerprint_is_the_programs_own(crossing: Crossing) -> None:
    """At the server, with and without us; and what is told is what was there."""
    hello, alone = crossing.through.hello, crossing.hello_without_us
    assert ja4(hello) == ja4(alone)
    assert crossing.led.shuffles or ja3(hello) == ja3(alone)
    told = [(line["ja3"], line["ja4"]) for line in crossing.through.of_type("tls")]
    if crossing.led.seen() in (Seen.ALL, Seen.AS_ON_THE_PATH):
        assert (ja3(hello), ja4(hello)) in told


@of_each(Seen.ALL)
def test_all_of_it_is_told(crossing: Crossing, root: Path) -> None:
    assert_all_is_told(crossing.through, crossing, root)


@of_each(Seen.ALL)
def test_the_trace_opens_decrypted_in_wireshark(crossing: Crossing, root: Path, tmp_path: Path) -> None:
    assert_wireshark_has_it(crossing.through, crossing, root, tmp_path)


@of_each(Seen.ALL, which=lambda led: led.kept is not None and led.name not in BROWSERS)
def test_the_summary_says_the_size_that_the_file_has(crossing: Crossing, root: Path) -> None:
    """It hashes nothing: a body is counted by the lengths of its records there, and not opened."""
    path, size = re.escape(crossing.led.path), size_of(crossing, root)
    assert re.search(rf"GET {path}\S* 200 · {size:,} B\b", crossing.summary())


@of_each(Seen.AS_ON_THE_PATH)
def test_without_keys_the_path_is_told_and_what_helps(crossing: Crossing, root: Path) -> None:
    summary = crossing.summary()
    assert_the_path_is_told(crossing.through, summary, size_of(crossing, root))
    assert crossing.led.said in summary


@of_each(Seen.NOTHING)
def test_of_a_program_that_goes_past_it_is_told_that_it_does_and_what_helps(crossing: Crossing) -> None:
    (line,) = crossing.through.lines
    assert (line["type"], line["conversations"], line["unseen_sessions"]) == ("command", 0, 1)
    summary = crossing.summary()
    assert "1 TLS session whose keys were logged did not come through the tunnel" in summary
    assert crossing.led.said in summary


@of_each(Seen.NEITHER)
def test_of_a_program_that_goes_past_and_logs_no_keys_it_is_told_what_helps(crossing: Crossing) -> None:
    (line,) = crossing.through.lines
    assert (line["type"], line["conversations"], line["unseen_sessions"]) == ("command", 0, 0)
    summary = crossing.summary()
    assert "made no connection that could be seen" in summary
    assert crossing.led.said in summary


@pytest.mark.parametrize("crossing", BROWSERS_TO_LOCALHOST, ids=lambda led: led.name, indirect=True)
def test_of_a_browser_that_goes_past_to_localhost_it_is_told(crossing: Crossing, served: Door) -> None:
    before = len(served.hellos)
    summary = crossing.summary()
    assert len(served.hellos) > before
    assert re.search("TLS sessions? whose keys were logged did not come through the tunnel", summary)
    assert f"localhost:{served.port}" not in summary
    assert crossing.led.said in summary


@of_each(*Seen, which=lambda led: led.option is not None)
def test_with_our_option_it_is_told_nevertheless(crossing: Crossing, root: Path, tmp_path: Path) -> None:
    led = crossing.led
    if led.option == "--capture" and not may_capture():
        assert crossing.is_refused()
        return
    through = crossing.with_our_option
    assert led.kept is not None
    assert (through.folder / led.kept).read_bytes() == (root / led.path[1:]).read_bytes()
    assert ja4(through.hello) == ja4(crossing.hello_without_us)
    assert ja3(through.hello) == ja3(crossing.hello_without_us)
    if led.seen_with_option is Seen.ALL:
        assert_all_is_told(through, crossing, root)
        assert_wireshark_has_it(through, crossing, root, tmp_path)
    else:
        summary = crossing.summary(*filter(None, [led.option]))
        assert_the_path_is_told(through, summary, size_of(crossing, root))
        assert led.said_with_option in summary


def test_the_page_has_the_rows_that_are_tested_and_no_other() -> None:
    """All but the numbers of versions: those are what was there when the page was written."""
    assert _numberless(rows(section(text_of(RUN_PAGE), TITLE))) == _numberless([led.row() for led in LED])


def assert_all_is_told(through: Through, crossing: Crossing, root: Path) -> None:
    first, *_ = opened = [line for line in through.of_type("tls") if line["version"] is not None]
    assert (first["version"], first["cipher_suite"][:7], first["verdict"]) == ("TLSv1.3", "TLS_AES", "trusted")
    assert {line["decrypted"] for line in opened} == {"full"}
    (line,) = [line for line in through.of_type("http") if line["path"].partition("?")[0] == crossing.led.path]
    assert (line["method"], line["status"], line["complete"]) == ("GET", 200, True)
    assert line["response_body_bytes"] == size_of(crossing, root)
    assert line["response_sha256"] == sha256_of(crossing, root)
    assert through.of_type("command")[0]["unseen_sessions"] == 0


def assert_wireshark_has_it(through: Through, crossing: Crossing, root: Path, folder: Path) -> None:
    shark = Wireshark(through.folder / "t.pcapng", {crossing.door.port: "tls"})
    assert sha256_of(crossing, root) in shark.exported(folder)


def assert_the_path_is_told(through: Through, summary: str, size: int) -> None:
    """And of the file's size no more than is true: what crossed is little more than the file."""
    first = through.of_type("tls")[0]
    conversation = the_one_with_the_file(through, size)
    (line,) = [line for line in through.of_type("tls") if line["conversation"] == conversation["conversation"]]
    assert (line["version"], line["decrypted"], line["why_not"]) == ("TLSv1.3", "no", "no-keys")
    assert through.of_type("http") == []
    assert conversation["server_bytes"] < size + MOST_BESIDE
    found = re.findall(r"the path could see: .*?about ([\d.]+) kB in one direction", summary)
    assert [seen for seen in found if size < float(seen) * 1000 + 50 < size + MOST_BESIDE], summary
    assert f"JA4 {first['ja4']}" in summary
    assert "GET" not in summary


def the_one_with_the_file(through: Through, size: int) -> dict[str, Any]:
    """There is no other, unless it broke off for a reason that is told: nghttpx 1.52 now and then sends the preface of
    HTTP/2 unsealed in the middle of TLS, is refused and tries again.
    """
    (found,) = [line for line in through.of_type("conversation") if line["server_bytes"] > size]
    broken = {line["conversation"] for line in through.of_type("problem")}
    assert {line["conversation"] for line in through.of_type("conversation")} == broken | {found["conversation"]}
    return found


def size_of(crossing: Crossing, root: Path) -> int:
    """Of what the program fetches."""
    return (root / crossing.led.path[1:]).stat().st_size


def sha256_of(crossing: Crossing, root: Path) -> str:
    """Of what the program fetches."""
    return hashlib.sha256((root / crossing.led.path[1:]).read_bytes()).hexdigest()


def _numberless(table: list[list[str]]) -> list[list[str]]:
    return [[name, re.sub(r"\d+(\.\d+)*", "N", version), *cells] for name, version, *cells in table]


def _wheel(path: Path) -> None:
    """The least that pip takes."""
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("thing.py", os.urandom(SIZE))
        wheel.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        wheel.writestr("thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("thing-1.0.dist-info/RECORD", "")


def _npm_package(root: Path, url: str) -> None:
    """A registry's document of one package, and its tarball, which is at `url`."""
    about = json.dumps({"name": "thing", "version": "1.0.0"}).encode()
    entry = tarfile.TarInfo("package/package.json")
    entry.size = len(about)
    (root / "tarballs").mkdir()
    with tarfile.open(root / "tarballs" / "thing-1.0.0.tgz", "w:gz") as tarball:
        tarball.addfile(entry, io.BytesIO(about))
    version = {"name": "thing", "version": "1.0.0", "dist": {"tarball": url}}
    (root / "npm").mkdir()
    document = {"name": "thing", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
    (root / "npm" / "thing").write_text(json.dumps(document))


def _repository(path: Path) -> None:
    """A bare one with one commit, as it may be served by any web server."""
    who = ["-c", "user.name=A", "-c", "user.email=a@localhost"]
    git = [program("git"), "-C", str(path)]
    for words in (
        [program("git"), "init", "-q", "--bare", str(path)],
        [*git, *who, "commit-tree", "-m", "one", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"],
    ):
        made = subprocess.run(words, env=ENVIRONMENT, check=True, timeout=MINUTE, capture_output=True)
    head = made.stdout.decode().strip()
    for words in ([*git, "update-ref", "refs/heads/main", head], [*git, "update-server-info"]):
        subprocess.run(words, env=ENVIRONMENT, check=True, timeout=MINUTE)
