"""The real programs the benches run side by side: servers on loopback, clients to the end, and what memory they took.

Everything they need (a local CA, a certificate, a configuration) is made in a folder that is thrown away.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

KIB = 1024
MIB = 1024 * 1024
SUITE = "TLS_AES_128_GCM_SHA256"
TRANSOM = [sys.executable, "-m", "transom"]

_SAMPLING = 0.02  # seconds between two looks at a process's memory

_NGINX_CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
worker_rlimit_nofile {descriptors};
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    sendfile on;
    root {share};
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    server {{ listen 127.0.0.1:{http_port}; }}
    server {{
        listen 127.0.0.1:{https_port} ssl;
        ssl_certificate {home}/cert.pem;
        ssl_certificate_key {home}/key.pem;
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites {suite};
    }}
}}
"""


@dataclass(frozen=True)
class Home:
    """A folder with all that the programs keep: the shared files are in `share`."""

    path: Path
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        search = os.environ.get("PATH", "") + ":/usr/sbin"  # where Debian has nginx
        kept = {"PATH": search, "HOME": str(self.path), "XDG_DATA_HOME": str(self.path), "LC_ALL": "C.UTF-8"}
        if "PYTHONPATH" in os.environ:  # to measure another state of the sources
            kept["PYTHONPATH"] = os.environ["PYTHONPATH"]
        object.__setattr__(self, "environment", kept)

    @property
    def share(self) -> Path:
        return self.path / "share"

    @property
    def ca(self) -> Path:
        """The local CA's certificate, which the clients trust."""
        return self.path / "transom" / "ca" / "ca.pem"

    def add_file(self, name: str, size: int) -> None:
        """A file of `size` zeros, in the page cache once this returns, and on no disk."""
        with (self.share / name).open("wb+") as file:
            file.truncate(size)
            while file.read(MIB):
                pass

    def program(self, name: str) -> str:
        found = shutil.which(name, path=self.environment["PATH"])
        if found is None:
            raise SystemExit(f"this bench needs {name}: install it from the system's packages")
        return found


@dataclass(frozen=True)
class Server:
    """A running server: its process, and the ports of its two doors."""

    pid: int
    https_port: int
    http_port: int

    def url(self, scheme: str, name: str) -> str:
        port = self.https_port if scheme == "https" else self.http_port
        return f"{scheme}://localhost:{port}/{name}"


@dataclass(frozen=True)
class Ran:
    """One run of a client: wall-clock seconds from start to end, seconds of processor time, peak of memory in MiB.

    `transfer` is how many of the seconds the client itself says that the transfer took, from resolving the name to the
    last byte: without the client's own start.
    """

    seconds: float
    processor: float
    peak: float
    transfer: float


Client = Callable[[Home, str], Ran]
"""Fetches a URL into /dev/null."""


@contextmanager
def new_home() -> Iterator[Home]:
    """A home with a CA, and a certificate of it for localhost."""
    with TemporaryDirectory(prefix="transom-bench-") as folder:
        home = Home(Path(folder))
        home.share.mkdir()
        files = ["--cert", str(home.path / "cert.pem"), "--key", str(home.path / "key.pem")]
        command = [*TRANSOM, "ca", "issue", *files, "localhost", "127.0.0.1"]
        subprocess.run(command, check=True, env=home.environment, stdout=subprocess.DEVNULL)
        yield home


@contextmanager
def transom_serve(home: Home, *options: str) -> Iterator[Server]:
    """`transom serve`, over HTTPS and HTTP."""
    command = [*TRANSOM, "serve", "--quiet", "--bind", "127.0.0.1", "--port", "0", "--http-port", "0", *options]
    with _running([*command, str(home.share)], home, stdout=subprocess.PIPE) as process:
        ports = dict(_announced(process))
        yield Server(process.pid, ports["https"], ports["http"])


def _announced(process: subprocess.Popen[bytes]) -> Iterator[tuple[str, int]]:
    """Scheme and port of each URL in the lines that end with how to stop it."""
    for line in process.stdout or ():
        if match := re.match(rb"  (https?)://localhost:(\d+)/$", line):
            yield match[1].decode(), int(match[2])
        elif line.startswith(b"^C"):
            return
    raise SystemExit("transom serve did not start")


