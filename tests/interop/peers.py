"""The programs that are beside us: how each is started or asked, and what can be said of it in one row.

The tests of the matrix are made from these tables, and docs/interop.md shows them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

from tests.real.apache import apache
from tests.real.caddy import caddy
from tests.real.certificates import Authority, Leaf
from tests.real.nginx import NginxTls, nginx
from tests.real.programs import ENVIRONMENT, Ran, curl, program, run
from tests.real.started import started
from tests.real.tls_servers import gnutls_serv, s_server

SCRIPTS = Path(__file__).parents[1] / "real" / "scripts"

LEAVES = {"rsa": "RSA", "p256": "ECDSA", "ed25519": "Ed25519"}
"""The keys of certificates, and what the table calls them."""

VERSIONS = {"1.2": ("--tls-max", "1.2"), "1.3": ("--tlsv1.3",)}
"""Each version of TLS, and how curl and `get` are made to speak it and no other."""

HOSTS = {"localhost": "IPv4", "[::1]": "IPv6"}


@dataclass(frozen=True)
class Ground:
    """Where a server runs: what it writes goes into `home`, it serves `files`, who it is comes from `authority`."""

    home: Path
    files: Path
    authority: Authority

    @property
    def leaves(self) -> dict[str, Leaf]:
        return {kind: self.authority.leaf(kind) for kind in LEAVES}


Url = Callable[[str, str], str]
"""Given a kind of leaf and a host: where `f.bin` is."""


class Again(Enum):
    """What the next `get` does after one that was interrupted."""

    GOES_ON = "goes on; from the beginning if the file was replaced"
    NO_RANGES = "from the beginning: it sends whole files only"
    NO_VALIDATOR = "from the beginning: it gives neither ETag nor date"
    NO_FILE = "it has no file to give, but a page of its own"


@dataclass(frozen=True)
class Server:
    """A server that `get` fetches from."""

    name: str
    running: Callable[[Ground], AbstractContextManager[Url]]
    again: Again = Again.GOES_ON

    def row(self, engines: Iterable[str]) -> list[str]:
        return [self.name, *_common(engines), self.again.value]


@contextmanager
def nginx_runs(ground: Ground) -> Generator[Url]:
    with ExitStack() as stack:
        running: dict[tuple[str, str], str] = {}

        def url(kind: str, host: str) -> str:
            if (kind, host) not in running:
                home = ground.home / f"{kind}-{HOSTS[host]}"
                home.mkdir()
                leaf = ground.authority.leaf(kind)
                listening = nginx(home, ground.files, tls=NginxTls(leaf.chain, leaf.key), host=_address(host))
                running[kind, host] = stack.enter_context(listening).secure_url("/f.bin", host)
            return running[kind, host]

        yield url


@contextmanager
def caddy_runs(ground: Ground) -> Generator[Url]:
    with caddy(ground.home, ground.files, ground.leaves) as ports:
        yield partial(_of_port, ports)


@contextmanager
def apache_runs(ground: Ground) -> Generator[Url]:
    with apache(ground.home, ground.files, ground.leaves) as ports:
        yield partial(_of_port, ports)


@contextmanager
def script_runs(command: list[str], ground: Ground, asks_for: Path | None = None) -> Generator[Url]:
    """One of `tests/real/scripts`, which prints where it listens; who calls is to come from the root `asks_for`."""
    environment = {**ENVIRONMENT, **({"CLIENTS_FROM": str(asks_for)} if asks_for else {})}
    leaves = [str(word) for kind, leaf in ground.leaves.items() for word in (kind, leaf.chain, leaf.key)]
    with started([*command, str(ground.files), *leaves], "{", environment=environment) as line:
        yield partial(_of_port, json.loads(line))


@contextmanager
def node_runs(ground: Ground, asks_for: Path | None = None) -> Generator[Url]:
    with script_runs([program("node"), str(SCRIPTS / "node_server.js")], ground, asks_for) as url:
        yield url


@contextmanager
def python_runs(ground: Ground, asks_for: Path | None = None) -> Generator[Url]:
    with script_runs([sys.executable, str(SCRIPTS / "python_server.py")], ground, asks_for) as url:
        yield url


@contextmanager
def s_server_runs(form: str, ground: Ground) -> Generator[Url]:
    folder = ground.files if form == "-WWW" else ground.home
    if form == "-HTTP":  # what it sends is in the file, the head too
        content = (ground.files / "f.bin").read_bytes()
        (folder / "f.bin").write_bytes(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
    with ExitStack() as stack:
        running: dict[tuple[str, str], str] = {}

        def url(kind: str, host: str) -> str:
            if (kind, host) not in running:
                at = s_server(ground.authority.leaf(kind), folder, "-alpn", "http/1.1", host=_address(host), form=form)
                running[kind, host] = f"https://{host}:{stack.enter_context(at).port}/f.bin"
            return running[kind, host]

        yield url


@contextmanager
def gnutls_serv_runs(ground: Ground) -> Generator[Url]:
    with ExitStack() as stack:
        ports: dict[str, int] = {}

        def url(kind: str, host: str) -> str:
            if kind not in ports:
                ports[kind] = stack.enter_context(gnutls_serv(ground.authority.leaf(kind), "--alpn", "http/1.1"))
            return _of_port(ports, kind, host)

        yield url


SERVERS = (
    Server("nginx", nginx_runs),
    Server("Caddy", caddy_runs),
    Server("Apache", apache_runs),
    Server("Node, `https`", node_runs),
    Server("Python, `http.server`", python_runs, Again.NO_RANGES),
    Server("`openssl s_server -WWW`", partial(s_server_runs, "-WWW"), Again.NO_VALIDATOR),
    Server("`openssl s_server -HTTP`", partial(s_server_runs, "-HTTP"), Again.NO_VALIDATOR),
    Server("`gnutls-serv --http`", gnutls_serv_runs, Again.NO_FILE),
)


@dataclass(frozen=True)
class Asked:
    """What a client is to fetch from `serve`: a path at a host and port, with one version of TLS, trusting `ca`."""

    host: str
    port: int
    version: str
    ca: Path
    path: str = "/f.bin"

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}{self.path}"

    @property
    def request(self) -> bytes:
        """For those who leave HTTP to their user."""
        return f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


@dataclass(frozen=True)
class Client:
    """A client that fetches from `serve`; each verifies the chain and the name, and fails if they do not hold."""

    name: str
    fetch: Callable[[Asked], bytes]
    alpn: str | None = "http/1.1"

    def row(self, engines: Iterable[str]) -> list[str]:
        return [self.name, *_common(engines), f"`{self.alpn}`" if self.alpn else "it has none"]


def by_curl(asked: Asked) -> bytes:
    return _output(curl("-g", "--cacert", str(asked.ca), *VERSIONS[asked.version], asked.url))


def by_wget(asked: Asked) -> bytes:
    version = f"--ciphers={_priority(asked.version)}"
    return _output(run("wget", "--no-config", "-nv", "--ca-certificate", str(asked.ca), version, "-O", "-", asked.url))


def by_s_client(asked: Asked) -> bytes:
    name = ["-servername", "localhost", "-verify_hostname", "localhost"]
    who = name if asked.host == "localhost" else ["-verify_ip", _address(asked.host).strip("[]")]
    ran = run(
        "openssl", "s_client", "-connect", f"{_address(asked.host)}:{asked.port}", *who, "-verify_return_error",
        "-CAfile", str(asked.ca), f"-tls{asked.version.replace('.', '_')}", "-alpn", "http/1.1", "-quiet", "-ign_eof",
        stdin=asked.request,
    )  # fmt: skip
    return _body(_output(ran))


def by_gnutls_cli(asked: Asked) -> bytes:
    name = asked.host.strip("[]")
    sni = ["--sni-hostname", name] if name == "localhost" else ["--disable-sni"]
    ran = run(
        "gnutls-cli", "--x509cafile", str(asked.ca), "--verify-hostname", name, *sni, "--alpn", "http/1.1",
        "--priority", _priority(asked.version), "--logfile", "/dev/null", "-p", str(asked.port),
        _address(asked.host).strip("[]"), stdin=asked.request,
    )  # fmt: skip
    return _body(_output(ran))


def by_node(asked: Asked) -> bytes:
    return _output(run("node", str(SCRIPTS / "node_client.js"), asked.url, str(asked.ca), asked.version))


def by_python(asked: Asked) -> bytes:
    return _output(run(sys.executable, str(SCRIPTS / "python_client.py"), asked.url, str(asked.ca), asked.version))


CLIENTS = (
    Client("curl", by_curl),
    Client("wget", by_wget, alpn=None),
    Client("`openssl s_client`", by_s_client),
    Client("`gnutls-cli`", by_gnutls_cli),
    Client("Node, `https`", by_node),
    Client("Python, `http.client`", by_python),
)


@dataclass(frozen=True)
class Asking:
    """A server that asks for the client's certificate: its URL, by the leaf it shows.

    `refused` is the exit code of a `get` that has none, in TLS 1.2 and 1.3.
    """

    name: str
    running: Callable[[Ground], AbstractContextManager[str]]
    refused: tuple[int, int] = (35, 56)
    gives: bytes = b""
    """What it gives instead of a file."""

    def row(self) -> list[str]:
        before, since = self.refused
        code = str(before) if before == since else f"{before} in TLS 1.2, {since} in TLS 1.3"
        return [self.name, _listed(VERSIONS), _listed(LEAVES.values()), code]


@contextmanager
def nginx_asks(ground: Ground) -> Generator[str]:
    leaf = ground.authority.leaf()
    settings = ["ssl_verify_client on;", "ssl_verify_depth 2;", f"ssl_client_certificate {ground.authority.root};"]
    with nginx(ground.home, ground.files, tls=NginxTls(leaf.chain, leaf.key, settings=settings)) as server:
        yield server.secure_url("/f.bin")


@contextmanager
def apache_asks(ground: Ground) -> Generator[str]:
    settings = f"SSLVerifyClient require\nSSLVerifyDepth 2\nSSLCACertificateFile {ground.authority.root}"
    with apache(ground.home, ground.files, {"p256": ground.authority.leaf()}, settings) as ports:
        yield f"https://localhost:{ports['p256']}/f.bin"


@contextmanager
def s_server_asks(ground: Ground) -> Generator[str]:
    trust = ("-CAfile", str(ground.authority.root), "-Verify", "2", "-verify_return_error")
    with s_server(ground.authority.leaf(), ground.files, *trust) as server:
        yield f"https://localhost:{server.port}/f.bin"


@contextmanager
def gnutls_serv_asks(ground: Ground) -> Generator[str]:
    trust = ("--x509cafile", str(ground.authority.root), "--require-client-cert", "--verify-client-cert")
    with gnutls_serv(ground.authority.leaf(), *trust) as port:
        yield f"https://localhost:{port}/f.bin"


@contextmanager
def caddy_asks(ground: Ground) -> Generator[str]:
    leaves = {"p256": ground.authority.leaf()}
    with caddy(ground.home, ground.files, leaves, asks_for=ground.authority.root) as ports:
        yield f"https://localhost:{ports['p256']}/f.bin"


@contextmanager
def node_asks(ground: Ground) -> Generator[str]:
    with node_runs(ground, ground.authority.root) as url:
        yield url("p256", "localhost")


@contextmanager
def python_asks(ground: Ground) -> Generator[str]:
    with python_runs(ground, ground.authority.root) as url:
        yield url("p256", "localhost")


ASKING = (
    Asking("nginx, `ssl_verify_client on`", nginx_asks, refused=(22, 22)),
    Asking("Caddy, `require_and_verify`", caddy_asks),
    Asking("Apache, `SSLVerifyClient require`", apache_asks),
    Asking("Node, `requestCert`", node_asks),
    Asking("Python, `CERT_REQUIRED`", python_asks),
    Asking("`openssl s_server -Verify`", s_server_asks),
    Asking("`gnutls-serv --require-client-cert`", gnutls_serv_asks, gives=b"GnuTLS"),
)


def _common(engines: Iterable[str]) -> list[str]:
    return [_listed(VERSIONS), _listed(LEAVES.values()), _listed(f"`{name}`" for name in engines)]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _address(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host


def _of_port(ports: dict[str, int], kind: str, host: str) -> str:
    return f"https://{host}:{ports[kind]}/f.bin"


def _priority(version: str) -> str:
    """GnuTLS's way to speak one version alone."""
    return f"NORMAL:-VERS-ALL:+VERS-TLS{version}"


def _output(ran: Ran) -> bytes:
    assert ran.exit_code == 0, ran.stderr
    return ran.stdout


def _body(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    return body
