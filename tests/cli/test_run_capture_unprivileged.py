"""`transom run --capture` by somebody who is not root and has CAP_NET_RAW alone, as an ambient capability.

Root plays that user by setpriv. Who runs the tests is that user, or has no CAP_NET_RAW, and sees that it is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

from tests.cli.nobody import NOBODY, as_nobody, is_root
from tests.cli.test_run_capture import NEEDED, may_capture, of_type
from tests.cli.test_run_short_lived import TIMES
from tests.real.transom import Serving, User
from tests.real.tshark import Wireshark
from transom.run.used_ports import is_translated

CONTENT = os.urandom(300_000)
FILES = {"f.bin": CONTENT}
SHA256 = hashlib.sha256(CONTENT).hexdigest()

YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
"""Where it is 1, a process may look into its children alone: then no connect(2) can be noted."""


def test_they_see_each_of_many_short_connections_with_its_keys_and_are_told_what_it_costs(
    nobody: User, server: Serving
) -> None:
    with_ca = TIMES.replace("curl", "curl --cacert ca.pem")
    command = ("sh", "-c", f"id -u >uid; {with_ca}", "sh", "10", server.url("/f.bin"))
    options = ("--capture", "--json", "--sha256", "--trace", "t.pcapng", "--summary", "lines", "--")
    done = nobody.run("run", *options, *command, prefix=as_nobody("net_raw"))
    if not may_capture():
        assert (done.exit_code, done.stderr.startswith(NEEDED)) == (2, True)
        return
    assert done.exit_code == 0, done.stderr
    uid = int((nobody.folder / "uid").read_text())
    assert uid == (NOBODY if is_root() else os.geteuid())
    trace = nobody.folder / "t.pcapng"
    assert (trace.stat().st_uid, trace.stat().st_mode & 0o777) == (uid, 0o600)
    lines = [json.loads(line) for line in (nobody.folder / "lines").read_text().splitlines()]
    expected = {"no-new-privileges"}
    if YAMA.exists() and YAMA.read_text().strip() != "0":
        expected = {"no-new-privileges", "connections-unnoticed"}
    elif is_translated():
        expected |= {line["code"] for line in of_type(lines, "problem")} & {"packets-dropped"}
    assert {line["code"] for line in of_type(lines, "problem")} == expected
    if expected == {"no-new-privileges"}:
        assert [line["response_sha256"] for line in of_type(lines, "http")] == [SHA256] * 10
        assert [line["decrypted"] for line in of_type(lines, "tls")] == ["full"] * 10
        assert Wireshark(trace, {server.port: "tls"}).exported(nobody.folder / "objects") == [SHA256] * 10


def test_without_the_capability_they_are_refused_before_anything_is_started(nobody: User) -> None:
    done = nobody.run("run", "--capture", "--", "touch", "started", prefix=as_nobody())
    if not is_root() and may_capture():
        assert done.exit_code == 0
        return
    assert (done.exit_code, done.stderr.startswith(NEEDED)) == (2, True)
    assert not (nobody.folder / "started").exists()


def test_what_others_have_connected_is_not_theirs(nobody: User, server: Serving) -> None:
    """Root's program connects to the same port at the same time: its packets are nobody's to see told."""
    url = f"http://127.0.0.1:{server.http_port}"
    theirs = f'i=0; while [ $i -lt 10 ]; do i=$((i + 1)); curl -q -sS --noproxy "*" -o f {url}/f.bin; done'
    with subprocess.Popen(
        ["sh", "-c", f'while :; do curl -q -sS --noproxy "*" -o /dev/null {url}/of-others; done'],
        env=nobody.environment,
    ) as other:
        try:
            options = ("--capture", "--json", "--trace", "t.pcapng", "--summary", "lines", "--")
            done = nobody.run("run", *options, "sh", "-c", theirs, prefix=as_nobody("net_raw"))
        finally:
            other.terminate()
    if not may_capture():
        assert (done.exit_code, done.stderr.startswith(NEEDED)) == (2, True)
        return
    assert done.exit_code == 0, done.stderr
    lines = [json.loads(line) for line in (nobody.folder / "lines").read_text().splitlines()]
    paths = {line["path"] for line in of_type(lines, "http")}
    assert paths <= {"/f.bin"}
    assert paths or "connections-unnoticed" in {line["code"] for line in of_type(lines, "problem")}
    assert b"/of-others" not in (nobody.folder / "t.pcapng").read_bytes()
