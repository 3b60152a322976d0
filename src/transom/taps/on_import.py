"""The taps in a program that nobody changed: put in when it first imports `socket`, and not before.

`site/sitecustomize.py` calls `begin` as the interpreter starts, so nothing here may be slow, or fail.
"""

from __future__ import annotations

import os
import sys

from .when_imported import WhenImported

_SOCKET, _SSL = "socket", "ssl"


def begin(path: str) -> None:
    """Tell whoever listens at `path` of everything, from the first socket on."""
    if _SOCKET in sys.modules:
        put_in(path)
    else:
        WhenImported((_SOCKET, _SSL), lambda: put_in(path))


def put_in(path: str) -> None:
    """Now. Where nobody listens, or this Python is unlike others, the program goes on untold."""
    try:
        import atexit

        from . import installed
        from .to_collector import ToCollector

        # The run's own log, which contexts made by `ssl.create_default_context` write to, is read by who runs it.
        installed.add(ToCollector(path, os.environ.get("SSLKEYLOGFILE", "")))
        atexit.register(installed.settle)
    except Exception:  # noqa: S110 -- there is nobody to tell, and it must not be the program's trouble
        pass
