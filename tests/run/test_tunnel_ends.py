"""How the tunnel lets go of what it has taken."""

from __future__ import annotations

import asyncio
import gc
import socket

from tests.run.tunnelled import PATIENCE, Lone


def test_a_client_that_was_taken_in_the_moment_of_closing_is_closed_with_the_others() -> None:
    """Its task has not taken a step yet. (A socket that is left to the collector fails the test.)"""

    async def taken_and_closed() -> bytes:
        lone = Lone()
        lone.tunnel.start()
        before = len(asyncio.all_tasks())
        with socket.create_connection((lone.tunnel.endpoint.address, lone.tunnel.endpoint.port), PATIENCE) as client:
            while len(asyncio.all_tasks()) == before:
                await asyncio.sleep(0)
            await lone.tunnel.close()
            return client.recv(1)

    assert asyncio.run(taken_and_closed()) == b""
    gc.collect()
