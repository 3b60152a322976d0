"""What every test of the project keeps to: the names of cases are the same in every process, and no clock judges.

The workers that share the tests compare the names, and a person runs a failed case again by its name. Of a property
Hypothesis would time each example, and how fast it makes them: on a busy machine that tells of the machine.
Signals end what the tests start, also where a shell has put all of them in the background, or nohup has.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

LONGEST_SHOWN = 60


_IGNORED_IN_THE_BACKGROUND: dict[signal.Signals, Callable[[int, FrameType | None], object] | signal.Handlers] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGQUIT: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}
"""What commands behind an & ignore by a shell without job control (POSIX.1-2017, 2.11) or by nohup; what else is so."""


def pytest_configure() -> None:
    """What is ignored here would be in every program that a test starts."""
    for number, handler in _IGNORED_IN_THE_BACKGROUND.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that say nothing to a reader, and may be random, go by the name of their argument."""
    if isinstance(val, bytes) and not (val.isascii() and len(val) <= LONGEST_SHOWN):
        return argname
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No name holds an address."""
    unstable = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if unstable:
        raise pytest.UsageError("an address in the name of a test: give its cases ids: " + unstable[0])
