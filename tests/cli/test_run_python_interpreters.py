"""`transom run --python` of a program with several interpreters in its process: each is told of, none for another."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from tests.real.transom import Serving, User

CONTENT = bytes(range(256)) * 1200
FILES = {"f.bin": CONTENT}
SHA256 = hashlib.sha256(CONTENT).hexdigest()

_PROGRAM = """
import http.client, ssl, sys, threading
try:
    import _interpreters as interpreters
except ImportError:  # before Python 3.13
    import _xxsubinterpreters as interpreters

port, ca = sys.argv[1:]
code = f'''
import http.client, ssl
def asks(who, connection=None):
    trusting = ssl.create_default_context(cafile={ca!r})
    own = connection or http.client.HTTPSConnection("localhost", {port}, context=trusting)
    own.request("GET", "/f.bin?" + who)
    own.getresponse().read()
    if connection is None:
        own.close()
    return own
'''
exec(code)
kept = http.client.HTTPSConnection("localhost", int(port), context=ssl.create_default_context(cafile=ca))
asks("before", kept)

def another(who):
    interpreter = interpreters.create()
    failed = interpreters.run_string(interpreter, code + f"asks({who!r})")
    assert failed is None, failed
    interpreters.destroy(interpreter)

another("alone")
threads = [threading.Thread(target=another, args=(f"thread{n}",)) for n in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
asks("after", kept)
"""

_ASKED = ["before", "alone", "thread0", "thread1", "thread2", "after"]


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    assert server.port
    return User(owner.home, tmp_path)


def test_every_interpreter_is_told_of_by_itself(here: User, server: Serving) -> None:
    (here.folder / "program.py").write_text(_PROGRAM)
    words = (sys.executable, "program.py", str(server.port), here.ca)
    ran = here.run("run", "--python", "--json", "--sha256", "--summary", "lines", "--cacert", here.ca, "--", *words)
    assert ran.exit_code == 0, ran.stderr
    lines = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
    told = {line["path"].partition("?")[2]: line for line in lines if line["type"] == "http"}
    assert sorted(told) == sorted(_ASKED)
    assert {(line["response_sha256"], line["complete"]) for line in told.values()} == {(SHA256, True)}
    assert told["before"]["conversation"] == told["after"]["conversation"]
    assert len({line["conversation"] for line in told.values()}) == len(_ASKED) - 1
    assert [line for line in lines if line["type"] == "problem"] == []
    assert lines[-1]["unseen_sessions"] == 0
