"""The programs that `transom run` leads through its tunnel: how each is started, and what can be said of it in one row.

The tests of the matrix are made from this table, and docs/run.md shows it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from pathlib import Path

from tests.interop.peers import SCRIPTS
from tests.real.browser import new_store
from tests.real.door import Door
from tests.real.programs import run
from tests.real.transom import User


class Seen(Enum):
    """How much of what the program does is there to be told."""

    ALL = auto()
    AS_ON_THE_PATH = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Ground:
    """Where it all happens: who fetches, from behind which door, trusting `ca`."""

    user: User
    door: Door
    ca: Path


@dataclass(frozen=True)
class Led:
    """A program that fetches `path`. `kept` is the file it leaves in the user's folder; None for one that sends what it
    has fetched back instead. `notices` and `logs` are the cells of its row, `takes` is what has to be typed.
    """

    name: str
    measured: str
    words: Callable[[Ground], list[str]]
    notices: str = "yes"
    logs: str = "yes"
    takes: str = ""
    seen: Callable[[], Seen] = lambda: Seen.ALL
    said: str = ""
    """What the summary says where not all is seen."""
    option: str | None = None
    """With which option of ours all is seen nevertheless."""
    path: str = "/f.bin"
    kept: str | None = "f"
    env: Callable[[Ground], Mapping[str, str]] = lambda ground: {}
    prepare: Callable[[Ground], object] = lambda ground: None
    shuffles: bool = False
    """Whether the order of its ClientHello's extensions is another one each time, and with it its JA3."""

    def row(self) -> list[str]:
        return [self.name, self.measured, self.notices, self.logs, self.takes]


def by_curl(ground: Ground) -> list[str]:
    return ["curl", "-q", "-sS", "--cacert", str(ground.ca), "-o", "f", ground.door.url("/f.bin")]


def by_wget(ground: Ground) -> list[str]:
    trusting = f"--ca-certificate={ground.ca}"
    return ["wget", "--no-config", "-q", trusting, "-O", "f", ground.door.url("/f.bin")]


def by_git(ground: Ground) -> list[str]:
    trusting = f"http.sslCAInfo={ground.ca}"
    asking = ["git", "-c", trusting, "ls-remote", "--heads", ground.door.url("/repository.git")]
    return ["sh", "-c", '"$@" >f', "sh", *asking]


def by_s_client(ground: Ground, keys: str = '${SSLKEYLOGFILE:+-keylogfile "$SSLKEYLOGFILE"}') -> list[str]:
    through = "${https_proxy:+-proxy ${https_proxy##*@}}"
    who = f"-connect localhost:{ground.door.port} -servername localhost -CAfile {ground.ca} -verify_return_error"
    client = f"openssl s_client -quiet -verify_quiet {through} {keys} {who}"
    return ["sh", "-c", rf"printf 'GET /f.bin HTTP/1.0\r\n\r\n' | {client} | sed '1,/^\r$/d' >f"]


def by_s_client_alone(ground: Ground) -> list[str]:
    return by_s_client(ground, keys="")


def by_python(library: str) -> Callable[[Ground], list[str]]:
    def words(ground: Ground) -> list[str]:
        return [sys.executable, str(SCRIPTS / "python_fetch.py"), library, ground.door.url("/f.bin"), str(ground.ca)]

    return words


def by_pip(*more: str) -> Callable[[Ground], list[str]]:
    def words(ground: Ground) -> list[str]:
        alone = ["--isolated", "--no-cache-dir", "--disable-pip-version-check", "--no-deps", "-q"]
        where = ["--index-url", ground.door.url("/simple"), "--cert", str(ground.ca), "-d", "."]
        return [str(Path(sys.executable).with_name("pip")), "download", *alone, *where, *more, "thing"]

    return words


def by_node(way: str) -> Callable[[Ground], list[str]]:
    def words(ground: Ground) -> list[str]:
        return ["node", str(SCRIPTS / "node_fetch.js"), way, ground.door.url("/f.bin")]

    return words


def by_npm(ground: Ground) -> list[str]:
    where = ["--registry", ground.door.url("/npm/"), "--cafile", str(ground.ca), "--cache", "cache"]
    return ["npm", "pack", "--silent", "--no-update-notifier", *where, "thing"]


def with_extra_ca(ground: Ground) -> Mapping[str, str]:
    return {"NODE_EXTRA_CA_CERTS": str(ground.ca)}


def by_proxy(ground: Ground) -> Mapping[str, str]:
    """The door is a proxy, without us and behind us."""
    return {"https_proxy": ground.door.proxy, "http_proxy": ground.door.proxy}


_CHROMIUM = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-quic",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--user-data-dir=profile", "--dump-dom",
)  # fmt: skip


def by_chromium(ground: Ground) -> list[str]:
    return ["chromium", *_CHROMIUM, ground.door.url_by_name("/page.html")]


def by_chromium_to_localhost(ground: Ground) -> list[str]:
    return ["chromium", *_CHROMIUM, ground.door.url("/page.html")]


def by_chromium_told_to(ground: Ground) -> list[str]:
    through = "${https_proxy:+--proxy-server=${https_proxy##*@} --proxy-bypass-list='<-loopback>'}"
    return ["sh", "-c", f'chromium {through} "$@"', "sh", *_CHROMIUM, ground.door.url("/page.html")]


