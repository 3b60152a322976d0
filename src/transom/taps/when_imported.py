"""Something to do when a module is imported, right after it: not before, and not by importing it."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class WhenImported:
    """A finder that lets others find these modules, and does `then` once what is imported of them is loaded.

    The last one may import the others: then it is to be whole first.
    """

    def __init__(self, names: tuple[str, ...], then: Callable[[], None]) -> None:
        self._names = names
        self._then = then
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Nothing is to be done any more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self._names:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_do(module: ModuleType) -> None:
                load(module)
                last = self._names[-1]
                if self in sys.meta_path and (name == last or last not in sys.modules):
                    self.stop()
                    self._then()

            spec.loader.exec_module = load_and_do  # type: ignore[method-assign]
        return spec
