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
    return {row["label"]: [cell["text"] for cell in row["cells"]] for row in told["figures"]["rows"]}


def test_the_table_is_the_one_that_the_terminal_prints_of_the_same_crossings(tmp_path: Path) -> None:
    user = User.new(tmp_path)
    (user.folder / "f.bin").write_bytes(bytes(range(256)) * 400)
    ran = user.run("compare", "f.bin", "--static-rsa", "--trace", "all.pcapng")
    assert ran.exit_code == 0, ran.stderr
    found = asked(opened(user.folder / "all.pcapng"), "conversations/0/with-keys/compare/3")
    assert found["columns"] == [0, 1, 2, 3]
    told = found["told"]["en"]
    printed = [" ".join(line.split()) for line in ran.text.splitlines()]
    assert " ".join(["Somebody on the path sees", *told["figures"]["columns"]]) in printed
    rows = figures(told)
    rows.pop("took, here and now")  # by the client's clock there, by that of the packets here
    assert len(rows) == 9
    for label, cells in rows.items():
        assert any(f"{label} {' '.join(cells)}".endswith(line) for line in printed if cells[0] in line), label
    ends = [f"{end['label']} {end['text']['text']}".strip() for end in told["figures"]["ends"]]
    assert ends == printed[printed.index("The two ends have") + 1 :][:4]
    assert "f.bin, SHA-256" in ends[2]


def test_of_two_that_are_not_of_the_same_kind_the_other_ways_of_that_file_stand_beside(demo: OpenedCapture) -> None:
    """The capture has the file by four ways, and another one that was sent up."""
    for pair in ((1, 3), (3, 1), (2, 0)):
        assert asked(demo, "conversations/{}/with-keys/compare/{}".format(*pair))["columns"] == [0, 1, 2, 3]
    up = asked(demo, "conversations/1/with-keys/compare/4")
    assert (up["columns"], up["told"]["en"]["figures"]) == ([], None)


def test_a_report_has_the_columns_of_what_is_in_it(trace: Path) -> None:
    page = opened(trace)
    assert page.ways(0, 3, among=[0, 2, 3]) == [0, 2, 3]


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
    assert found["told"]["en"]["figures"] is None
    assert "picture.bin" not in str(found)
    beside_plain = asked(demo, "conversations/0/without-keys/compare/3")["told"]["en"]
    assert figures(beside_plain)["third party holds"] == ["the file", "its size", "its size", "its size"]
    assert beside_plain["figures"]["ends"] == []
    assert "GET /picture.bin" in str(beside_plain)


@pytest.mark.parametrize("other", ["x", "99", "-1", "", "9" * 30])
def test_what_is_no_other_conversation_is_refused(other: str, demo: OpenedCapture) -> None:
    with pytest.raises(UsageError):
        demo.answer(f"conversations/0/with-keys/compare/{other}")
