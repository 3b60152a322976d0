"""A Python program that nobody changed, told of from within: its environment alone is different."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.real.certificates import Authority
from tests.tracing.conftest import CONTENT
from transom.dissect.telling import Looking
from transom.taps.to_collector import VARIABLE
from transom.tracing.collector import Collector
from transom.tracing.conversation import Conversation
from transom.tracing.observed import Observed
from transom.tracing.receiver import SITE, Receiver

FETCH = """
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
content = opener.open(sys.argv[1]).read()
assert len(content) == 300_000
"""


def run_told(
    *words: str, environ: Mapping[str, str] | None = None, code: int = 0
) -> tuple[tuple[Conversation, ...], str]:
    """Run Python with these words: the conversations that were told of, and what it printed."""

    async def run() -> tuple[tuple[Conversation, ...], str]:
        observed = Observed(Looking(), None)
        collector = Collector(observed)
        receiver = Receiver(collector.receive, collector.finish)
        receiver.start()
        try:
            environment = receiver.environment({"PATH": os.environ["PATH"], **(environ or {})})
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *words,
                env=environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            printed, _ = await process.communicate()
        finally:
            receiver.close()
        assert process.returncode == code, printed.decode()
        return observed.conversations, printed.decode()

    return asyncio.run(run())


def test_a_program_that_ignores_the_environment_is_told_of(https: int, authority: Authority) -> None:
    (conversation,), _ = run_told("-c", FETCH, f"https://localhost:{https}/file.bin", str(authority.root))
    assert (conversation.host, conversation.decrypted) == ("localhost", "full")
    assert conversation.server == f"127.0.0.1:{https}"
    (request,) = conversation.requests
    assert (request.status, request.received, request.complete) == (200, len(CONTENT), True)


def test_the_taps_need_nothing_but_the_standard_library(https: int, authority: Authority) -> None:
    # -I ignores the environment, so the folder is put in by hand: no site-packages, no Transom.
    program = f"import sys; sys.path.insert(0, {str(SITE)!r}); import sitecustomize\n{FETCH}"
    program += "assert not [name for name in sys.modules if name.split('.')[0] == 'transom']\n"
    arguments = (f"https://localhost:{https}/file.bin", str(authority.root))
    (conversation,), _ = run_told("-I", "-S", "-c", program, *arguments)
    assert conversation.decrypted == "full"


@pytest.mark.parametrize("path", sorted(SITE.parent.rglob("*.py")), ids=lambda path: path.name)
def test_the_taps_can_be_compiled_by_python_3_9(path: Path) -> None:
    import ast

    ast.parse(path.read_text("utf-8"), feature_version=(3, 9))


def test_trio_is_seen_where_the_taps_are_in_before_it(https: int, authority: Authority) -> None:
    program = f"""
import ssl, sys, trio
async def fetch():
    context = ssl.create_default_context(cafile=sys.argv[1])
    stream = await trio.open_ssl_over_tcp_stream("localhost", {https}, ssl_context=context, https_compatible=True)
    async with stream:
        await stream.send_all(b"GET /file.bin HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
        assert len(b"".join([piece async for piece in stream])) > 300_000
trio.run(fetch)
"""
    (conversation,), _ = run_told("-c", program, str(authority.root))
    assert (conversation.decrypted, conversation.requests[0].complete) == ("full", True)


def test_processes_of_all_kinds_are_told_of(http: int, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"""
import multiprocessing, os, subprocess, sys, threading, urllib.request

def get(who):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
    with opener.open("http://127.0.0.1:{http}/file.bin?" + who) as answer:
        assert len(answer.read()) == {len(CONTENT)}

if __name__ == "__main__":
    if sys.argv[1:]:
        get(sys.argv[1])
        sys.exit()
    get("itself")
    threads = [threading.Thread(target=get, args=(f"thread{{n}}",)) for n in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    child = os.fork()
    if child == 0:
        get("forked")
        os._exit(0)
    os.waitpid(child, 0)
    for method in ("fork", "spawn"):
        process = multiprocessing.get_context(method).Process(target=get, args=(method,))
        process.start()
        process.join()
    subprocess.run([sys.executable, __file__, "child"], check=True)
""")
    conversations, _ = run_told("-W", "ignore", str(program))
    asked = {request.url.partition("?")[2] for c in conversations for request in c.requests}
    assert asked == {"itself", *(f"thread{n}" for n in range(5)), "forked", "fork", "spawn", "child"}
    assert all(c.requests[0].complete for c in conversations)


def test_a_sitecustomize_of_the_users_own_is_run_as_ever(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('mine')\n")
    program = "import sitecustomize, sys; print(sitecustomize.__file__); print('socket' in sys.modules, sys.path)"
    _, printed = run_told("-c", program, environ={"PYTHONPATH": str(tmp_path)})
    mine, file, rest = printed.splitlines()
    assert (mine, file) == ("mine", str(tmp_path / "sitecustomize.py"))
    assert rest.startswith("False")
    assert str(SITE) not in rest


def test_nothing_is_touched_where_the_variable_is_not_set(tmp_path: Path) -> None:
    program = f"""
import os, sys
del os.environ[{VARIABLE!r}]
os.execv(sys.executable, [sys.executable, "-c",
    "import sys, socket; print(sorted(n for n in sys.modules if 'taps' in n), 'recv' in vars(socket.socket))"])
"""
    _, printed = run_told("-c", program)
    assert printed.strip() == "[] False"


def test_a_program_goes_on_when_nobody_listens_any_more(http: int) -> None:
    program = f"""
import os, urllib.request
os.environ[{VARIABLE!r}] = "/nonexistent/socket"
import subprocess, sys
code = "import urllib.request; print(len(urllib.request.urlopen('http://127.0.0.1:{http}/file.bin').read()))"
subprocess.run([sys.executable, "-c", code], check=True)
"""
    _, printed = run_told("-c", program)
    assert printed.strip() == str(len(CONTENT))


def test_a_program_that_closes_every_descriptor_it_has_goes_on(http: int) -> None:
    program = f"""
import os, socket, urllib.request
before = urllib.request.urlopen("http://127.0.0.1:{http}/file.bin").read()
os.closerange(3, 256)
own = [socket.socketpair() for _ in range(4)]
after = urllib.request.urlopen("http://127.0.0.1:{http}/file.bin").read()
for pair in own:
    for end in pair:
        end.setblocking(False)
        try:
            print(end.recv(10))
        except BlockingIOError:
            pass
print(before == after)
"""
    conversations, printed = run_told("-c", program)
    assert printed.strip() == "True"
    assert len(conversations) == 1
