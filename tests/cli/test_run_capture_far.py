"""`transom run --capture` between two network namespaces that a cable joins: real addresses, no loopback.

It takes who may make such a namespace. Who may not sees that it is refused, which is then all that is true.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.programs import ENVIRONMENT, program
from tests.real.transom import MINUTE, User
from tests.real.tshark import Wireshark

CONTENT = os.urandom(200_000)
NEAR, FAR = ("192.0.2.1", "2001:db8::1"), ("192.0.2.2", "2001:db8::2")

SERVER = """
import http.server, socket, sys
class Both(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
with Both(("::", 0), http.server.SimpleHTTPRequestHandler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""


def ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("ip"), *words], env=ENVIRONMENT, capture_output=True, text=True, timeout=MINUTE, check=False
    )


@contextmanager
def two_namespaces() -> Generator[tuple[str, str] | None]:
    """The near one and the far one."""
    near, far = (f"transom-{os.getpid()}-{end}" for end in ("near", "far"))
    made = ip("netns", "add", near)
    if made.returncode:
        assert "not permitted" in made.stderr or "denied" in made.stderr, made.stderr
        yield None
        return
    try:
        for words in (
            ("netns", "add", far),
            ("-n", near, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", far),
            *(("-n", name, "addr", "add", f"{end[0]}/24", "dev", "cable") for name, end in ((near, NEAR), (far, FAR))),
            *(
                ("-n", name, "addr", "add", f"{end[1]}/64", "dev", "cable", "nodad")
                for name, end in ((near, NEAR), (far, FAR))
            ),
            *(("-n", name, "link", "set", link, "up") for name in (near, far) for link in ("lo", "cable")),
        ):
            done = ip(*words)
            assert done.returncode == 0, (words, done.stderr)
        yield near, far
    finally:
        for name in (near, far):
            ip("netns", "del", name)


@contextmanager
def serving(namespace: str, folder: Path) -> Generator[str]:
    """A server there, at all of its addresses: the port."""
    within = [program("ip"), "netns", "exec", namespace, sys.executable, "-c", SERVER]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(within, cwd=folder, env=ENVIRONMENT, stdout=pipe, stderr=nothing, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.mark.parametrize("host", FAR)
def test_a_download_from_another_machine_is_seen_on_the_interface_that_it_came_by(user: User, host: str) -> None:
    served = user.folder / "served"
    served.mkdir()
    (served / "f.bin").write_bytes(CONTENT)
    with two_namespaces() as both:
        if both is None:
            return
        near, far = both
        with serving(far, served) as port:
            authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            words = ("--capture", "--json", "--sha256", "--trace", "t.pcapng", "--summary", "lines", "--")
            curl = ("curl", "-q", "-gsS", "--noproxy", "*", "-o", "f", f"http://{authority}/f.bin")
            ran = user.run("run", *words, *curl, prefix=[program("ip"), "netns", "exec", near])
    assert ran.exit_code == 0, ran.stderr
    lines = [json.loads(line) for line in (user.folder / "lines").read_text().splitlines()]
    (conversation,) = (line for line in lines if line["type"] == "conversation")
    own = NEAR[FAR.index(host)]
    assert conversation["server"] == authority
    assert conversation["client"].strip("[").startswith(own)
    assert [line["response_sha256"] for line in lines if line["type"] == "http"] == [
        hashlib.sha256(CONTENT).hexdigest()
    ]
    assert not [line for line in lines if line["type"] == "problem"]
    wireshark = Wireshark(user.folder / "t.pcapng", {int(port): "http"})
    assert set(wireshark.field("frame.interface_name")) == {"cable"}
