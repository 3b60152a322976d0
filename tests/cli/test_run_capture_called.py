"""`transom run --capture`: connections that others make to the command, also where it has answered and ended at once.

As in `test_run_capture`, who runs the tests without CAP_NET_RAW sees that it is refused.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress

import pytest

from tests.cli.test_run_capture import captured, may_capture, of_type
from tests.real.started import free_ports
from tests.real.transom import User

ANSWERS_ONCE = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.create_server((sys.argv[1], int(sys.argv[2])), family=family, dualstack_ipv6=sys.argv[1] == "::") as server:
    with server.accept()[0] as caller:
        caller.recv(1000)
        caller.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nanswer")
"""
"""And is gone: nobody has its sockets any more by the time that the packets are looked at."""

REQUEST = b"GET /asked HTTP/1.0\r\n\r\n"
TIMES = 5


@contextmanager
def calling(port: int, over: threading.Event) -> Generator[list[bytes]]:
    """Somebody who calls there until they are answered, again and again: what they were answered."""
    answers: list[bytes] = []

    def call() -> None:
        while not over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=10) as there:
                there.sendall(REQUEST)
                answer = b""
                while piece := there.recv(1000):
                    answer += piece
                answers.append(answer)
            time.sleep(0.001)

    caller = threading.Thread(target=call)
    caller.start()
    try:
        yield answers
    finally:
        over.set()
        caller.join()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::"])
def test_a_command_that_answers_and_ends_at_once_is_told_with_whom_it_spoke(user: User, address: str) -> None:
    (port,) = free_ports(1)
    over = threading.Event()
    server = (sys.executable, "-S", "-c", ANSWERS_ONCE, address, str(port))
    each = 'i=0; while [ $i -lt "$1" ]; do i=$((i + 1)); shift 0; "$2" "$3" "$4" "$5" "$6" "$7" || exit 1; done'
    with calling(port, over) as answers:
        lines = captured(user, "sh", "-c", each, "sh", str(TIMES), *server)
    if lines:
        assert may_capture()
        assert len([answer for answer in answers if answer.endswith(b"answer")]) == TIMES
        told = [(line["path"], line["status"], line["complete"]) for line in of_type(lines, "http")]
        assert told == [("/asked", 200, True)] * TIMES
        # Whoever was refused before the command listened, or after it, has not spoken with it.
        assert len(of_type(lines, "conversation")) == TIMES
        assert of_type(lines, "problem") == []
