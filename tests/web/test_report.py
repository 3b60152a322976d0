"""A report: what is in the file, searched for in its bytes and in the document it has inside."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.real.transom import User
from tests.web.pages import opened
from transom.web.assets import assets
from transom.web.bundle import EXPORT, IMPORT
from transom.web.model.opened import Kind
from transom.web.report import report

SAID = (b"GET /picture.bin", b"application/octet-stream", b"picture.bin")


def document_of(text: str) -> tuple[bytes, Any]:
    (packed,) = re.findall(r'id="document">([^<]*)</script>', text)
    data = zlib.decompress(base64.b64decode(packed))
    return data, json.loads(data)


def hexed(said: bytes) -> bytes:
    return said.hex().encode()


def test_without_keys_no_plaintext_of_tls_is_in_the_file(trace: Path) -> None:
    text = report(opened(trace, "without-keys"))
    data, document = document_of(text)
    assert document["about"]["kind"] == "without-keys"
    assert all("with-keys" not in address for address in document["answers"])
    assert list(document["tables"]) == ["without-keys"]
    # The conversation in plain HTTP is what the path saw: it stays, and nothing else may say what was asked for.
    sealed = {
        address: found
        for address, found in document["answers"].items()
        if not address.startswith("conversations/0/") and not address.endswith("/compare/0")
    }
    assert "conversations/1/without-keys/compare/3" in sealed
    assert len(sealed) > 20
    said = json.dumps(sealed).encode() + text.encode()
    for words in SAID:
        assert words not in said
        assert hexed(words) not in said
    assert hexed(SAID[0]) in data  # of plain HTTP: the search can find something


def test_with_keys_what_was_said_is_in_the_document(trace: Path) -> None:
    data, document = document_of(report(opened(trace)))
    follow = document["answers"]["conversations/3/with-keys/follow"]
    assert follow["opened"]
    assert "GET /picture.bin" in follow["said"][0]["text"]
    assert hexed(SAID[0]) in data


def test_the_document_begins_with_a_version_and_says_what_it_leaves_out(trace: Path) -> None:
    _, document = document_of(report(opened(trace)))
    assert document["about"]["document"] == 1
    assert sorted(document["about"]["chosen"]) == [0, 1, 2, 3, 4]


def test_a_report_may_run_its_own_script_and_ask_for_nothing(trace: Path) -> None:
    text = report(opened(trace))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    assert re.findall(r'(?:src|href)="(?!data:)', text) == []


@pytest.mark.parametrize("name", [name for name in assets() if name.endswith(".js")])
def test_a_module_keeps_to_the_forms_that_the_bundle_knows(name: str) -> None:
    text = assets()[name].text
    assert len(re.findall(r"^import\b", text, re.MULTILINE)) == len(IMPORT.findall(text))
    assert len(re.findall(r"^export\b", text, re.MULTILINE)) == len(EXPORT.findall(text))
    assert "innerHTML" not in text
    assert "</script" not in text


LOGIN = "me:a secret horse"
CREDENTIALS = base64.b64encode(LOGIN.encode())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_password_is_in_the_file_only_if_it_was_asked_for(scheme: str, tmp_path: Path) -> None:
    user = User.new(tmp_path)
    (user.folder / "f.bin").write_bytes(b"content")
    with user.serving(user.folder, "-a", LOGIN, http=True) as serving:
        url = serving.url("/f.bin") if scheme == "https" else f"http://localhost:{serving.http_port}/f.bin"
        ran = user.run("get", url, "-u", LOGIN, "-o", "got.bin", "--trace", "trace.pcapng")
    assert ran.exit_code == 0, ran.stderr
    trace = user.folder / "trace.pcapng"
    said = {kind: document_of(report(opened(trace, kind)))[0] for kind in get_args(Kind)}
    for form in (CREDENTIALS, hexed(CREDENTIALS)):
        assert form not in said["masked"]
        assert form not in said["without-keys"]
    assert hexed(CREDENTIALS) in said["with-secrets"]
    assert hexed(b"Authorization: ****") in said["masked"]


def test_the_sheets_of_style_are_in_the_order_of_the_live_page(trace: Path) -> None:
    """A later one goes before an earlier one: what is for paper is the last."""
    text = report(opened(trace))
    files = assets()
    sheets = re.findall(r'stylesheet" href="([^"]+)"', files["index.html"].text)
    assert sorted(sheets) == sorted(name for name in files if name.endswith(".css"))
    places = [text.index(files[name].text) for name in sheets]
    assert places == sorted(places)