@contextmanager
def nginx(home: Home, connections: int = 512) -> Iterator[Server]:
    """One worker of nginx. It is handed sockets that listen already, so there is no start to wait for."""
    with socket.create_server(("127.0.0.1", 0)) as http, socket.create_server(("127.0.0.1", 0)) as https:
        http_port, https_port = http.getsockname()[1], https.getsockname()[1]
        (home.path / "nginx.conf").write_text(
            _NGINX_CONFIGURATION.format(
                user="user root;" if os.geteuid() == 0 else "",
                home=home.path,
                share=home.share,
                suite=SUITE,
                connections=connections,
                descriptors=connections + 512,
                http_port=http_port,
                https_port=https_port,
            )
        )
        handed = [http.fileno(), https.fileno()]
        inherited = {"NGINX": "".join(f"{one};" for one in handed)}
        command = [home.program("nginx"), "-c", str(home.path / "nginx.conf"), "-p", str(home.path)]
        command += ["-e", str(home.path / "error.log")]
        with _running(command, home, inherited, pass_fds=handed) as process:
            yield Server(process.pid, https_port, http_port)


def transom_command(url: str, output: str, *options: str) -> list[str]:
    """`transom get`, silent."""
    return [*TRANSOM, "get", "--silent", "--output", output, *options, url]


def transom_get(home: Home, url: str, *options: str) -> Ran:
    """`transom get -o /dev/null`."""
    said, ran = run(transom_command(url, "/dev/null", "--json", *options), home)
    return ran(json.loads(said.splitlines()[-1])["times"]["total"])  # behind what --explain has told


def transom_by(*options: str) -> Client:
    """`transom_get` with these options, for whoever runs one client as another."""
    return lambda home, url: transom_get(home, url, *options)


def curl_command(home: Home, url: str, output: str, *options: str) -> list[str]:
    """curl, silent, over HTTP/1.1 as transom speaks it."""
    program = [home.program("curl"), "-q", "-sS", "--fail", "--http1.1", "--cacert", str(home.ca)]
    return [*program, "-o", output, *options, url]


def curl(home: Home, url: str) -> Ran:
    """`curl -o /dev/null`."""
    said, ran = run(curl_command(home, url, "/dev/null", "--max-time", "120", "--write-out", "%{time_total}"), home)
    return ran(float(said))


def run(command: Sequence[str], home: Home) -> tuple[str, Callable[[float], Ran]]:
    """Run a program to its end; it must go well. What it wrote to standard output, and what takes the rest of a Ran."""
    started, used = time.perf_counter(), _processor_time_of_ended()
    with subprocess.Popen(command, env=home.environment, stdout=subprocess.PIPE, text=True) as process:
        watch = _Watch(process.pid)
        said, _ = process.communicate()
        seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return said, partial(Ran, seconds, _processor_time_of_ended() - used, watch.finish())


def processor_time(pid: int) -> float:
    """The processor time that a running process and its children took so far, in seconds."""
    return sum(_processor_time(one) for one in _family(pid)) / os.sysconf("SC_CLK_TCK")


def _processor_time(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = after_name[11:13]
    return int(user) + int(system)


def _processor_time_of_ended() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def peak_memory(pid: int) -> float:
    """The most memory a running process, or a child of its, had so far, in MiB: VmHWM, which counts no page cache."""
    return max(_memory(one, "VmHWM") for one in _family(pid))


def resident_memory(pid: int) -> float:
    """The memory that a running process, or a child of its, has now, in MiB: the larger of them."""
    return max(_memory(one, "VmRSS") for one in _family(pid))


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _memory(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next((line for line in status.splitlines() if line.startswith(f"{name}:")), f"{name}: 0 kB")
    return int(line.split()[1]) / 1024


class _Watch:
    """Looks at the peak of a process until it ends: afterwards nobody can be asked.

    (`ru_maxrss` tells afterwards, but counts what the process that started it had.)
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def finish(self) -> float:
        self._ended.set()
        self._thread.join()
        return self._peak

    def _look(self) -> None:
        while not self._ended.wait(_SAMPLING):
            with contextlib.suppress(OSError):  # it has just ended
                self._peak = max(self._peak, peak_memory(self._pid))


@contextmanager
def _running(
    command: Sequence[str],
    home: Home,
    environment: dict[str, str] | None = None,
    *,
    stdout: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, env={**home.environment, **(environment or {})}, stdout=stdout, pass_fds=pass_fds
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()
