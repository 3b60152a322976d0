"""`transom run --capture` by a copy of the Python in use: the lines that who may not capture is told are all it takes.

Root types the lines that begin with `sudo`, and plays by setpriv the user who was refused. Who runs the tests without
being root cannot give a file a capability, and sees that nothing is started without one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.cli.nobody import NOBODY, is_root
from tests.cli.test_run_capture import CURL, NEEDED, may_capture, of_type
from tests.real.programs import program
from tests.real.transom import MINUTE, SOURCE, Serving, User

CONTENT = os.urandom(300_000)
FILES = {"f.bin": CONTENT}

IN_THE_OPEN = """
kept=$(mktemp -d) && mount -t tmpfs tmpfs "$kept"
for folder in $FOLDERS; do mkdir -p "$kept$folder" && mount --bind "$folder" "$kept$folder"; done
for shut in $SHUT; do mount -t tmpfs -o mode=0755 tmpfs "$shut"; done
for folder in $FOLDERS; do mkdir -p "$folder" && mount --bind "$kept$folder" "$folder"; done
exec "$@"
"""
"""In mounts of its own, where anybody may pass to these folders. A file's capabilities are all that its program has, so
that it may read what the user may read and no more."""


def as_the_user(python: Path) -> list[str]:
    """A prefix: another user, without capabilities, who may read this Python and us."""
    if not is_root():
        return []
    folders = [Path(sys.base_prefix), Path(sys.prefix), SOURCE, python.parents[1]]
    shut = {above for folder in folders for above in folder.parents if not above.stat().st_mode & 0o001}
    highest = [path for path in shut if not shut.intersection(path.parents)]
    names = {"FOLDERS": folders, "SHUT": highest}
    settings = [f"{name}={' '.join(map(str, paths))}" for name, paths in names.items()]
    rights = ("--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all,+net_raw")
    user = (program("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *rights)
    unshared = (program("unshare"), "--mount", "env", *settings, "sh", "-ec", IN_THE_OPEN, "sh")
    return [*unshared, *user]


@pytest.fixture
def python(nobody: User) -> Path:
    """The Python of a virtual environment of that user's, with what the one that runs the tests has."""
    made = nobody.folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True, timeout=MINUTE)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(made)}))
    (packages / "more.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return made / "bin" / "python"


def test_the_lines_that_are_told_let_a_user_capture_by_a_copy_of_their_python(
    nobody: User, server: Serving, python: Path
) -> None:
    curl = (*CURL, "-o", "f", "--cacert", "ca.pem", server.url("/f.bin"))
    options = ("--capture", "--json", "--sha256", "--trace", "t.pcapng", "--summary", "lines")
    if not is_root() and may_capture():
        return
    refused = nobody.types(*as_the_user(python), str(python), "-m", "transom", "run", *options, "--", *curl)
    assert (refused.exit_code, refused.stderr.startswith(NEEDED)) == (2, True)
    assert not (nobody.folder / "f").exists()
    _, install, setcap, by_a_copy = (line[4:] for line in refused.stderr.splitlines() if line.startswith("    "))
    if not is_root():
        return
    for line in (install, setcap):
        sudo, *words = shlex.split(line)
        done = nobody.types(*words)
        assert (sudo, done.exit_code) == ("sudo", 0), done.stderr
    copy = Path(shlex.split(by_a_copy)[0])
    assert (copy.stat().st_mode & 0o777, copy.stat().st_gid) == (0o750, NOBODY)

    ran = nobody.types(*as_the_user(python), *shlex.split(by_a_copy))
    if not may_capture():
        assert ran.exit_code != 0
        return
    assert ran.exit_code == 0, ran.stderr
    lines = [json.loads(line) for line in (nobody.folder / "lines").read_text().splitlines()]
    assert [line["response_sha256"] for line in of_type(lines, "http")] == [hashlib.sha256(CONTENT).hexdigest()]
    assert [line["decrypted"] for line in of_type(lines, "tls")] == ["full"]
    assert (nobody.folder / "t.pcapng").stat().st_uid == NOBODY
