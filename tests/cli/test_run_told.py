"""What `transom run` tells: steps, also in Korean, times, and no wrong size of a body whose records are padded."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.real.certificates import Authority
from tests.real.tls_servers import s_server
from tests.real.transom import Serving, User

SIZE = 300_000
FILES = {"f.bin": os.urandom(SIZE)}
CURL = ("curl", "-q", "-sS", "--max-time", "50")
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-lines.schema.json").read_text())


@pytest.fixture
def here(tmp_path: Path, owner: User) -> User:
    return User(owner.home, tmp_path)


def lines_of(here: User) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
    for line in lines:
        jsonschema.validate(line, SCHEMA)
    return lines


def test_explain_tells_the_nine_steps_and_the_summary_follows(here: User, server: Serving) -> None:
    command = (*CURL, "--tls-max", "1.3", "-o", "f", "--cacert", here.ca, server.url("/f.bin"))
    ran = here.run("run", "--explain", "--lang", "en", "--", *command)
    assert ran.exit_code == 0, ran.stderr
    steps, _, summary = ran.stderr.partition("transom run: ")
    numbers = re.findall(r"^ *(?:[\d.]+ +)?([1-9])  [A-Z]", steps, re.MULTILINE)
    assert sorted(set(numbers)) == list("123456789"), steps
    for named in ("ClientHello", "ServerHello", "Certificate", "CertificateVerify", "Finished", "GET /f.bin", "200"):
        assert named in steps
    assert "curl ended with exit code 0" in summary


def test_explain_names_each_conversation(here: User, server: Serving) -> None:
    plain = f"http://localhost:{server.http_port}/f.bin"
    command = (*CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"), "-o", "g", plain)
    ran = here.run("run", "--explain", "--lang", "en", "--", *command)
    assert ran.exit_code == 0, ran.stderr
    named = re.findall(r"^conversation (\d), (\S+)$", ran.stderr, re.MULTILINE)
    assert sorted(named) == [("0", f"localhost:{server.port}"), ("1", f"localhost:{server.http_port}")]


def test_in_korean_the_summary_and_the_steps_are_korean(here: User, server: Serving) -> None:
    command = (*CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"))
    ran = here.run("run", "--explain", "--lang", "ko", "--", *command)
    assert ran.exit_code == 0, ran.stderr
    steps, _, summary = ran.stderr.partition("transom run: ")
    assert "니다" in steps
    assert "종료 코드 0" in summary
    assert "exit code" not in ran.stderr
    assert "ended with" not in ran.stderr


def test_json_has_who_was_asked_for_and_the_time_of_each_stage(here: User, server: Serving) -> None:
    command = (*CURL, "-o", "f", "--cacert", here.ca, server.url("/f.bin"))
    ran = here.run("run", "--json", "--summary", "lines", "--", *command)
    assert ran.exit_code == 0, ran.stderr
    (line,) = [line for line in lines_of(here) if line["type"] == "conversation"]
    assert line["asked"] == f"localhost:{server.port}"
    times = line["times"]
    stages = [times[name] for name in ("resolve", "connect", "handshake", "first_byte")]
    assert all(spent >= 0 for spent in stages)
    assert times["handshake"] > 0
    assert sum(stages) <= times["total"]


def test_of_a_body_in_padded_records_no_wrong_size_is_told_as_if_it_were_right(here: User, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    body = os.urandom(SIZE)
    (tmp_path / "answer").write_bytes(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE + body)
    padding = ("-tls1_3", "-max_send_frag", "2000", "-record_padding", "4096")
    with s_server(authority.leaf(), tmp_path, *padding, form="-HTTP") as server:
        url = f"https://localhost:{server.port}/answer"
        ran = here.run(
            "run", "--json", "--summary", "lines", "--", *CURL, "-4", "-o", "f", "--cacert", authority.root, url
        )
    assert ran.exit_code == 0, ran.stderr
    assert (here.folder / "f").read_bytes() == body
    lines = lines_of(here)
    (exchange,) = [line for line in lines if line["type"] == "http"]
    problems = [line for line in lines if line["type"] == "problem"]
    # That they are padded is seen by the first padded one that is opened, which may be behind some that were not.
    assert problems or (exchange["response_body_bytes"], exchange["complete"]) == (SIZE, True)
    (conversation,) = [line for line in lines if line["type"] == "conversation"]
    assert conversation["server_bytes"] > SIZE * 1.1  # it was padded indeed
