"""Whose a connection on an interface is, where nothing was noted when it was made: its socket's owner decides."""

from __future__ import annotations

import os
import socket

from tests.run.test_family import holding, listening
from transom.run.family import Family
from transom.run.noticed import Noticed
from transom.run.ownership import Ends, Ownership
from transom.wire.tap import Endpoint


def seen(client: Endpoint, server: Endpoint) -> Ends:
    """A connection within this machine, as its SYN shows it."""
    return Ends(0, 0, ((client, server), (server, client)), ((client, server),), (client, server))


def test_only_what_a_process_of_the_command_has_is_the_commands() -> None:
    noticed = Noticed()
    with listening("127.0.0.1") as server, holding(server) as (command, ours):
        there = Endpoint(*server.getsockname())
        with socket.create_connection(server.getsockname()) as other:  # of this process, which has started the command
            others = Endpoint(*other.getsockname())
            for process, expected in ((command, [True, False]), (os.getpid(), [True, True])):
                owner = Ownership(Family(process, "no such mark"), noticed, None)
                assert [one.ours for one in owner.judge([seen(ours, there), seen(others, there)])] == expected
    noticed.close()
