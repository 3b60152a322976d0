"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.documents import ROOT, documents, rows, section, text_of, tracked_files

LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")


@pytest.mark.parametrize("page", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_of_the_repository_that_is_named_is_there(page: Path) -> None:
    named = [span.split()[0].split("::")[0] for span in CODE_SPAN.findall(page.read_text("utf-8")) if span.strip()]
    paths = [name for name in named if re.match(r"(src|tests|docs|bench|tools|\.ci)/[\w./-]+$", name)]
    assert [name for name in paths if not (ROOT / name).exists()] == []


def test_the_commands_of_the_readme_and_of_contributing_are_there_and_can_be_run() -> None:
    text = text_of("README.md") + text_of("CONTRIBUTING.md")
    scripts = set(re.findall(r"^ {4}(\./\w+|bench/\w+|tools/\w+)", text, re.MULTILINE)) | {".ci/run"}
    assert {"./test", "./check", "bench/run"} <= scripts
    assert [name for name in scripts if not (ROOT / name).stat().st_mode & 0o111] == []


def test_every_decision_is_listed_and_says_what_would_change_our_mind() -> None:
    records = sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))
    assert [f"({name})" for name in records] == re.findall(r"\(0.*?\)", text_of("docs/decisions/README.md"))
    for name in records:
        text = text_of(f"docs/decisions/{name}")
        for part in ("**Context.**", "**Choice.**", "**Alternatives.**", "**What would change our mind.**"):
            assert part in text, f"{name} lacks {part}"


def test_the_layers_of_the_architecture_are_the_folders_of_the_source() -> None:
    package = ROOT / "src/transom"
    folders = {path.name for path in package.iterdir() if (path / "__init__.py").exists()} | {"errors", "value"}
    assert {cells[1].strip("`") for cells in rows(section(text_of("ARCHITECTURE.md"), "The layers"))} == folders


def test_the_files_that_the_table_of_rfcs_names_are_there_and_cite_the_rfc() -> None:
    package = ROOT / "src/transom"
    for rfcs, _, where in rows(text_of("docs/rfcs.md").split("\n## ")[0]):
        places, folder = CODE_SPAN.findall(where), Path()
        cited = ""
        for place in places:
            path = package / place if "/" in place or (package / place).exists() else folder / place
            folder = path.parent
            assert path.exists(), f"{place} in the row of RFC {rfcs}"
            files = path.rglob("*.py") if path.is_dir() else [path]
            cited += "".join(file.read_text("utf-8") for file in files)
        assert [rfc for rfc in rfcs.split(", ") if rfc not in cited] == []


def test_every_section_of_rfc_8446_that_is_cited_has_its_place_in_9846() -> None:
    table = rows(section(text_of("docs/rfcs.md"), "RFC 9846 beside RFC 8446"))
    known = {name.removeprefix("§") for cells in table for name in re.findall(r"§[\dA-E.]+|(?<=appendix )A", cells[0])}
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    cited = set(re.findall(r"8446 (?:§|appendix )([\dA-E](?:\.\d+)*)", source))
    assert len(cited) > 30
    assert {name for name in cited if not any(f"{name}.".startswith(f"{prefix}.") for prefix in known)} == set()


def test_nothing_tracked_names_a_folder_of_one_machine_or_a_download_host() -> None:
    folder = rb"(?<![\w.])/(?:home|Users|work|root)/\w"
    private = re.compile(folder + rb"|files\.pythonhosted|deb\.debian\.org|registry\.npmjs")
    texts = [path for path in tracked_files() if b"\0" not in path.read_bytes()]
    this_file = Path(__file__)
    found = [str(path.relative_to(ROOT)) for path in texts if path != this_file and private.search(path.read_bytes())]
    assert found == []


def test_every_program_that_the_tests_run_is_installed_by_their_script() -> None:
    needed: set[str] = set()
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text("utf-8")
        runs = "program|run" if re.search(r"from tests\.real\.programs import .*\brun\b", text) else "program"
        needed |= set(re.findall(rf'(?<![.\w])(?:{runs})\(\s*"([\w-]+)"', text))
    (installed,) = re.findall(r"^tools/programs (.*)$", text_of("test"), re.MULTILINE)
    assert {"nginx", "wget"} <= needed
    assert needed - set(installed.split()) == set()
