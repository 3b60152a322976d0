"""What `transom run` needs for very many connections: memory and descriptors of its process, and the time.

    python bench/many.py [--connections 1000 10000] [--at-once 1000]

A Python program makes so many HTTPS connections to nginx (TLS 1.3, one small GET each), so many at once, by itself and
under `transom run --json`. Printed are the seconds, the peak of what `transom run` has resident, and how many sessions
it told opened. What it keeps of a conversation that is over shows in the difference between the rows.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

from programs import TRANSOM, Home, Server, new_home, nginx

CLIENT = """
import asyncio, base64, os, resource, ssl, sys
from urllib.parse import urlsplit
port, ca, count, at_once = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
tls = ssl.create_default_context(cafile=ca)
proxy = urlsplit(os.environ.get("https_proxy", ""))
login = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
connect = f"CONNECT localhost:{port} HTTP/1.1\\r\\nHost: a\\r\\nProxy-Authorization: Basic {login}\\r\\n\\r\\n"

async def one(turn, together):
    async with turn:
        place = (proxy.hostname, proxy.port) if proxy.hostname else ("127.0.0.1", port)
        reader, writer = await asyncio.open_connection(*place)
        if proxy.hostname:
            writer.write(connect.encode())
            assert (await reader.readuntil(b"\\r\\n\\r\\n")).startswith(b"HTTP/1.1 200"), "no tunnel"
        await together()
        await writer.start_tls(tls, server_hostname="localhost", ssl_handshake_timeout=300)
        writer.write(b"GET /file.bin HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
        assert (await reader.read()).endswith(b"content")
        writer.close()

async def main():
    there, all_there = 0, asyncio.Event()
    async def together():
        # The first so many wait for each other, which shows that all of them were there at once.
        nonlocal there
        there += 1
        if there == min(at_once, count):
            all_there.set()
        await all_there.wait()
    turn = asyncio.Semaphore(at_once)
    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(one(turn, together))

asyncio.run(main())
"""


def main() -> None:
    options = arguments()
    print(f"{options.at_once:,} connections at once, TLS 1.3, a GET of 7 bytes each")
    print(f"{'connections':>12} {'alone, s':>9} {'run, s':>7} {'opened':>7} {'peak MiB':>9}")
    with new_home() as home, nginx(home, 2 * options.at_once + 100) as server:
        (home.share / "file.bin").write_bytes(b"content")
        for count in options.connections:
            alone = seconds_of(command(server, home, count, options.at_once), home)[0]
            lines = home.path / "lines"
            ours = [*TRANSOM, "run", "--json", "--summary", str(lines), "--"]
            through, peak = seconds_of([*ours, *command(server, home, count, options.at_once)], home)
            print(f"{count:>12,} {alone:>9.1f} {through:>7.1f} {opened(lines):>7,} {peak:>9.0f}")


def command(server: Server, home: Home, count: int, at_once: int) -> list[str]:
    return [sys.executable, "-c", CLIENT, str(server.https_port), str(home.ca), str(count), str(at_once)]


def seconds_of(words: list[str], home: Home) -> tuple[float, float]:
    """How long it took, and the most memory that this process alone had, in MiB."""
    began = time.monotonic()
    peak = 0.0
    with subprocess.Popen(words, env=home.environment) as process:
        while process.poll() is None:
            with contextlib.suppress(OSError, StopIteration):  # it has just ended
                lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
                peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{' '.join(words[:4])} … ended with {process.returncode}")
    return time.monotonic() - began, peak


def opened(lines: Path) -> int:
    """Conversations all of whose bytes were read."""
    with lines.open() as text:
        return sum(json.loads(line).get("decrypted") == "full" for line in text)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--connections", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--at-once", type=int, default=1000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
