"""What is between the command and us alone: a tunnel on loopback, a secret of this run, and a private key log."""

from __future__ import annotations

import os
import socket
import stat
from ipaddress import ip_address
from urllib.parse import urlsplit

from tests.run.tunnelled import lone_tunnel, read_head
from transom.run.admission import Admission
from transom.run.key_log import KeyLogFile
from transom.wire.tap import Endpoint

LEAST_BITS = 128
BITS_OF_A_CHARACTER = 6
"""Of base64."""


def test_the_tunnel_is_on_loopback_alone_and_does_not_keep_a_small_piece_waiting() -> None:
    with lone_tunnel() as lone, socket.create_server(("127.0.0.1", 0)) as server:
        assert [ip_address(one.getsockname()[0]).is_loopback for one in lone.tunnel._sockets] == [True]
        with lone.asked(f"CONNECT 127.0.0.1:{server.getsockname()[1]} HTTP/1.1", "Host: x") as client:
            assert b" 200 " in read_head(client)
            (guest,) = lone.tunnel._guests.values()
            there, _ = server.accept()
            with there:
                assert guest.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_each_run_has_a_secret_of_its_own_that_nobody_guesses() -> None:
    secrets = {urlsplit(Admission().url(Endpoint("127.0.0.1", 1))).password or "" for _ in range(50)}
    assert len(secrets) == 50
    assert min(map(len, secrets)) * BITS_OF_A_CHARACTER >= LEAST_BITS
    assert all(len(set(column)) > 5 for column in zip(*secrets, strict=False))  # no part of it is always the same


def test_the_key_log_is_a_regular_file_in_a_folder_of_its_own_both_for_this_user_alone() -> None:
    """Whatever the umask: and not a FIFO, which a program that opens it would hang at."""
    before = os.umask(0)
    try:
        logs = [KeyLogFile(), KeyLogFile()]
    finally:
        os.umask(before)
    paths = [log.path for log in logs]
    assert paths[0].parent != paths[1].parent
    for path in paths:
        file, folder = path.lstat(), path.parent.lstat()
        assert stat.S_ISREG(file.st_mode)
        assert (stat.S_IMODE(file.st_mode), stat.S_IMODE(folder.st_mode)) == (0o600, 0o700)
        assert {file.st_uid, folder.st_uid} == {os.getuid()}
        assert list(path.parent.iterdir()) == [path]
    for log in logs:
        log.close()
    assert not any(path.parent.exists() for path in paths)
