"""The taps of this process: in while anybody wants to be told, out and without a trace when nobody does."""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from . import events, sockets, tls_io, uvloops
from .keys import KeyLogs
from .patches import Patches
from .when_imported import WhenImported
from .wire import HUB

if TYPE_CHECKING:
    from types import ModuleType

    from .events import Sink

_OF_A_RUN = "_transom_taps"
"""The name of this package where `site/sitecustomize.py` has put it in."""

_LATER = {sockets.GEVENT: sockets.put_in_gevent, uvloops.MODULE: uvloops.put_in}
"""What a program may import when the taps are in, and what taps it."""


class _Installed:
    """What is in the places of others now."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._patches = Patches()
        self._waiting: list[WhenImported] = []
        self._listens_to_forks = False

    def add(self, sink: Sink) -> None:
        with self._lock:
            if not HUB.sinks:
                HUB.keys = KeyLogs()
                try:
                    self._put_in()
                except BaseException:  # a Python that is unlike others
                    self._take_out()
                    raise
            if not self._listens_to_forks and hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=self._forked)
                self._listens_to_forks = True
            HUB.sinks = (*HUB.sinks, sink)

    def _put_in(self) -> None:
        sockets.put_in(self._patches)
        tls_io.put_in(self._patches)
        for module, put_in in _LATER.items():
            if module in sys.modules:
                put_in(self._patches)
            else:
                self._waiting.append(WhenImported((module,), partial(put_in, self._patches)))

    def _take_out(self) -> None:
        while self._waiting:
            self._waiting.pop().stop()
        self._patches.take_out()

    def remove(self, sink: Sink) -> None:
        with self._lock:
            HUB.settle()
            HUB.sinks = tuple(other for other in HUB.sinks if other is not sink)
            if not HUB.sinks:
                self._take_out()
                keys, HUB.keys = HUB.keys, None
                if keys is not None:
                    keys.close()
            elif HUB.keys is not None:
                HUB.keys.leave(HUB.known_logs())

    def _forked(self) -> None:
        """A sink that is no more than a thread of the parent is not in this process; it says so itself."""
        self._lock = threading.RLock()
        HUB.forked()
        if HUB.keys is not None:
            HUB.keys.forked()
        sockets.forked()
        HUB.sinks = tuple(sink for sink in HUB.sinks if getattr(sink, "outlives_a_fork", False))


_INSTALLED = _Installed()


def of_this_process() -> ModuleType:
    """The module like this one whose taps are to be used: those of a `transom run --python` around it, if it has any.

    A second set would stand before the first, and the first would see no more of what an SSLSocket moves.
    """
    theirs = sys.modules.get(f"{_OF_A_RUN}.installed")
    if theirs is not None and getattr(sys.modules[f"{_OF_A_RUN}.events"], "EDITION", None) == events.EDITION:
        return theirs
    return sys.modules[__name__]


def add(sink: Sink) -> None:
    """Tell `sink` of everything from now on."""
    _INSTALLED.add(sink)


def remove(sink: Sink) -> None:
    """Tell it what is held back, and nothing more. Without any sink everything is as it was."""
    _INSTALLED.remove(sink)


def settle() -> None:
    """Tell everybody what is held back."""
    HUB.settle()
