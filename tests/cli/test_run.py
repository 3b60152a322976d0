"""`transom run`: somebody's program does what it would do anyway, and its real TLS is told afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.real.programs import ENVIRONMENT, program
from tests.real.transom import COMMAND, MINUTE, Serving, User, private_mode
from tests.real.tshark import Wireshark

CONTENT = os.urandom(300_000)
FILES = {"f.bin": CONTENT}
SHA256 = hashlib.sha256(CONTENT).hexdigest()

CURL = ("curl", "-q", "-sS", "--max-time", "30")


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    """In a folder of their own, with the CA that the server's certificate is from."""
    assert server.port
    return User(owner.home, tmp_path)


def plain_url(server: Serving, path: str = "/f.bin") -> str:
    return f"http://localhost:{server.http_port}{path}"


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_download_is_what_it_would_be_anyway_and_is_told_when_it_is_over(here: User, server: Serving) -> None:
    ran = here.run("run", *CURL, "--cacert", here.ca, server.url("/f.bin"))
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == CONTENT
    for told in ("curl ended with exit code 0", "1 conversation", f"localhost:{server.port}", "TLSv1.3", "chain ✓"):
        assert told in ran.stderr
    assert "GET /f.bin 200 · 300,000 B" in ran.stderr
    assert "X25519" in ran.stderr


def test_a_place_that_was_asked_for_by_its_address_is_named_once(here: User, server: Serving) -> None:
    place = f"127.0.0.1:{server.port}"
    ran = here.run("run", *CURL, "--insecure", f"https://{place}/f.bin")
    assert f"0  {place}\n" in ran.stderr


def test_what_only_captures_need_is_not_loaded_before_the_command_can_begin(here: User) -> None:
    ran = here.run("run", "--silent", "--", "true", env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "transom.run.running" in imported
    assert {"numpy", "transom.capture.packets"} & imported == set()


def test_json_lines_say_the_same_and_hash_what_was_transferred_when_asked(here: User, server: Serving) -> None:
    command = (*CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"))
    ran = here.run("run", "--json", "--sha256", "--summary", "lines", "--", *command)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, b"", "")
    by_type = {line["type"]: line for line in lines_of((here.folder / "lines").read_text())}
    assert by_type["conversation"]["protocol"] == "tls"
    assert by_type["tls"]["decrypted"] == "full"
    assert by_type["tls"]["verdict"] == "trusted"
    assert by_type["http"]["response_sha256"] == SHA256
    assert by_type["command"]["exit_code"] == 0
    assert by_type["command"]["conversations"] == 1


def test_the_trace_opens_decrypted_in_wireshark_and_in_read_and_has_the_very_file(here: User, server: Serving) -> None:
    command = (*CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"), "-o", "g", plain_url(server))
    ran = here.run("run", "--trace", "t.pcapng", "--", *command)
    assert ran.exit_code == 0, ran.stderr
    assert (here.folder / "f").read_bytes() == (here.folder / "g").read_bytes() == CONTENT
    trace = here.folder / "t.pcapng"
    assert private_mode(trace)
    shark = Wireshark(trace, {server.port: "tls", server.http_port: "http"})
    (here.folder / "exported").mkdir()
    assert shark.exported(here.folder / "exported") == [SHA256, SHA256]
    assert shark.oddities() == ""
    read = here.run("read", "--json", trace)
    assert read.exit_code == 0
    hashes = [line["response_sha256"] for line in lines_of(read.text) if line["type"] == "http"]
    assert hashes == [SHA256, SHA256]


def test_the_fingerprints_are_those_of_the_program_without_us(here: User, server: Serving) -> None:
    def fingerprints(trace: str, *command: str | Path) -> list[object]:
        assert here.run("run", "--trace", trace, "--", *command).exit_code == 0
        lines = lines_of(here.run("read", "--json", trace).text)
        return [line[name] for line in lines if line["type"] == "tls" for name in ("ja3", "ja4")]

    curl = (*CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"))
    through = fingerprints("through.pcapng", *curl)
    with here.serving(".", "--trace", "alone.pcapng") as alone:
        direct = [program("curl"), *CURL[1:], "-k", alone.url("/")]
        subprocess.run(direct, env=ENVIRONMENT, check=True, timeout=MINUTE, capture_output=True)
    lines = lines_of(here.run("read", "--json", "alone.pcapng").text)
    assert through == [line[name] for line in lines if line["type"] == "tls" for name in ("ja3", "ja4")]
    assert all(through)


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_the_exit_code_is_the_commands(here: User, code: int) -> None:
    assert here.run("run", "sh", "-c", f"exit {code}").exit_code == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGSEGV, signal.SIGKILL, signal.SIGPIPE])
def test_a_command_that_a_signal_ends_ends_us_by_the_same(here: User, number: int) -> None:
    ran = here.run("run", "sh", "-c", f"kill -{number} $$")
    assert ran.exit_code == -number  # as Python tells that a signal ended it
    assert f"sh was ended by {signal.Signals(number).name}" in ran.stderr


def test_a_command_that_is_not_there_is_127_and_one_that_is_no_program_126(here: User) -> None:
    missing = here.run("run", "no-such-program", "--json")
    assert missing.exit_code == 127
    assert missing.stderr == "transom: no-such-program cannot be started: No such file or directory\n"
    (here.folder / "text").write_text("no program\n")
    refused = here.run("run", "./text")
    assert refused.exit_code == 126
    assert "Permission denied" in refused.stderr


def test_a_script_that_names_no_interpreter_is_run_by_the_shell_as_everywhere(here: User) -> None:
    script = here.folder / "script"
    script.write_text("echo $1\n")
    script.chmod(0o755)
    ran = here.run("run", "--silent", "./script", "an argument")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, b"an argument\n", "")


