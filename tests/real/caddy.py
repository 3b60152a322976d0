"""Caddy, serving a folder on loopback over TLS: on a port of its own for each certificate."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.real.certificates import Leaf
from tests.real.programs import ENVIRONMENT, program
from tests.real.started import BOTH, free_ports, started


@contextmanager
def caddy(
    home: Path, root: Path, leaves: Mapping[str, Leaf], *, user: int | None = None, asks_for: Path | None = None
) -> Generator[dict[str, int]]:
    """Run Caddy with all it writes in `home`, serving `root`: the port of each of `leaves`.

    A client has to show a certificate that comes from the root in the file `asks_for`, if there is one.

    It has no admin endpoint and gets no certificates of its own: so it has nobody to call and no root to install.
    """
    ports = dict(zip(leaves, free_ports(len(leaves)), strict=True))
    configuration = home / "caddy.json"
    configuration.write_text(json.dumps(_configuration(home, root, leaves, ports, asks_for)))
    environment = {
        **ENVIRONMENT,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }
    command = [program("caddy"), "run", "--config", str(configuration)]
    with started(command, "serving initial configuration", home, environment=environment, user=user):
        yield ports


def _configuration(
    home: Path, root: Path, leaves: Mapping[str, Leaf], ports: Mapping[str, int], asks_for: Path | None
) -> dict[str, object]:
    judged = {"trusted_ca_certs_pem_files": [str(asks_for)], "mode": "require_and_verify"}
    asks = {"client_authentication": judged} if asks_for else {}
    files = [{"certificate": str(leaf.chain), "key": str(leaf.key), "tags": [name]} for name, leaf in leaves.items()]
    servers = {
        name: {
            "listen": [f"{host}:{port}" for host in BOTH],
            "protocols": ["h1", "h2"],
            "automatic_https": {"disable": True},
            "tls_connection_policies": [{"certificate_selection": {"any_tag": [name]}, **asks}],
            "routes": [{"handle": [{"handler": "file_server", "root": str(root)}]}],
        }
        for name, port in ports.items()
    }
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": str(home / "data")},
        "apps": {
            "tls": {"disable_ocsp_stapling": True, "certificates": {"load_files": files}},
            "http": {"servers": servers},
        },
    }
