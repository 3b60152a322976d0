"""The demo as a user runs it: every figure it prints is held against what it left behind."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.real.caller import Caller
from tests.real.transom import User, private_mode
from transom.cli.show.layout import width

SIZE = 8 * 2**20
COLUMNS = 80


@dataclass(frozen=True)
class Told:
    """What one run printed and left."""

    text: str
    folder: Path

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def numbers(self, label: str) -> list[str]:
        """The figures of the row of the comparison that begins with `label`."""
        (row,) = (line for line in self.lines if line.strip().startswith(label))
        return row.strip().removeprefix(label).split()


def document_of(report: Path) -> tuple[Any, Any]:
    """What the report is about, and the rows of its table with the keys."""
    (packed,) = re.findall(r'id="document">([^<]*)</script>', report.read_text("utf-8"))
    document = json.loads(zlib.decompress(base64.b64decode(packed)))
    table = document["tables"]["with-keys"]["coded"]
    columns = {
        name: [column["values"][int(code)] for code in column["codes"].split(",")] for name, column in table.items()
    }
    return document["about"], [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def demo(user: User, *options: str, env: dict[str, str] | None = None) -> Told:
    ran = user.run("demo", *options, env=env)
    assert (ran.exit_code, ran.stderr) == (0, "")
    return Told(ran.text, user.folder)


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return demo(User.new(tmp_path_factory.mktemp("english")))


@pytest.fixture(scope="module")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return demo(User.new(tmp_path_factory.mktemp("korean")), "--lang", "ko")


@pytest.fixture(params=["english", "korean"])
def told(request: pytest.FixtureRequest) -> Told:
    told: Told = request.getfixturevalue(request.param)
    return told


def test_no_line_is_wider_than_a_terminal_and_none_is_coloured(told: Told) -> None:
    assert [line for line in told.lines if width(line) > COLUMNS] == []
    assert "\x1b" not in told.text
    assert [line for line in told.lines if line != line.rstrip()] == []


def test_all_nine_steps_are_told_with_sender_name_size_and_who_can_read(told: Told) -> None:
    for step, name in (
        ("1  C → S", "ClientHello"),
        ("2  C ← S", "ServerHello"),
        ("3  C ← S", "Certificate"),
        ("4  C ← S", "ServerKeyExchange"),
        ("5  C ← S", "ServerHelloDone"),
        ("6  C → S", "ClientKeyExchange"),
        ("7  C → S", "ChangeCipherSpec"),
        ("8  C → S", "Finished"),
        ("8  C ← S", "Finished"),
        ("9  C ⇄ S", "Application Data"),
        ("4  C ← S", "CertificateVerify"),
        ("+  C ← S", "EncryptedExtensions"),
    ):
        assert re.search(rf"{re.escape(step)}  {name}\s+[\d,.]+ M?B", told.text), (step, name)


def test_the_suite_is_taken_apart(told: Told) -> None:
    for part in ("ECDHE", "RSA", "AES-256-GCM", "SHA-384", "AES-128-GCM", "SHA-256"):
        assert part in told.text


def test_every_digest_of_the_download_is_the_same_and_the_upload_has_its_own(told: Told) -> None:
    digests = re.findall(r"[0-9a-f]{6}…[0-9a-f]{4}", told.text)
    assert len(digests) >= 4
    assert set(digests[:-2]) | {digests[-1]} == {digests[0]}
    assert digests[-2] != digests[0]


def test_the_comparison_agrees_with_itself(english: Told) -> None:
    wire = [int(figure.replace(",", "")) for figure in english.numbers("bytes on the wire")]
    more = [float(figure) for figure in re.findall(r"\+(\d\.\d\d) %", "".join(english.lines))]
    assert wire[0] > SIZE
    assert all(SIZE < bytes_on_wire < SIZE * 1.01 for bytes_on_wire in wire)
    assert more == [round((one - wire[0]) / wire[0] * 100, 2) for one in wire[1:]]
    assert english.numbers("round trips before asking") == ["1", "3", "3", "2"]
    assert english.numbers("server's private key")[1:] == ["no", "YES", "no"]
    assert english.numbers("certificate") == ["none", "sent", "readable", "readable", "hidden"]


def test_the_times_of_the_comparison_are_those_of_the_headings(told: Told) -> None:
    headings = [line.rsplit("  ", 1)[-1].strip() for line in told.lines if re.match(r"[1-4]  HTTP", line)]
    assert len(headings) == 4
    assert headings in [re.split(" {2,}", line)[-4:] for line in told.lines]


def test_what_an_eavesdropper_reckons_is_a_little_more_than_the_file(english: Told) -> None:
    http, *https = (int(figure.replace(",", "")) for figure in english.numbers("reckons the answer at"))
    assert http == SIZE
    assert all(SIZE < reckoned < SIZE + 1000 for reckoned in https)


def test_a_trace_is_left_private_and_named(told: Told) -> None:
    assert sorted(path.name for path in told.folder.iterdir()) == ["report.html", "trace.pcapng"]
    assert "trace.pcapng" in told.text
    assert private_mode(told.folder / "trace.pcapng")
    assert (told.folder / "trace.pcapng").stat().st_size > 4 * SIZE


def test_a_report_is_left_private_masked_and_named(told: Told) -> None:
    report = told.folder / "report.html"
    assert "report.html" in told.text
    assert private_mode(report)
    about, rows = document_of(report)
    assert about["kind"] == "masked"
    assert about["language"] == ("ko" if any("가" <= character <= "힣" for character in told.lines[0]) else "en")
    assert sorted(about["chosen"]) == [0, 1, 2, 3, 4]
    assert [row["verdict"] for row in rows] == [None, "trusted", "trusted", "trusted", "trusted"]
    digest = re.search(r"SHA-256 ([0-9a-f]{6})…([0-9a-f]{4})", told.text)
    assert digest
    assert all(row["exchange"]["sha256"].startswith(digest[1]) for row in rows[:4])


def test_the_languages_tell_the_same_and_differ_in_words(english: Told, korean: Told) -> None:
    def hangul(lines: Sequence[str]) -> int:
        return sum("가" <= character <= "힣" for line in lines for character in line)

    assert hangul(english.lines) == 0
    assert hangul(korean.lines[:1]) > 0
    assert hangul(korean.lines) > 100
    names = re.compile(r"(?:Client|Server)\w+|Certificate\w*|Finished|EncryptedExtensions|TLS_\w+")
    assert set(names.findall(english.text)) == set(names.findall(korean.text))


def test_the_upload_is_told_and_what_to_type_next_are_whole_commands(english: Told, korean: Told) -> None:
    assert "over TLS 1.3: 201, SHA-256" in " ".join(english.lines)
    for told, other in ((english, "ko"), (korean, "en")):
        assert told.lines[-2].endswith(": transom view trace.pcapng · transom get --explain URL")
        assert told.lines[-1].strip() == f"transom demo --lang {other}"


def test_nothing_in_it_is_canned(english: Told, korean: Told) -> None:
    def digest(told: Told) -> str:
        found = re.search(r"SHA-256 ([0-9a-f]{6}…[0-9a-f]{4})", told.text)
        assert found
        return found[1]

    assert digest(english) != digest(korean)
    randoms = [re.findall(rb"CLIENT_RANDOM ([0-9a-f]{64})", (told.folder / "trace.pcapng").read_bytes()[:20_000])
               for told in (english, korean)]  # fmt: skip
    assert randoms[0]
    assert not set(randoms[0]) & set(randoms[1])


def test_the_locale_chooses_the_language_and_a_file_of_somebody_elses_is_left_alone(user: User) -> None:
    (user.folder / "trace.pcapng").write_text("mine")
    (user.folder / "report.html").write_text("mine")
    told = demo(user, env={"LC_ALL": "ko_KR.UTF-8", "PYTHONIOENCODING": "utf-8"})
    assert any("가" <= character <= "힣" for character in told.lines[0])
    assert (user.folder / "trace.pcapng").read_text() == "mine"
    assert "trace-2.pcapng" in told.text
    again = demo(user)
    assert "trace-2.pcapng" in again.text  # its own of the time before
    assert (user.folder / "report.html").read_text() == "mine"
    names = ["report-2.html", "report.html", "trace-2.pcapng", "trace.pcapng"]
    assert sorted(path.name for path in user.folder.iterdir()) == names


@pytest.mark.parametrize("options", [("--lang", "fr"), ("--lan", "ko"), ("more",)])
def test_what_cannot_be_meant_is_exit_code_2(caller: Caller, options: tuple[str, ...]) -> None:
    assert caller.run("demo", *options).exit_code == 2
    assert list(caller.folder.iterdir()) == []


def test_a_report_is_written_where_it_is_asked_for_and_never_over_a_file_of_somebody_elses(user: User) -> None:
    (user.folder / "mine.html").write_text("mine")
    refused = user.run("demo", "--report", "mine.html")
    assert refused.exit_code == 2
    assert "mine.html: a file is there that is no report of ours" in refused.stderr
    assert [path.name for path in user.folder.iterdir()] == ["mine.html"]
    told = demo(user, "--report", "page.html")
    assert "page.html" in told.text
    assert document_of(user.folder / "page.html")[0]["name"] == "trace.pcapng"


def test_a_trace_that_cannot_be_written_is_a_clear_error(caller: Caller) -> None:
    ran = caller.run("demo", "--trace", "no/such/trace.pcapng")
    assert ran.exit_code != 0
    assert ran.stderr.startswith("transom: no/such/trace.pcapng")