def test_without_a_command_it_says_what_it_expected(here: User) -> None:
    ran = here.run("run", "--")
    assert ran.exit_code == 2
    assert "run what?" in ran.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1])
def test_a_signal_to_us_reaches_the_command(here: User, number: int) -> None:
    wait = f"trap 'echo got it; exit 7' {number}; echo ready; while :; do read line || sleep 1; done"
    with _started(here, "sh", "-c", wait) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        said, told = process.communicate(timeout=MINUTE)
    assert said == b"got it\n"
    assert process.returncode == 7
    assert b"exit code 7" in told


# Says which signal has come, one after the other.
TELLS_SIGNALS = """
import signal
numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
           signal.SIGWINCH, signal.SIGCONT}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
print("ready", flush=True)
while (number := signal.sigwait(numbers)) != signal.SIGUSR2:
    print(number.name, flush=True)
"""


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGWINCH, signal.SIGCONT],
)
def test_a_signal_to_all_of_the_group_reaches_the_command_once(here: User, number: signal.Signals) -> None:
    with _started(here, "--silent", sys.executable, "-c", TELLS_SIGNALS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.killpg(process.pid, number)
        assert process.stdout.readline().decode() == f"{number.name}\n"
        other = signal.SIGTERM if number == signal.SIGUSR1 else signal.SIGUSR1
        for alone in (other, number):  # to us alone: it is passed on, when the one before has been seen to
            process.send_signal(alone)
            assert process.stdout.readline().decode() == f"{alone.name}\n"
        process.send_signal(signal.SIGUSR2)
        said, _ = process.communicate(timeout=MINUTE)
    assert (said, process.returncode) == (b"", 0)


# Tells that it is there, and that it goes on after it was stopped.
TELLS_THAT_IT_GOES_ON = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCONT])
print(os.getpid(), flush=True)
signal.sigwait([signal.SIGCONT])
print("goes on", flush=True)
"""


def test_a_stop_that_is_sent_to_us_alone_stops_the_command_too(here: User) -> None:
    with _started(here, "--silent", sys.executable, "-c", TELLS_THAT_IT_GOES_ON) as process:
        assert process.stdout is not None
        command = int(process.stdout.readline())
        process.send_signal(signal.SIGTSTP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        until = time.monotonic() + MINUTE
        while _state(command) != "T" and time.monotonic() < until:
            time.sleep(0.01)
        assert _state(command) == "T"
        process.send_signal(signal.SIGCONT)
        assert process.stdout.readline() == b"goes on\n"
        process.communicate(timeout=MINUTE)
    assert process.returncode == 0


def test_two_signals_to_all_of_the_group_in_a_row_reach_the_command_once_each(here: User) -> None:
    with _started(here, "--silent", sys.executable, "-c", TELLS_SIGNALS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        both = {signal.SIGTERM, signal.SIGHUP}
        for number in both:
            os.killpg(process.pid, number)
        assert {process.stdout.readline().decode() for _ in both} == {f"{number.name}\n" for number in both}
        process.send_signal(signal.SIGUSR1)  # to us alone, when those before have been seen to
        assert process.stdout.readline() == b"SIGUSR1\n"
        process.send_signal(signal.SIGUSR2)
        said, _ = process.communicate(timeout=MINUTE)
    assert (said, process.returncode) == (b"", 0)


def test_a_command_that_sends_a_signal_to_its_group_gets_it_once(here: User) -> None:
    to_all = TELLS_SIGNALS.replace('print("ready", flush=True)', "import os; os.kill(0, signal.SIGTERM)")
    with _started(here, "--silent", sys.executable, "-c", to_all) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"SIGTERM\n"
        process.send_signal(signal.SIGUSR2)
        said, _ = process.communicate(timeout=MINUTE)
    assert (said, process.returncode) == (b"", 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_group_that_is_ended_is_ended_and_nothing_of_ours_is_left(here: User, number: signal.Signals) -> None:
    with _started(here, "sh", "-c", "echo ready; exec sleep 1000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.killpg(process.pid, number)
        process.communicate(timeout=MINUTE)  # whoever held its output open would be waited for
        assert process.returncode == -number
        while _is_there(process.pid):
            os.sched_yield()


def test_a_command_that_closes_its_input_and_output_goes_on_to_its_end(here: User) -> None:
    with _started(here, "sh", "-c", "exec <&- >&- 2>&-; exit 4", stdin=subprocess.PIPE) as process:
        said, told = process.communicate(CONTENT, timeout=MINUTE)
    assert (said, process.returncode) == (b"", 4)
    assert b"exit code 4" in told


def test_a_command_that_takes_no_notice_of_an_end_is_waited_for_until_it_is_killed(here: User) -> None:
    with _started(here, "sh", "-c", "trap '' TERM INT HUP; echo $$; exec sleep 1000") as process:
        assert process.stdout is not None
        command = int(process.stdout.readline())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            process.send_signal(number)
        os.kill(command, signal.SIGKILL)
        _, told = process.communicate(timeout=MINUTE)
    assert process.returncode == -signal.SIGKILL
    assert b"was ended by SIGKILL" in told


def test_a_command_that_hangs_is_ended_by_sigint_and_so_are_we(here: User) -> None:
    with _started(here, "sh", "-c", "echo ready; exec sleep 1000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=MINUTE)
    assert process.returncode == -signal.SIGINT
    assert b"SIGINT" in told


def test_standard_input_is_the_commands_own(here: User) -> None:
    with _started(here, "cat", stdin=subprocess.PIPE) as process:
        said, _ = process.communicate(CONTENT, timeout=MINUTE)
    assert said == CONTENT
    assert process.returncode == 0


def test_descriptors_that_were_left_open_to_us_are_open_to_the_command(here: User) -> None:
    reading, writing = os.pipe()
    with _started(here, "sh", "-c", f"echo across >/dev/fd/{writing}", pass_fds=[writing]) as process:
        os.close(writing)
        process.communicate(timeout=MINUTE)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"across\n"


LIMITS = "import resource as r; print([r.getrlimit(one) for one in (r.RLIMIT_NOFILE, r.RLIMIT_CORE, r.RLIMIT_STACK)])"


def test_the_limits_are_those_that_the_command_would_have_without_us(here: User) -> None:
    """Also of open files, of which the tunnel takes more for itself."""
    few = ["sh", "-c", 'ulimit -Sn 200; exec "$@"', "sh"]
    alone = here.types(*few, sys.executable, "-c", LIMITS)
    assert "(200, " in alone.text
    led = here.types(*few, *COMMAND, "run", "--silent", "--", sys.executable, "-c", LIMITS)
    assert led.text == alone.text


def _state(process: int) -> str:
    """proc_pid_stat(5)."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def _is_there(group: int) -> bool:
    """Whether a process of this group runs."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                return True
    return False


@contextmanager
def _started(
    user: User, *command: str, stdin: int = subprocess.DEVNULL, pass_fds: list[int] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """`transom run` in a process group of its own, all of which is gone at the end."""
    process = subprocess.Popen(
        [*COMMAND, "run", *command],
        cwd=user.folder,
        env=user.environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=pass_fds or [],
        process_group=0,
    )
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


_IGNORES_PROXIES = """
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[1])
bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
bare.load_verify_locations(sys.argv[1])
for url, its in zip(sys.argv[2:], (context, bare, context)):
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=its)
    sys.stdout.buffer.write(urllib.request.build_opener(*handlers).open(url).read())
