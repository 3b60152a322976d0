"""The manual has every command, option and exit code there is, and no other."""

from __future__ import annotations

import argparse
import ast
import importlib
import re

import pytest

from tests.house.documents import ROOT, rows, section, text_of
from transom.cli.main import COMMANDS

MANUAL = text_of("docs/manual.md")


def _section_of(command: str) -> str:
    (title,) = re.findall(rf"^## (transom {command}\b.*)$", MANUAL, re.MULTILINE)
    return section(MANUAL, title)


def _options(command: str) -> set[str]:
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(COMMANDS[command].module).configure(parser)
    return _options_of(parser)


def _options_of(parser: argparse.ArgumentParser) -> set[str]:
    found: set[str] = set()
    for action in parser._actions:
        found |= {name for name in action.option_strings if name not in ("-h", "--help")}
        if isinstance(action, argparse._SubParsersAction):
            found |= {option for sub in action.choices.values() for option in _options_of(sub)}
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_the_manual_has_the_options_of_a_command_and_no_others(command: str) -> None:
    table = "".join(cell for cells in rows(_section_of(command)) for cell in cells[: 2 if command == "ca" else 1])
    spans = " ".join(re.findall(r"`([^`]+)`", table))
    assert set(re.findall(r"(?<!\S)--?[\w.-]+", spans)) == _options(command)


def test_the_manual_has_every_command() -> None:
    assert re.findall(r"^## transom (\w+)", MANUAL, re.MULTILINE) == [*COMMANDS]


def test_the_manual_has_every_exit_code_of_the_code_and_no_other() -> None:
    modules = [path.read_text("utf-8") for path in (ROOT / "src/transom").rglob("*.py")]
    documented = {int(cells[0]) for cells in rows(section(MANUAL, "Exit codes"))}
    assert documented == {0}.union(*(_exit_codes(module) for module in modules))


def _exit_codes(source: str) -> set[int]:
    """The numbers a module passes as `exit_code`, sets as `code` or returns by the name of a constant."""
    tree = ast.parse(source)
    constants = {
        ast.unparse(target): node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, int)
        for target in node.targets
    }
    codes: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="exit_code", value=ast.Constant(value=int(code))):
                codes.add(code)
            case (
                ast.keyword(arg="exit_code", value=ast.expr() as value)
                | ast.Assign(targets=[ast.Name(id="code")], value=value)
                | ast.Return(value=ast.expr() as value)
            ):
                codes |= {constants[name] for name in _names_it_may_be(value) if name in constants}
            case _:
                pass
    return codes


def _names_it_may_be(value: ast.expr) -> list[str]:
    match value:
        case ast.Name(id=name):
            return [name]
        case ast.IfExp(body=body, orelse=other):
            return _names_it_may_be(body) + _names_it_may_be(other)
        case _:
            return []
