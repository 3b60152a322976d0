"""Tests that are coroutines."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from contextvars import ContextVar
from typing import Any

_AT_END: ContextVar[AsyncExitStack] = ContextVar("at_end")


def on_a_loop(scenario: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs a coroutine test on a loop of its own; one that hangs fails instead."""

    async def limited(*arguments: Any, **named: Any) -> None:
        async with asyncio.timeout(30), AsyncExitStack() as stack:
            _AT_END.set(stack)
            await scenario(*arguments, **named)

    @functools.wraps(scenario)
    def test(*arguments: Any, **named: Any) -> None:
        asyncio.run(limited(*arguments, **named))

    return test


def at_end(clean_up: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
    """Await `clean_up(*arguments)` once the running test is over, however it ends."""
    _AT_END.get().push_async_callback(clean_up, *arguments)
