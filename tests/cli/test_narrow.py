"""On a narrow terminal nothing is wider than it: what `run`, `get --explain` and `read` tell is folded."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.cli.test_run import plain_url
from tests.cli.test_unanswered import resets
from tests.cli.test_unanswered import server as ending
from tests.dissect.told import ZEEK
from tests.real.transom import COMMAND, MINUTE, Serving, User
from transom.cli.show.layout import width
from transom.cli.words import LANGS, Lang

FILES = {"a-file-with-a-name-of-some-length.bin": bytes(200_000)}
(FILE,) = FILES
CURL = ("curl", "-q", "-s", "--max-time", "30", "-o", os.devnull)

COLUMNS = pytest.mark.parametrize("columns", [40, 61])


@pytest.fixture
def there(tmp_path: Path, owner: User, server: Serving) -> User:
    assert server.port
    return User(owner.home, tmp_path)


def on_a_terminal(user: User, columns: int, lang: Lang, *arguments: str | Path) -> list[str]:
    """The lines that it writes to a terminal of that width, colours taken out."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.extend(_all_of(ours)))
    reader.start()
    words = [*COMMAND, *map(str, arguments)]
    words[len(COMMAND) + 1 : len(COMMAND) + 1] = ["--lang", lang]
    environment = {**user.environment, "PYTHONUTF8": "1"}
    subprocess.run(
        words,
        cwd=user.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        timeout=MINUTE,
        check=False,
    )
    os.close(theirs)
    reader.join(MINUTE)
    os.close(ours)
    text = b"".join(said).decode()
    assert "Traceback" not in text
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n").splitlines()


def _all_of(terminal: int) -> Generator[bytes]:
    try:
        while piece := os.read(terminal, 65536):
            yield piece
    except OSError:  # nobody has the other end any more
        return


def folds(lines: list[str], columns: int, at_least: int = 5) -> None:
    wide = [line for line in lines if width(line.rpartition("\r")[2]) > columns]
    assert wide == []
    assert len(lines) >= at_least


@COLUMNS
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("options", [(), ("--explain",)], ids=["summary", "explain"])
def test_run(there: User, server: Serving, columns: int, lang: Lang, options: tuple[str, ...]) -> None:
    """Of one that is opened, one whose CA is not known, one that is open, and one that was refused."""
    url = server.url(f"/{FILE}")
    curl = " ".join(CURL)
    script = f'{curl} -k {url}; {curl} --cacert "$0" {url}; {curl} {plain_url(server)}; {curl} https://127.0.0.1:1/'
    lines = on_a_terminal(there, columns, lang, "run", *options, "--", "sh", "-c", f"({script}) 2>/dev/null", there.ca)
    folds(lines, columns)


@COLUMNS
@pytest.mark.parametrize("lang", LANGS)
def test_a_connection_that_ends_in_the_handshake(there: User, columns: int, lang: Lang) -> None:
    with ending(resets) as place:
        ran = on_a_terminal(there, columns, lang, "run", "--trace", "t", "--", *CURL, f"https://{place}/")
        got = on_a_terminal(there, columns, lang, "get", "--explain", f"https://{place}/f")
    folds(ran, columns)
    folds(got, columns)
    folds(on_a_terminal(there, columns, lang, "read", "t"), columns)


@pytest.mark.parametrize("urls", [1, 2], ids=["one", "several"])
def test_the_progress_of_a_download_is_one_line(there: User, server: Serving, urls: int) -> None:
    """A line that breaks could not be drawn over."""
    saved = [word for number in range(urls) for word in ("-o", f"{number}", server.url(f"/{FILE}"))]
    lines = on_a_terminal(there, 40, "en", "get", "--limit-rate", "400k", *saved)
    frames = [frame for line in lines for frame in line.split("\r") if " % " in frame]
    assert frames
    for frame in frames:
        assert re.search(r"\d % [\d.]+/200\.0 kB", frame), frame
        assert width(frame) <= 40


@COLUMNS
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("tls", [(), ("--tls-max", "1.2")], ids=["1.3", "1.2"])
@pytest.mark.parametrize("option", ["--explain", "--tree"])
def test_get(there: User, server: Serving, columns: int, lang: Lang, tls: tuple[str, ...], option: str) -> None:
    lines = on_a_terminal(there, columns, lang, "get", option, *tls, server.url(f"/{FILE}"))
    folds(lines, columns)
    assert re.findall(r".*\d\n\s*(?:ms|s|%|B|kB|MB)(?!\w).*", "\n".join(lines)) == []
    if columns < 60 and not tls:
        assert f"{'':10}5  ServerHelloDone" in lines, "what is said of it stands beneath"


@COLUMNS
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("option", [(), ("--tree",)], ids=["table", "tree"])
@pytest.mark.parametrize(
    "name", ["ecdhe.pcap", "chrome-1250-tls-x25519-kyber.pcap", "zero-length-bodies-with-drops.pcap"]
)
def test_read(there: User, columns: int, lang: Lang, option: tuple[str, ...], name: str) -> None:
    folds(on_a_terminal(there, columns, lang, "read", *option, ZEEK / name), columns, at_least=2)


def test_the_columns_of_demo_and_of_compares_ways_are_left_to_the_terminal(there: User, server: Serving) -> None:
    """They stand beside each other: folded one by one they would have a word a line."""
    told = on_a_terminal(there, 40, "ko", "demo")
    assert "   4  ServerKeyExchange         보내지 않음: 인증서의 키를 그대로 씀" in told
    compared = on_a_terminal(there, 40, "en", "compare", server.url(f"/{FILE}"))
    assert f"   request                   GET /{FILE} HTTP/1.1" in compared
