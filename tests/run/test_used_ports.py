"""The kernel hands over the command's TCP by its ports, from before a call that uses one is done; and never less.

A socket that takes no packets stands in the place of the packet socket: the kernel tells what is before it.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import closing

import pytest

from tests.run.test_noticed import Started, python
from transom.net import packet_filter
from transom.run.noticed import Noticed
from transom.run.used_ports import UsedPorts, is_translated

_SO_GET_FILTER = 26
_MOST = 4096

CONNECT = "import socket, sys, threading, os, ctypes, struct\nports = list(map(int, sys.argv[1:]))\n"
WAYS = {
    "connect": "for port in ports: socket.create_connection(('127.0.0.1', port)).close()",
    "reused": "for port in ports * 3: socket.create_connection(('127.0.0.1', port)).close()",
    "not blocking": """
for port in ports:
    one = socket.socket()
    one.setblocking(False)
    assert one.connect_ex(("127.0.0.1", port)) in (0, 115)
""",
    "thread": """
def connect(port): socket.create_connection(("127.0.0.1", port)).close()
for port in ports:
    one = threading.Thread(target=connect, args=(port,)); one.start(); one.join()
""",
    "grandchild": """
if os.fork(): os.wait()
elif os.fork(): os.wait()
else: [socket.create_connection(("127.0.0.1", port)).close() for port in ports]
""",
    "sendto": "for port in ports: socket.socket().sendto(b'x', socket.MSG_FASTOPEN, ('127.0.0.1', port))",
    "sendmsg": "for port in ports: socket.socket().sendmsg([b'x'], [], socket.MSG_FASTOPEN, ('127.0.0.1', port))",
    "mapped": "for port in ports: socket.socket(socket.AF_INET6).connect_ex(('::ffff:127.0.0.1', port))",
    "IPv6": "for port in ports: socket.socket(socket.AF_INET6).connect_ex(('::1', port))",
    "listen": """
for port in ports:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(("127.0.0.2", port))
    one.listen()
""",
    "listen over IPv6": """
for port in ports:
    one = socket.socket(socket.AF_INET6)
    one.bind(("::1", port))
    one.listen()
""",
}
"""Each uses both ports. Where nobody takes the connection, it has been asked for all the same."""

NO_PORT = {
    "UDP": "socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', ports[0]))",
    "the machine's own": "socket.socket(socket.AF_UNIX).connect_ex('/nonexistent')",
    "listening there": "one = socket.socket(socket.AF_UNIX); one.bind('\\0' + os.urandom(8).hex()); one.listen()",
    "disconnect": "one = socket.socket(); ctypes.CDLL(None).connect(one.fileno(), bytes(16), 16)",
    "bound alone": "socket.socket().bind(('127.0.0.2', ports[0]))",
    "too short": "one = socket.socket(); ctypes.CDLL(None).connect(one.fileno(), b'x', 1)",
    "nothing": "",
}

ANY_PORT = {
    "no such memory": "one = socket.socket(); ctypes.CDLL(None).connect(one.fileno(), ctypes.c_void_p(8), 16)",
    "listening unbound": "socket.socket().listen()",
    "a ring": "ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(120))",
    "sendmmsg": "one = socket.socket(); ctypes.CDLL(None).sendmmsg(one.fileno(), None, 0, socket.MSG_FASTOPEN)",
    "MPTCP": "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect_ex(('127.0.0.1', ports[0]))",
    "too many": "for port in range(1, 66): socket.socket().connect_ex(('127.0.0.1', port))",
}


@pytest.fixture
def before() -> Generator[socket.socket]:
    """With a filter that takes no TCP, as a packet socket has it."""
    with socket.socket(type=socket.SOCK_DGRAM) as there:
        packet_filter.attach(there, ())
        yield there


@pytest.fixture
def ports() -> Generator[list[int]]:
    """Where somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        yield [server.getsockname()[1] for server in (one, other)]


def attached(there: socket.socket) -> list[tuple[int, int, int, int]]:
    """What the kernel has before a socket."""
    room, length = ctypes.create_string_buffer(_MOST * packet_filter.INSTRUCTION.size), ctypes.c_uint(_MOST)
    got = ctypes.CDLL(None).getsockopt(there.fileno(), socket.SOL_SOCKET, _SO_GET_FILTER, room, ctypes.byref(length))
    assert got == 0
    return list(packet_filter.INSTRUCTION.iter_unpack(room.raw[: length.value * packet_filter.INSTRUCTION.size]))


