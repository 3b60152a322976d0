"""nginx, serving a folder on loopback in the clear and, given a certificate, over TLS."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.real.programs import ENVIRONMENT, program

_CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log info;
events {{ worker_connections 512; }}
http {{
    access_log {home}/access.log;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    default_type application/octet-stream;
    server {{
        listen {host}:{http_port};
        root {root};
        {extra}
    }}
    {tls}
}}
"""

_TLS_SERVER = """
    server {{
        listen {endpoint} ssl{http2};
        ssl_certificate {chain};
        ssl_certificate_key {key};
        ssl_protocols {protocols};
        {settings}
        root {root};
        {extra}
    }}
"""


@dataclass(frozen=True)
class NginxTls:
    """A server certificate (PEM files: the chain, the key), how TLS is to be spoken, and whether HTTP/2 is over it."""

    chain: Path
    key: Path
    protocols: str = "TLSv1.2 TLSv1.3"
    settings: Sequence[str] = ()
    http2: bool = False


@dataclass(frozen=True)
class Nginx:
    """A running nginx."""

    http_port: int
    https_port: int | None
    home: Path

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.http_port}{path}"

    def secure_url(self, path: str, host: str = "localhost") -> str:
        return f"https://{host}:{self.https_port}{path}"


@contextmanager
def nginx(
    home: Path, root: Path, *, tls: NginxTls | None = None, extra: str = "", host: str = "127.0.0.1"
) -> Generator[Nginx]:
    """Run nginx with its files in `home`, serving `root` on `host`; `extra` goes into each of its server blocks.

    It is handed sockets that listen already, as in an upgrade of its own binary: there is no port to guess and no
    start to wait for.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    address = (host.strip("[]"), 0)
    with socket.create_server(address, family=family) as plain, socket.create_server(address, family=family) as secure:
        http_port, https_port = plain.getsockname()[1], secure.getsockname()[1]
        handed = [plain, secure] if tls else [plain]
        configuration = home / "nginx.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                user="user root;" if os.geteuid() == 0 else "",
                home=home,
                host=host,
                http_port=http_port,
                root=root,
                extra=extra,
                tls=_tls_server(tls, f"{host}:{https_port}", root, extra) if tls else "",
            )
        )
        process = subprocess.Popen(
            [program("nginx"), "-c", str(configuration), "-p", str(home), "-e", str(home / "error.log")],
            pass_fds=[one.fileno() for one in handed],
            env={**ENVIRONMENT, "NGINX": "".join(f"{one.fileno()};" for one in handed)},
            stderr=subprocess.DEVNULL,
        )
    try:
        yield Nginx(http_port, https_port if tls else None, home)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """A master that is told while it starts notes it, and then waits for another signal: so it is told again."""
    for _ in range(20):
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)
            return
    raise AssertionError("nginx does not end")


def _tls_server(tls: NginxTls, endpoint: str, root: Path, extra: str) -> str:
    return _TLS_SERVER.format(
        endpoint=endpoint,
        http2=" http2" if tls.http2 else "",
        chain=tls.chain,
        key=tls.key,
        protocols=tls.protocols,
        settings="\n        ".join(tls.settings),
        root=root,
        extra=extra,
    )
