"""The page's modules as one script: a page that is opened from a file may not import another file.

No JavaScript is parsed. Our modules keep to two forms (a test holds them to it): imports are lines by themselves,
`import { a, b } from "./x.js";`, and exports stand in front of a function, a class or a const.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"\./([\w.-]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+)", re.MULTILINE)


def bundle(modules: Mapping[str, str], entry: str) -> str:
    """`entry` and all that it imports, each in a scope of its own, those that are imported first."""
    order: list[str] = []
    _visit(entry, modules, order)
    return "".join(_scoped(name, modules[name]) for name in order)


def _visit(name: str, modules: Mapping[str, str], order: list[str]) -> None:
    for _, imported in IMPORT.findall(modules[name]):
        _visit(imported, modules, order)
    if name not in order:
        order.append(name)


def _scoped(name: str, source: str) -> str:
    exported = ", ".join(found[1] for found in EXPORT.findall(source))
    body = EXPORT.sub(r"\1 \2", IMPORT.sub(_destructured, source))
    return f"const {_variable(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"


def _destructured(found: re.Match[str]) -> str:
    return f"const {{{found[1]}}} = {_variable(found[2])};\n" if found[1] else ""


def _variable(name: str) -> str:
    return "module_" + re.sub(r"\W", "_", name.removesuffix(".js"))