def for_ports(ports: list[int] | None) -> list[tuple[int, int, int, int]]:
    return as_told(packet_filter.instructions(None if is_translated() else ports))


def as_told(listed: Iterable[packet_filter.Instruction]) -> list[tuple[int, int, int, int]]:
    return [(code, yes, no, number & 0xFFFFFFFF) for code, yes, no, number in listed]


def run(before: socket.socket, program: str, ports: list[int]) -> Noticed:
    """To its end, behind the filter of calls."""
    with closing(Noticed(before.fileno())) as noticed:
        Started(noticed, *python(CONNECT + program, *map(str, ports))).read()
        noticed.take()
    assert noticed.why_not == ""
    return noticed


@pytest.mark.parametrize("program", WAYS.values(), ids=WAYS)
def test_what_is_asked_for_and_listened_on_is_taken(before: socket.socket, ports: list[int], program: str) -> None:
    assert run(before, program, ports).complete
    assert attached(before) == for_ports(ports)


@pytest.mark.parametrize("program", NO_PORT.values(), ids=NO_PORT)
def test_what_has_no_port_of_tcp_adds_none(before: socket.socket, ports: list[int], program: str) -> None:
    assert run(before, program, ports).complete
    assert attached(before) == for_ports([])


@pytest.mark.parametrize("program", ANY_PORT.values(), ids=ANY_PORT)
def test_where_the_port_cannot_be_known_all_is_taken(before: socket.socket, ports: list[int], program: str) -> None:
    run(before, program, ports)
    assert attached(before) == for_ports(None)


AGAIN = """
import os, socket, sys
from transom.run.noticed import Noticed
noticed = Noticed(int(sys.argv[1]))
os.waitpid(noticed.spawn(["true"], os.environ, ()), 0)
"""


def test_where_nobody_can_say_which_ports_all_is_taken(before: socket.socket) -> None:
    """As behind another filter of that kind: the kernel has one listener for a process."""
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    os.set_inheritable(before.fileno(), True)
    assert attached(before) == as_told(packet_filter.instructions(()))
    with closing(Noticed()) as outer:
        words = ("env", *(f"{name}={text}" for name, text in environment.items()), *python(AGAIN, str(before.fileno())))
        Started(outer, *words).read()
    assert attached(before) == for_ports(None)


def test_it_is_taken_when_the_first_packet_can_be_there(before: socket.socket) -> None:
    """The other end has accepted it by now, and the command is held up by nobody but the keeper."""
    with socket.create_server(("127.0.0.1", 0)) as server, closing(Noticed(before.fileno())) as noticed:
        port = server.getsockname()[1]
        command = Started(noticed, *python(CONNECT + WAYS["connect"], str(port)))
        server.accept()[0].close()
        assert attached(before) == for_ports([port])
        command.read()


def test_a_server_may_have_got_the_socket_that_it_listens_on(before: socket.socket, ports: list[int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as given, closing(Noticed(before.fileno())) as noticed:
        os.set_inheritable(given.fileno(), True)
        Started(noticed, *python(CONNECT + WAYS["connect"], str(ports[0]))).read()
        assert attached(before) == for_ports([given.getsockname()[1], ports[0]])


def test_the_keeper_lets_go_of_the_packets_when_nobody_reads_what_it_reports(before: socket.socket) -> None:
    """And what the command left running connects as ever."""
    waits = CONNECT + "print('ready', flush=True); sys.stdin.readline()\n" + WAYS["connect"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        noticed = Noticed(before.fileno())
        command = Started(noticed, *python(waits, str(server.getsockname()[1])))
        assert command.output.readline() == "ready\n"
        before.bind(("127.0.0.1", 0))
        address = before.getsockname()
        noticed.close()
        before.close()
        until = time.monotonic() + 50
        while not _is_free(address):
            assert time.monotonic() < until, "somebody has it open still"
            time.sleep(0.01)
        command.go()
        server.accept()[0].close()
        assert command.read() == []


def test_where_there_is_no_room_for_more_what_was_taken_is(ports: list[int]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as there:
        used = UsedPorts(there, ports[:1])
        there.setsockopt(socket.SOL_SOCKET, _SO_LOCK_FILTER, 1)
        if not is_translated():
            with pytest.raises(PermissionError):
                used.add(ports[1])
        assert attached(there) == for_ports(ports[:1])


_SO_LOCK_FILTER = 44


def _is_free(address: tuple[str, int]) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(address)
        except OSError:
            return False
    return True