"""


def test_a_python_program_that_ignores_proxies_is_seen_from_within(here: User, server: Serving) -> None:
    url = server.url("/f.bin")
    command = (sys.executable, "-c", _IGNORES_PROXIES, here.ca, url, url, plain_url(server))
    ran = here.run("run", "--python", "--json", "--sha256", "--summary", "l", "--trace", "t.pcapng", "--", *command)
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == CONTENT * 3
    lines = lines_of((here.folder / "l").read_text())
    assert [line["decrypted"] for line in lines if line["type"] == "tls"] == ["full", "full"]
    assert [line["response_sha256"] for line in lines if line["type"] == "http"] == [SHA256] * 3
    assert [line for line in lines if line["type"] == "problem"] == []
    wireshark = Wireshark(here.folder / "t.pcapng", {server.port: "tls", server.http_port: "http"})
    assert set(wireshark.exported(here.folder / "objects")) == {SHA256}


_IN_CHILDREN = """
import multiprocessing, ssl, sys, urllib.request

def fetch(ca, url):
    tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca))
    return len(urllib.request.build_opener(urllib.request.ProxyHandler({}), tls).open(url).read())

if __name__ == "__main__":
    for how in "fork", "spawn", "forkserver":
        with multiprocessing.get_context(how).Pool(1) as pool:
            print(how, *pool.starmap(fetch, [sys.argv[1:]]))
