"""The taps in a program that nobody changed: put in when it first imports `socket`, and not before.

`site/sitecustomize.py` calls `begin` as the interpreter starts, so nothing here may be slow, or fail.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_SOCKET, _SSL = "socket", "ssl"


def begin(path: str) -> None:
    """Tell whoever listens at `path` of everything, from the first socket on."""
    if _SOCKET in sys.modules:
        put_in(path)
    else:
        sys.meta_path.insert(0, _Waiting(path))


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


class _Waiting:
    """A finder that lets others find `socket` and `ssl`, and puts the taps in once what is imported of them is loaded.

    `ssl` imports `socket`: then it is to be whole first.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in (_SOCKET, _SSL):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_tap(module: ModuleType) -> None:
                load(module)
                if self in sys.meta_path and (name == _SSL or _SSL not in sys.modules):
                    sys.meta_path.remove(self)
                    put_in(self._path)

            spec.loader.exec_module = load_and_tap  # type: ignore[method-assign]
        return spec
