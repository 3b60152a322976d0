"""`transom get` beside every server there is: each version, each kind of leaf, either engine, IPv4 and IPv6."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.interop.peers import HOSTS, LEAVES, SERVERS, VERSIONS, Again, Ground, Server, Url
from tests.real.apache import NOBODY, apache
from tests.real.caddy import caddy
from tests.real.caller import Caller
from tests.real.certificates import Authority
from tests.real.programs import curl
from tests.real.public import public_folder
from transom.cli.options.tls import ENGINES

Running = Callable[[Server], Url]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, authority: Authority, files: Path) -> Generator[Running]:
    """Each server, started when it is first asked for."""
    urls: dict[str, Url] = {}
    with ExitStack() as stack:

        def start(server: Server) -> Url:
            if server.name not in urls:
                ground = Ground(tmp_path_factory.mktemp("server"), files, authority)
                urls[server.name] = stack.enter_context(server.running(ground))
            return urls[server.name]

        yield start


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", LEAVES)
@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name.replace("`", ""))
def test_the_file_comes_whole(
    caller: Caller,
    running: Running,
    authority: Authority,
    server: Server,
    kind: str,
    version: str,
    host: str,
    engine: str,
) -> None:
    ran = replace(caller, tls=engine).run(
        "get", "--cacert", authority.root, *VERSIONS[version], "--json", "-o", "got", running(server)(kind, host)
    )
    assert ran.exit_code == 0, ran.stderr
    line = json.loads(ran.stdout)
    assert (line["version"], line["alpn"]) == (f"TLSv{version}", "http/1.1")
    got = (caller.folder / "got").read_bytes()
    assert b"GnuTLS" in got if server.again is Again.NO_FILE else got == CONTENT


USERS = {"oneself": None, **({"nobody": NOBODY} if os.geteuid() == 0 else {})}
"""Who starts a server; only root can do it for somebody else."""


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(("serve", "writes"), [(apache, {"apache.conf"}), (caddy, {"caddy.json", ".step"})])
def test_apache_and_caddy_run_as_root_and_as_anybody_and_install_nothing(
    files: Path, serve: Callable[..., AbstractContextManager[dict[str, int]]], writes: set[str], user: str
) -> None:
    with public_folder(USERS[user]) as home:
        authority = Authority(home)
        leaf = authority.leaf("rsa")
        given = {path.name for path in home.iterdir()}
        for key in given:
            (home / key).chmod(0o644)  # whoever starts the server has to be able to read it
        with serve(home, files, {"rsa": leaf}, user=USERS[user]) as ports:
            fetched = curl("--cacert", str(authority.root), f"https://localhost:{ports['rsa']}/f.bin")
        assert fetched.stdout == CONTENT, fetched.stderr
        assert {path.name for path in home.iterdir()} - given <= writes
