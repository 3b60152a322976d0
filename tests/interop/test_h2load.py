"""`transom run --capture` of h2load, which takes no notice of a proxy and logs its keys: its count of bytes is ours."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from tests.cli.test_run_capture import NEEDED, may_capture
from tests.real.certificates import Authority
from tests.real.nginx import NginxTls, nginx
from tests.real.transom import User

CONTENT = os.urandom(70_001)
CONNECTIONS, REQUESTS = 2, 12


def test_of_every_request_the_size_is_told_that_h2load_counts(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "f.bin").write_bytes(CONTENT)
    (tmp_path / "nginx").mkdir()
    leaf = authority.leaf("p256")
    user = User.new(tmp_path)
    tls = NginxTls(leaf.chain, leaf.key, http2=True)
    with nginx(tmp_path / "nginx", tmp_path / "root", tls=tls) as server:
        options = ("--capture", "--json", "--sha256", "--summary", "lines", "--cacert", authority.root, "--")
        loading = ("h2load", f"-n{REQUESTS}", f"-c{CONNECTIONS}", "-m3", server.secure_url("/f.bin"))
        ran = user.run("run", *options, *loading)
    if not may_capture():
        assert ran.stderr.startswith(NEEDED)
        return
    assert ran.exit_code == 0, ran.stderr
    lines = [json.loads(line) for line in (user.folder / "lines").read_text().splitlines()]
    sessions = [line for line in lines if line["type"] == "tls"]
    assert [(line["alpn"], line["decrypted"]) for line in sessions] == [("h2", "full")] * CONNECTIONS
    told = [line for line in lines if line["type"] == "http"]
    assert len(told) == REQUESTS
    assert {line["response_sha256"] for line in told} == {hashlib.sha256(CONTENT).hexdigest()}
    counted = re.search(r"\((\d+)\) data", ran.text)
    assert counted is not None, ran.text
    assert sum(line["response_body_bytes"] for line in told) == int(counted[1]) == REQUESTS * len(CONTENT)
