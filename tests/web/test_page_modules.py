"""The page's modules by themselves: nothing compiles them before a browser meets their names."""

from __future__ import annotations

import re

import pytest

from transom.web.assets import assets
from transom.web.bundle import EXPORT, IMPORT

MODULES = {name: asset.text for name, asset in assets().items() if name.endswith(".js")}
EXPORTED = {name for text in MODULES.values() for _, name in EXPORT.findall(text)}
WORD = re.compile(r"\w+")
DECLARED = re.compile(r"(?:function\*?|class|const|let) (\w+)")
METHOD = re.compile(r"^\s+(?:async |static |get |set )*(\w+)\([^)]*\) \{", re.MULTILINE)
PARAMETERS = re.compile(r"\(([^()]*)\) (?:=>|\{)")
CALLED = re.compile(r"(?<![\w.$#])(\w+)\(")
COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_calls_of_another_it_imports(name: str) -> None:
    code = COMMENT.sub("", MODULES[name])
    known = {word for names, _ in IMPORT.findall(code) for word in WORD.findall(names)}
    known |= {*DECLARED.findall(code), *METHOD.findall(code)}
    known |= {word for names in PARAMETERS.findall(code) for word in WORD.findall(names)}
    assert set(CALLED.findall(code)) & EXPORTED - known == set()
