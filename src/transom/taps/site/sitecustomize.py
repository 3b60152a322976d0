"""Stands first in PYTHONPATH while `transom run --python` runs a program: puts the taps in, then makes way.

Python imports a module of this name as it starts. The user's own, or the system's, is found behind this folder and
imported as if this one were not there.
"""

from __future__ import annotations

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 -- pathlib is slow to import
_NAME = "sitecustomize"


def _put_taps_in(path: str) -> None:
    """As a package of its own: the program's Python may have no Transom, or another."""
    from importlib import import_module
    from importlib.util import module_from_spec, spec_from_file_location

    folder = os.path.dirname(_HERE)  # noqa: PTH120
    spec = spec_from_file_location(
        "_transom_taps",
        os.path.join(folder, "__init__.py"),  # noqa: PTH118
        submodule_search_locations=[folder],
    )
    if spec is not None and spec.loader is not None:
        package = module_from_spec(spec)
        sys.modules[spec.name] = package
        spec.loader.exec_module(package)
        import_module("_transom_taps.on_import").begin(path)


def _make_way() -> None:
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != _HERE]  # noqa: PTH100
    this = sys.modules.pop(_NAME, None)
    try:
        __import__(_NAME)
    except ModuleNotFoundError as error:
        if error.name != _NAME:
            raise
        if this is not None:
            sys.modules[_NAME] = this


if os.environ.get("TRANSOM_TAPS") and sys.version_info >= (3, 9):
    _put_taps_in(os.environ["TRANSOM_TAPS"])
_make_way()
