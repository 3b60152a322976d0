"""`transom compare --view` and `-o`: the page of what was compared, opened where the two stand side by side."""

from __future__ import annotations

import base64
import json
import re
import signal
import zlib
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.cli.test_read import trace
from tests.dissect.test_flow import TLS13
from tests.real.caller import Caller
from tests.real.transom import User, private_mode

CONTENT = bytes(range(256)) * 400


def document(report: Path) -> Any:
    (packed,) = re.findall(r'id="document">([^<]*)</script>', report.read_text("utf-8"))
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def made(caller: Caller, name: str) -> str:
    """A trace of a file of that name crossing by HTTP, TLS 1.2 and TLS 1.3."""
    (caller.folder / f"{name}.bin").write_bytes(name.encode() * 1000)
    assert caller.run("compare", f"{name}.bin", "--trace", f"{name}.pcapng").exit_code == 0
    return f"{name}.pcapng"


def test_of_a_file_the_page_has_every_way_and_nothing_else_is_left(caller: Caller) -> None:
    (caller.folder / "f.bin").write_bytes(CONTENT)
    ran = caller.run("compare", "f.bin", "-o", "report.html")
    assert ran.exit_code == 0, ran.stderr
    assert ran.text.startswith("The two ends have")
    assert "masked" in ran.stderr
    assert {path.name for path in caller.folder.iterdir()} == {"f.bin", "report.html"}
    assert private_mode(caller.folder / "report.html")
    found = document(caller.folder / "report.html")
    assert found["about"]["name"] == "f.bin"
    assert found["about"]["begins"] == {"c": "0", "beside": "2", "tab": "compare"}
    compared = found["answers"]["conversations/0/with-keys/compare/2"]["told"]["en"]
    holds = next(row for row in compared["figures"]["rows"] if row["label"] == "third party holds")
    assert [cell["text"] for cell in holds["cells"]] == ["the file", "its size", "its size"]
    # By the CA of the comparison, as its client did.
    assert found["tables"]["with-keys"]
    assert "trusted" in json.dumps(found["tables"]["with-keys"])


def test_of_two_captures_both_are_in_it_and_the_chosen_are_side_by_side(caller: Caller) -> None:
    captures = made(caller, "good"), made(caller, "bad")
    ran = caller.run("compare", *captures, "--conversation", "B:2", "-o", "report.html")
    assert ran.exit_code == 0, ran.stderr
    found = document(caller.folder / "report.html")
    assert (found["about"]["name"], found["about"]["conversations"]) == ("good.pcapng, bad.pcapng", 6)
    assert found["about"]["begins"] == {"c": "1", "beside": "5", "tab": "compare"}
    answers = found["answers"]
    assert "GET /good.bin" in answers["conversations/1/with-keys/follow"]["said"][0]["text"]
    assert "GET /bad.bin" in answers["conversations/5/with-keys/follow"]["said"][0]["text"]
    assert "conversations/1/without-keys/compare/5" in answers


def test_of_one_capture_twice_it_is_there_once(caller: Caller) -> None:
    capture = made(caller, "good")
    assert caller.run("compare", capture, capture, "--conversation", "B:2", "-o", "r.html").exit_code == 0
    about = document(caller.folder / "r.html")["about"]
    assert (about["name"], about["conversations"]) == ("good.pcapng", 3)
    assert about["begins"] == {"c": "1", "beside": "2", "tab": "compare"}


def test_the_two_are_in_the_file_however_many_there_are(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.web.model.document.MOST_CHOSEN", 2)
    monkeypatch.setattr("transom.web.model.document.MOST_COMPARED", 1)
    captures = made(caller, "good"), made(caller, "bad")
    assert caller.run("compare", *captures, "--conversation", "A:2", "-o", "report.html").exit_code == 0
    found = document(caller.folder / "report.html")
    assert found["about"]["chosen"] == [2, 4]
    assert "conversations/2/with-keys/compare/4" in found["answers"]


@pytest.mark.parametrize("targets", [("f.bin",), ("t.pcapng", "f.pcapng")])
def test_without_keys_no_plaintext_of_tls_is_in_the_file(caller: Caller, targets: tuple[str, ...]) -> None:
    made(caller, "f")
    trace(caller.folder / "t.pcapng", TLS13)
    assert caller.run("compare", *targets, "--without-keys", "-o", "report.html").exit_code == 0
    found = document(caller.folder / "report.html")
    assert (found["about"]["kind"], found["about"]["views"]) == ("without-keys", ["without-keys"])
    sealed = {name: one for name, one in found["answers"].items() if not re.search(r"s/0/|e/0$|s/1/|e/1$", name)}
    number = {1: 2, 2: 3}[len(targets)]
    assert f"conversations/{number}/without-keys/follow" in sealed
    assert "f.bin" not in json.dumps(sealed)


def test_the_trace_and_the_page_can_both_be_left(caller: Caller) -> None:
    (caller.folder / "f.bin").write_bytes(CONTENT)
    ran = caller.run("compare", "f.bin", "--trace", "t.pcapng", "-o", "r.html", "--json", "--include-secrets")
    assert ran.exit_code == 0
    assert {"t.pcapng", "r.html"} < {path.name for path in caller.folder.iterdir()}
    assert "every password" in ran.stderr
    assert [json.loads(line)["type"] for line in ran.text.splitlines()] == ["journey"] * 3


def test_it_is_shown_until_it_is_stopped(user: User) -> None:
    (user.folder / "f.bin").write_bytes(CONTENT)
    with user.start("compare", "f.bin", "--view", "--no-browser") as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, b"")
        address = next(line for line in lines if line.startswith(b"http://127.0.0.1:")).decode().strip()
        with urlopen(f"{address}api/about", timeout=20) as answer:
            assert json.load(answer)["begins"]["tab"] == "compare"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("f.bin", "--no-browser"), "--no-browser is for the page"),
        (("f.bin", "--include-secrets"), "--include-secrets is for the page"),
        (("f.bin", "--view", "--include-secrets", "--without-keys"), "one of them"),
        (("f.bin", "-o", "-"), "-o -"),
        (("f.bin", "-o", "x", "--trace", "x"), "both name x"),
        (("f.bin", "--view", "--keylog", "x"), "--keylog is for two captures"),
    ],
)
def test_a_page_that_cannot_be_has_its_message(caller: Caller, arguments: tuple[str, ...], message: str) -> None:
    (caller.folder / "f.bin").write_bytes(CONTENT)
    ran = caller.run("compare", *arguments)
    assert ran.exit_code == 2
    assert message in ran.stderr
    assert not (caller.folder / "report.html").exists()