"""


def test_what_a_python_program_asks_in_processes_of_its_own_is_seen_from_within(here: User, server: Serving) -> None:
    (here.folder / "children.py").write_text(_IN_CHILDREN)
    command = (sys.executable, "children.py", here.ca, server.url("/f.bin"))
    ran = here.run("run", "--python", "--json", "--sha256", "--summary", "l", "--", *command)
    assert (ran.exit_code, ran.text) == (0, "fork 300000\nspawn 300000\nforkserver 300000\n"), ran.stderr
    lines = lines_of((here.folder / "l").read_text())
    assert [line["response_sha256"] for line in lines if line["type"] == "http"] == [SHA256] * 3


def test_without_python_such_a_program_is_not_seen(here: User, server: Serving) -> None:
    ran = here.run("run", "--", sys.executable, "-c", _IGNORES_PROXIES, here.ca, server.url("/f.bin"))
    assert (ran.exit_code, ran.stdout) == (0, CONTENT)
    assert "1 TLS session whose keys were logged did not come through the tunnel" in " ".join(ran.stderr.split())


def test_a_python_program_that_honours_proxies_is_told_of_once(here: User, server: Serving) -> None:
    honours = _IGNORES_PROXIES.replace("urllib.request.ProxyHandler({})", "urllib.request.ProxyHandler()")
    ran = here.run("run", "--python", "--", sys.executable, "-c", honours, here.ca, server.url("/f.bin"))
    assert (ran.exit_code, ran.stdout) == (0, CONTENT), ran.stderr
    assert "1 conversation" in ran.stderr
    assert "from within" not in ran.stderr


def test_the_summary_says_what_was_seen_from_within(here: User, server: Serving) -> None:
    command = (sys.executable, "-c", _IGNORES_PROXIES, here.ca, server.url("/f.bin"))
    ran = here.run("run", "--python", "--explain", "--", *command)
    assert ran.exit_code == 0, ran.stderr
    for told in ("1 conversation", "(from within)", "SNI localhost", "GET /f.bin 200 · 300,000 B", "ClientHello"):
        assert told in ran.stderr


def _started_by(here: User, how: str, *words: str) -> int:
    """The exit code of `transom run` when a shell has started it with such redirections."""
    command = f'exec "$@" {how}'
    ran = subprocess.run(
        ["sh", "-c", command, "sh", *COMMAND, "run", *words],
        cwd=here.folder,
        env=here.environment,
        timeout=MINUTE,
        check=False,
        capture_output=True,
    )
    assert b"Traceback" not in ran.stderr
    return ran.returncode


@pytest.mark.parametrize("how", ["2>&-", ">&-", "2>/dev/full", "2>&- >&-"])
def test_the_exit_code_is_the_commands_though_nobody_can_be_told(here: User, how: str) -> None:
    assert _started_by(here, how, "sh", "-c", "exit 7") == 7


def test_the_exit_code_is_the_commands_though_the_summary_finds_no_room(here: User) -> None:
    ran = here.run("run", "--summary", "/dev/full", "sh", "-c", "exit 7")
    assert (ran.exit_code, ran.stderr) == (7, "transom: what was seen cannot be told: No space left on device\n")


def test_the_exit_code_is_the_commands_though_the_trace_finds_no_room_which_is_told_once(
    here: User, server: Serving
) -> None:
    little_room = ["sh", "-c", 'ulimit -f 200; exec "$@"', "sh"]  # 100 KiB
    download = [*CURL, "-o", os.devnull, plain_url(server)]
    ran = subprocess.run(
        [*little_room, *COMMAND, "run", "--trace", "t.pcapng", "--", *download],
        cwd=here.folder,
        env=here.environment,
        capture_output=True,
        text=True,
        timeout=MINUTE,
        check=False,
    )
    assert (ran.returncode, ran.stderr.count("the trace cannot be written: File too large")) == (0, 1)
    assert "GET /f.bin 200" in ran.stderr
    assert "left t.pcapng" not in ran.stderr


def test_whoever_reads_no_more_of_what_is_told_changes_no_exit_code(here: User) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run([*COMMAND, "run", "false"], env=here.environment, stderr=writing, timeout=MINUTE, check=False)
    os.close(writing)
    assert ran.returncode == 1


def test_a_caller_that_ignores_the_end_of_its_children_is_no_reason_to_wait_for_ever(here: User) -> None:
    ignoring = "import os, signal as s, sys; s.signal(s.SIGCHLD, s.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    words = [sys.executable, "-c", ignoring, *COMMAND, "run", "sh", "-c", "exit 7"]
    ran = subprocess.run(words, env=here.environment, capture_output=True, timeout=MINUTE, check=False)
    assert (ran.returncode, b"Traceback" in ran.stderr) == (7, False)


def test_a_command_without_a_name_is_not_found(here: User) -> None:
    ran = here.run("run", "")
    assert (ran.exit_code, ran.stderr) == (127, "transom: '' cannot be started: No such file or directory\n")
