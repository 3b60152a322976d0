"""Which of the command's programs has a connection to the tunnel: known while it waits, and looked up sparingly."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from transom.run import admission
from transom.run.admission import Admission
from transom.wire.tap import Endpoint


def test_the_program_of_a_connection_is_who_has_its_socket_and_nobody_when_that_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        connect = f"import socket; c = socket.create_connection(('127.0.0.1', {port})); c.recv(1)"
        with subprocess.Popen([sys.executable, "-c", connect]) as process:
            admitting = Admission()
            tunnel = Endpoint("127.0.0.1", port)
            taken, address = listening.accept()
            with taken:
                client = Endpoint(*address)
                assert admitting.program(client, tunnel) is None  # there is no command yet
                admitting.command = os.getpid()
                found = admitting.program(client, tunnel)
            assert found is not None
            assert found.file == os.path.realpath(sys.executable)
            process.wait()
            assert admitting.program(client, tunnel) is None


def test_looks_that_have_taken_what_they_may_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_FOR_NAMES", 1e-9)
    monkeypatch.setattr(admission, "_SHARE_FOR_NAMES", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        tunnel = Endpoint(*listening.getsockname())
        with socket.create_connection(listening.getsockname()) as client:
            admitting = Admission()
            admitting.command = os.getpid()
            asked = Endpoint(*client.getsockname()), tunnel
            assert admitting.program(*asked) is not None
            assert admitting.program(*asked) is None
