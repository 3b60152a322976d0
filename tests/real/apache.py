"""Apache, serving a folder on loopback over TLS: on a port of its own for each certificate."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.real.certificates import Leaf
from tests.real.programs import program
from tests.real.started import BOTH, free_ports, started

MODULES = Path("/usr/lib/apache2/modules")

NOBODY = 65534
"""Apache does not serve as root: started by root it becomes this user, who has to be able to read what it serves."""

_CONFIGURATION = """
ServerRoot {home}
ServerName localhost
DefaultRuntimeDir {home}
PidFile {home}/apache.pid
ErrorLog "|/bin/cat"
LogLevel notice ssl:error
{modules}
{user}
StartServers 1
ServerLimit 1
ThreadsPerChild 16
MaxRequestWorkers 16
MinSpareThreads 1
MaxSpareThreads 16
SSLSessionCache none
{sites}
"""

_SITE = """
{listen}
<VirtualHost {names}>
    DocumentRoot {root}
    SSLEngine on
    SSLCertificateFile {leaf.chain}
    SSLCertificateKeyFile {leaf.key}
    {settings}
</VirtualHost>
"""


@contextmanager
def apache(
    home: Path, root: Path, leaves: Mapping[str, Leaf], settings: str = "", *, user: int | None = None
) -> Generator[dict[str, int]]:
    """Run Apache with all it writes in `home`, serving `root`: the port of each of `leaves`."""
    ports = dict(zip(leaves, free_ports(len(leaves)), strict=True))
    configuration = home / "apache.conf"
    starts_as_root = os.geteuid() == 0 and user is None
    configuration.write_text(
        _CONFIGURATION.format(
            home=home,
            modules="\n".join(
                f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in ("mpm_event", "authz_core", "ssl")
            ),
            user=f"User #{NOBODY}\nGroup #{NOBODY}" if starts_as_root else "",
            sites="".join(_site(root, leaf, ports[name], settings) for name, leaf in leaves.items()),
        )
    )
    command = [program("apache2"), "-d", str(home), "-f", str(configuration), "-DFOREGROUND"]
    with started(command, "resuming normal operations", home, user=user):
        yield ports


def _site(root: Path, leaf: Leaf, port: int, settings: str) -> str:
    places = [f"{host}:{port}" for host in BOTH]
    return _SITE.format(
        listen="\n".join(f"Listen {place}" for place in places),
        names=" ".join(places),
        root=root,
        leaf=leaf,
        settings=settings,
    )
