"""Two conversations of a page held against each other: by the very rows that the terminal prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.real.transom import User
from tests.web.model.test_opened import asked
from tests.web.pages import opened
from transom.errors import UsageError
from transom.web.model.opened import OpenedCapture


@pytest.fixture(scope="module")
def demo(trace: Path) -> OpenedCapture:
    return opened(trace)


def figures(told: Any) -> dict[str, list[str]]:
    return {row["label"]: row["cells"] for row in told["figures"]}


def test_the_figures_are_those_that_the_terminal_prints_of_the_same_crossings(tmp_path: Path) -> None:
    user = User.new(tmp_path)
    (user.folder / "f.bin").write_bytes(bytes(range(256)) * 400)
    ran = user.run("compare", "f.bin", "--trace", "all.pcapng")
    assert ran.exit_code == 0, ran.stderr
    page = opened(user.folder / "all.pcapng")
    told = asked(page, "conversations/0/with-keys/compare/2")["told"]["en"]
    found = figures(told)
    found.pop("took, here and now")  # by the client's clock there, by that of the packets here
    assert len(found) == 9
    for label, (http, tls13) in found.items():
        (line,) = (one for one in ran.text.splitlines() if one.strip().startswith(label.rpartition("with the ")[2]))
        cells = [one for one in line[29:].split("  ") if one.strip()]
        assert [cells[0].strip(), cells[2].strip()] == [http, tls13], label


def test_the_fields_and_where_they_part_are_those_of_compare(trace: Path, demo: OpenedCapture, tmp_path: Path) -> None:
    user = User.new(tmp_path)
    both = ("--conversation", "A:1", "--conversation", "B:3")
    for lang in ("en", "ko"):
        ran = user.run("compare", str(trace), str(trace), *both, "--lang", lang)
        assert ran.exit_code == 0, ran.stderr
        told = asked(demo, "conversations/1/with-keys/compare/3")["told"][lang]
        assert " ".join(ran.text.split("\n\n")[0].split()) == told["first"]
        for field in told["fields"]:
            assert f" {field['mark']} {field['label']}" in ran.text
        version = next(field for field in told["fields"] if field["pairs"] == [["TLSv1.2", "TLSv1.3"]])
        assert version["mark"] == "≠"


def test_without_keys_nothing_that_was_said_is_compared(demo: OpenedCapture) -> None:
    found = asked(demo, "conversations/1/without-keys/compare/3")
    assert found["told"]["en"]["figures"] == []
    assert "picture.bin" not in str(found)
    beside_plain = asked(demo, "conversations/0/without-keys/compare/3")["told"]["en"]
    assert figures(beside_plain)["third party holds"] == ["the file", "its size"]
    assert "GET /picture.bin" in str(beside_plain)


@pytest.mark.parametrize("other", ["x", "99", "-1", "", "9" * 30])
def test_what_is_no_other_conversation_is_refused(other: str, demo: OpenedCapture) -> None:
    with pytest.raises(UsageError):
        demo.answer(f"conversations/0/with-keys/compare/{other}")
