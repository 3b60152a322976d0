"""Every client there is beside `transom serve`: each version, each kind of leaf, either engine, IPv4 and IPv6."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.interop.peers import CLIENTS, HOSTS, LEAVES, VERSIONS, Asked, Client
from tests.real.certificates import Authority
from tests.real.transom import User
from transom.cli.options.tls import ENGINES

Port = Callable[[str, str, str], int]

CASES = [
    (client, kind, version, host) for host in HOSTS for client in CLIENTS for kind in LEAVES for version in VERSIONS
]


def shown(client: Client) -> str:
    return client.name.replace("`", "")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, authority: Authority, files: Path) -> Generator[Port]:
    """Where `serve` listens with that engine, leaf and address; started when it is first asked for."""
    ports: dict[tuple[str, str, str], int] = {}
    with ExitStack() as stack:

        def start(engine: str, kind: str, host: str) -> int:
            if (engine, kind, host) not in ports:
                user = replace(User.new(tmp_path_factory.mktemp("server")), tls=engine)
                leaf = authority.leaf(kind)
                address = {"localhost": "127.0.0.1", "[::1]": "::1"}[host]
                serving = user.serving("--bind", address, "--tls-cert", leaf.chain, "--tls-key", leaf.key, files)
                ports[engine, kind, host] = stack.enter_context(serving).port
            return ports[engine, kind, host]

        yield start


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("client", "kind", "version", "host"),
    CASES,
    ids=[f"{shown(client)}-{kind}-{version}-{HOSTS[host]}" for client, kind, version, host in CASES],
)
def test_the_file_comes_whole(
    port: Port, authority: Authority, client: Client, kind: str, version: str, host: str, engine: str
) -> None:
    assert client.fetch(Asked(host, port(engine, kind, host), version, authority.root)) == CONTENT


@pytest.mark.parametrize("engine", ENGINES)
def test_each_agrees_on_http_1_1_by_alpn_where_it_has_that(
    user: User, authority: Authority, files: Path, engine: str
) -> None:
    trace, leaf = user.folder / "t.pcapng", authority.leaf()
    serving = replace(user, tls=engine).serving(
        "--tls-cert", leaf.chain, "--tls-key", leaf.key, "--trace", trace, files
    )
    asked = [(client, version) for client in CLIENTS for version in VERSIONS]
    with serving as server:
        for client, version in asked:
            client.fetch(Asked("localhost", server.port, version, authority.root, "/hello.txt"))
    lines = [json.loads(line) for line in user.run("read", "--json", trace).stdout.splitlines()]
    tls = sorted((line for line in lines if line["type"] == "tls"), key=lambda line: line["conversation"])
    spoken = [(line["version"], line["alpn"]) for line in tls]
    assert spoken == [(f"TLSv{version}", client.alpn) for client, version in asked]