def chromium_trusts(ground: Ground) -> None:
    new_store(ground.user.home / ".pki" / "nssdb", [ground.ca])


_FIREFOX = ("--headless", "--no-remote", "--profile", "profile", "--screenshot", "shot.png")


def by_firefox(ground: Ground) -> list[str]:
    return ["firefox-esr", *_FIREFOX, ground.door.url_by_name("/page.html")]


def by_firefox_to_localhost(ground: Ground) -> list[str]:
    return ["firefox-esr", *_FIREFOX, ground.door.url("/page.html")]


_PREFERENCES = {
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.startup.homepage_override.mstone": "ignore",
}


def firefox_trusts(ground: Ground) -> None:
    profile = ground.user.folder / "profile"
    new_store(profile, [ground.ca])
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))


@cache
def seen_of_node() -> Seen:
    """It has NODE_USE_ENV_PROXY since 22.21 and 24.5."""
    version = re.match(r"v(\d+)\.(\d+)\.", run("node", "--version").text)
    assert version is not None
    major, minor = int(version[1]), int(version[2])
    heeds = major > 24 or (major, minor) >= (24, 5) or (major == 22 and minor >= 21)
    return Seen.ALL if heeds else Seen.NOTHING


_FROM = "from 22.21 and 24.5 on"
_OF_NODE = "20.20.2, 22.23.3, 24.21.0"

LED = (
    Led("curl (OpenSSL)", "7.88.1", by_curl),
    Led("wget (GnuTLS)", "1.21.3", by_wget),
    Led("git (libcurl with GnuTLS)", "2.39.5", by_git, path="/repository.git/info/refs"),
    Led(
        "`openssl s_client`", "3.0.19", by_s_client, notices="when told to", logs="when told to",
        takes="`sh -c 'openssl s_client -proxy ${https_proxy##*@} -keylogfile \"$SSLKEYLOGFILE\" …'`",
    ),
    Led(
        "`openssl s_client` without `-keylogfile`", "3.0.19", by_s_client_alone, notices="when told to", logs="no",
        takes="the row above", seen=lambda: Seen.AS_ON_THE_PATH, said="openssl logs no keys by itself",
    ),
    Led("pip", "26.3", by_pip(), path="/simple/thing/thing-1.0-py3-none-any.whl", kept="thing-1.0-py3-none-any.whl",
        logs="no, since 24.2: truststore", takes="`--python`, or the row below",
        seen=lambda: Seen.AS_ON_THE_PATH, said="--use-deprecated=legacy-certs", option="--python"),
    Led("pip, `--use-deprecated=legacy-certs`", "26.3", by_pip("--use-deprecated=legacy-certs"),
        path="/simple/thing/thing-1.0-py3-none-any.whl", kept="thing-1.0-py3-none-any.whl"),
    Led("requests", "2.34.2", by_python("requests")),
    Led("httpx", "0.28.1", by_python("httpx")),
    Led("aiohttp, `ClientSession(trust_env=True)`", "3.14.5", by_python("aiohttp-trust-env")),
    Led("aiohttp", "3.14.5", by_python("aiohttp"), notices="no", takes="`--python`, or the row above",
        seen=lambda: Seen.NOTHING, said="trust_env=True", option="--python"),
    Led("`urllib.request`", "Python 3.11.7", by_python("urllib")),
    Led("`http.client`", "Python 3.11.7", by_python("http.client"), notices="no", takes="`--python`",
        seen=lambda: Seen.NOTHING, said="--python", option="--python"),
    Led("urllib3, `PoolManager`", "2.8.0", by_python("urllib3"), notices="no",
        takes="`--python`, or its `ProxyManager`", seen=lambda: Seen.NOTHING, said="--python", option="--python"),
    Led("Node, `https`", _OF_NODE, by_node("https"), notices=_FROM, takes="a Node that is new enough",
        seen=seen_of_node, said="22.21 and 24.5", env=with_extra_ca),
    Led("Node, `fetch`", _OF_NODE, by_node("fetch"), notices=_FROM, takes="a Node that is new enough",
        seen=seen_of_node, said="22.21 and 24.5", env=with_extra_ca),
    Led("npm", "11.19.1", by_npm, path="/tarballs/thing-1.0.0.tgz", kept="thing-1.0.0.tgz"),
    Led("Chromium", "156.0", by_chromium, notices="yes, but not for `localhost`",
        env=by_proxy, prepare=chromium_trusts, kept=None, shuffles=True),
    Led("Chromium, to `localhost`", "156.0", by_chromium_told_to, notices="when told to",
        takes="`sh -c 'chromium --proxy-server=${https_proxy##*@} --proxy-bypass-list=\"<-loopback>\" …'`",
        env=by_proxy, prepare=chromium_trusts, kept=None, shuffles=True),
    Led("Firefox", "153.7 ESR", by_firefox, notices="yes, but not for `localhost`", env=by_proxy,
        prepare=firefox_trusts, kept=None),
)  # fmt: skip

BROWSERS_TO_LOCALHOST = (
    Led("Chromium", "156.0", by_chromium_to_localhost, env=by_proxy, prepare=chromium_trusts, said="<-loopback>"),
    Led("Firefox", "153.7 ESR", by_firefox_to_localhost, env=by_proxy, prepare=firefox_trusts, said="for localhost"),
)
"""Which go past every proxy then."""
