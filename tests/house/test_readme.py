"""The README shows what really runs and prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.documents import fenced, text_of
from transom.cli.main import COMMANDS

PAGES = {"en": "README.md", "ko": "README.ko.md"}


@pytest.mark.parametrize("language", PAGES)
def test_the_table_of_the_readme_is_what_the_demo_prints(language: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "transom", "demo", "--lang", language]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120).stdout
    table = fenced(text_of(PAGES[language]), "text")[0]
    assert len(table.splitlines()) >= 8
    assert [line for line in table.splitlines() if line not in printed.splitlines()] == []


@pytest.mark.parametrize("page", PAGES.values())
def test_the_readme_lists_the_commands_there_are(page: str) -> None:
    overview = fenced(text_of(page), "text")[1]
    assert {line.split()[1] for line in overview.splitlines()} == set(COMMANDS)


@pytest.mark.parametrize("page", PAGES.values())
def test_commands_that_are_planned_are_named_as_such_and_nowhere_else(page: str) -> None:
    text = text_of(page)
    named = set(re.findall(r"transom (?!COMMAND)([a-z]{2,9})\b(?! =)", text))
    assert named - set(COMMANDS) - {"import"} == set()


def test_the_handshake_of_the_readme_runs() -> None:
    (program,) = fenced(text_of("README.md"), "python")
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "TLSv1.3 TLS_AES_128_GCM_SHA256 x25519\nb'over TLS, with no socket anywhere'\n"
