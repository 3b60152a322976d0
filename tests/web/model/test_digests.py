"""Of a body in which something is masked no page has a digest: from that, what is short could be guessed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from tests.dissect.told import write_trace
from tests.web.model.test_canaries import answer, crossing, everything, post
from tests.web.model.test_opened import asked
from tests.web.pages import opened
from transom.capture.write import TraceWriter
from transom.dissect.timeline import Withheld
from transom.http.messages import Headers
from transom.tls.iana.versions import ProtocolVersion
from transom.value import value
from transom.web.model import digests
from transom.web.model.digests import Judge, Judges
from transom.web.model.looked_through import MOST_OF_OTHER, MOST_OF_TEXT, has_secret, is_text
from transom.web.model.mask import Masking
from transom.web.model.opened import Kind
from transom.web.model.previews import MOST_OF_ONE
from transom.wire.tap import Endpoint, Endpoints, Side

CLIENT, SERVER = Side.CLIENT, Side.SERVER
PAGE = b"<p>The weather is fine, and nobody has anything to hide.</p>\n"
JSON, TEXT, BINARY = b"application/json", b"text/plain", b"application/octet-stream"


def random_bytes(count: int, seed: int = 0) -> bytes:
    return Random(seed).randbytes(count)


@value
class Body:
    """One that crosses; `fields` stand in its head, `why` is why its digest is withheld."""

    name: str
    kind: bytes
    data: bytes
    why: str | None
    fields: bytes = b""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def small() -> Iterator[Body]:
    """A four-digit PIN in each that is masked."""
    yield Body("json", JSON, b'{"user": "kim", "pin": "4071"}', "masked")
    yield Body("form", b"application/x-www-form-urlencoded", b"user=kim&pin=4072", "masked")
    yield Body("packed", TEXT, gzip.compress(b"pin=4073", mtime=0), "masked", b"Content-Encoding: gzip\r\n")
    yield Body("wide", b"text/plain; charset=utf-16", "pin=4074".encode("utf-16-le"), "masked")
    yield Body("part", TEXT, b"75\nnothing more\n", "masked", b"Content-Range: bytes 9-24/25\r\n")
    yield Body("behind", TEXT, PAGE * (MOST_OF_ONE // len(PAGE) + 1) + b"pin=4076\n", "masked")
    yield Body("page", b"text/html", PAGE * 40, None)
    yield Body("noise", BINARY, random_bytes(5000), None)


def large() -> Iterator[Body]:
    yield Body("long", JSON, b'{"a": "%s", "pin": "4077"}' % (b"word " * (MOST_OF_TEXT // 5)), "unseen")
    yield Body("film", BINARY, random_bytes(MOST_OF_TEXT + 1), None)
    yield Body("misnamed", JSON, random_bytes(2 * MOST_OF_OTHER), "unseen")
    yield Body("archive", BINARY, random_bytes(300) + b"\nuser = kim\npassword = 4078\n" + bytes(10**6), "masked")


def said(bodies: Sequence[Body]) -> Iterator[tuple[Side, bytes]]:
    """Each sent up, if it is a small one, and brought down."""
    for body in bodies:
        if len(body.data) < MOST_OF_OTHER:
            yield from up(body)
        yield CLIENT, b"GET /down/%s HTTP/1.1\r\nHost: h\r\n\r\n" % body.name.encode()
        yield SERVER, answer(body.kind, body.data, body.fields)


def up(body: Body) -> Iterator[tuple[Side, bytes]]:
    head, end, _ = post(b"/up/" + body.name.encode(), body.kind, body.data).partition(b"\r\n\r\n")
    yield CLIENT, head + b"\r\n" + body.fields + end[2:] + body.data
    yield SERVER, answer(TEXT, b"ok")


def forms(sha256: str) -> Iterator[bytes]:
    """What somebody would search for."""
    digest = bytes.fromhex(sha256)
    yield from (sha256.encode(), sha256.upper().encode(), base64.b64encode(digest), base64.urlsafe_b64encode(digest))
    yield from (f"{sha256[:6]}…{sha256[-4:]}".encode(), sha256[:6].encode() + b"\\u2026" + sha256[-4:].encode())


def told(text: bytes, body: Body) -> bool:
    return any(form in text for form in forms(body.sha256))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """0 has all of them in the clear, 1 the small ones in TLS 1.3."""
    path = tmp_path_factory.mktemp("digests") / "t.pcapng"
    lines: list[str] = []
    sealed = crossing(list(said([*small()])), Random(0), ProtocolVersion.TLSv1_3, lines.append)
    with TraceWriter(path, "transom test") as writer:
        for line in lines:
            writer.secret(line.rstrip("\n"))
        for number, wire in enumerate([list(said([*small(), *large()])), sealed]):
            tap = writer.conversation()
            tap.opened(Endpoints(Endpoint("127.0.0.1", 50000 + number), Endpoint("127.0.0.1", 8443)), number)
            for side, data in wire:
                for at in range(0, len(data), 1448):
                    tap.data(side, data[at : at + 1448], number + 1)
            for side in (SERVER, CLIENT):
                tap.closed(side, number + 2)
    return path


@pytest.mark.parametrize("kind", ["masked", "without-keys"])
def test_no_digest_of_what_is_masked_is_in_a_page_in_any_form(both: Path, kind: Kind) -> None:
    text = everything(opened(both, kind))
    for body in (*small(), *large()):
        assert told(text, body) == (body.why is None), body.name


def test_with_secrets_every_digest_is_there(both: Path) -> None:
    text = everything(opened(both, "with-secrets"))
    assert [body.name for body in (*small(), *large()) if not told(text, body)] == []


def test_why_there_is_none_stands_wherever_there_would_be_one(both: Path) -> None:
    page = opened(both)
    why = {body.name: body.why for body in (*small(), *large())}
    for view, number in (("with-keys", 0), ("with-keys", 1), ("without-keys", 0)):
        base = f"conversations/{number}/{view}"
        files = [file for file in asked(page, f"{base}/files")["files"] if file["name"] in why]
        files = [file for file in files if file["length"] > len(b"ok")]
        assert len(files) == 2 * len([*small()]) + (len([*large()]) if number == 0 else 0)
        for file in files:
            assert file["withheld"] == why[file["name"]], file["name"]
            assert (file["sha256"] is None) == (why[file["name"]] is not None)
    leaks = asked(page, "conversations/0/without-keys/leaks")["exchanges"]
    down = {one["target"]: one["withheld"] for one in leaks if one["target"].startswith("/down/")}
    assert down == {f"/down/{name}": reason for name, reason in why.items()}


def test_the_row_of_a_conversation_says_no_digest_of_its_file_either(tmp_path: Path) -> None:
    (body, *_) = small()
    page = opened(write_trace(tmp_path / "t.pcapng", said([body])))
    (row,) = asked(page, "conversations/with-keys")["rows"]
    exchange = row["exchange"]
    assert (exchange["sha256"], exchange["withheld"]) == (None, "masked")
    assert exchange["same"] not in body.sha256


def test_conversations_of_which_only_the_row_is_kept_tell_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their bodies are not looked through. Who opens one has it looked through then."""
    monkeypatch.setattr("transom.web.model.passes.KEPT_AT_FIRST", 0)
    for body in small():
        trace = write_trace(tmp_path / f"{body.name}.pcapng", said([body]))
        page = opened(trace)
        (row,) = asked(page, "conversations/with-keys")["rows"]
        assert (row["exchange"]["sha256"], row["exchange"]["withheld"]) == (None, "unseen")
        page.context(0, "with-keys")  # begins to read it again
        page.reader.read_all()
        files = asked(page, "conversations/0/with-keys/files")["files"]
        found = {file["sha256"] for file in files if file["length"] == len(body.data)}
        assert found == {None if body.why else body.sha256}
        (row,) = asked(opened(trace, "with-secrets"), "conversations/with-keys")["rows"]
        assert row["exchange"]["sha256"] == body.sha256


def test_compare_knows_the_same_file_again_without_telling_its_digest(tmp_path: Path) -> None:
    (body, *_) = small()
    asks = [(CLIENT, b"GET /f.json HTTP/1.1\r\nHost: h\r\n\r\n"), (SERVER, answer(body.kind, body.data))]
    lines: list[str] = []
    sealed = crossing(asks, Random(0), ProtocolVersion.TLSv1_3, lines.append)
    path = tmp_path / "t.pcapng"
    with TraceWriter(path, "transom test") as writer:
        for line in lines:
            writer.secret(line.rstrip("\n"))
        for number, wire in enumerate([asks, sealed]):
            tap = writer.conversation()
            tap.opened(Endpoints(Endpoint("127.0.0.1", 50000 + number), Endpoint("127.0.0.1", 8443)), number)
            for side, data in wire:
                tap.data(side, data, number + 1)
            for side in (SERVER, CLIENT):
                tap.closed(side, number + 2)
    page = opened(path)
    assert not told(everything(page), body)
    found = asked(page, "conversations/0/with-keys/compare/1")
    assert found["columns"] == [0, 1]
    for lang, words in asked(page, "about")["words"].items():
        ends = [end["text"]["text"] for end in found["told"][lang]["figures"]["ends"]]
        assert ends[2] == f"f.json, {words['page.digest.masked']}"
        assert ends[3].endswith("✓")
    shown = asked(opened(path, "with-secrets"), "conversations/0/with-keys/compare/1")["told"]["en"]
    assert f"SHA-256 {body.sha256[:6]}" in json.dumps(shown)


def judge(data: bytes, step: int, judges: Judges | None = None, kind: str = "text/plain") -> Withheld | None:
    one = Judge(judges or Judges(), Headers([("Content-Type", kind)]))
    for at in range(0, len(data), step):
        one.write(memoryview(data)[at : at + step])
    return one.judge(hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("step", [1, 7, 5000, 2 * MOST_OF_TEXT])
def test_a_secret_is_found_in_whatever_pieces_the_body_comes(step: int) -> None:
    before = PAGE * 200
    found = judge(before + b"password=4071\n" + before, step)
    assert found is not None
    assert found.why == "masked"
    assert judge(before + before, step) is None


def test_what_is_as_long_as_is_looked_through_is_told_and_a_byte_more_is_not() -> None:
    text = (PAGE * (MOST_OF_TEXT // len(PAGE) + 1))[:MOST_OF_TEXT]
    for step in (4096, MOST_OF_TEXT + 1):
        assert judge(text, step) is None
        longer = judge(text + b".", step)
        assert longer is not None
        assert longer.why == "unseen"
        assert judge(random_bytes(MOST_OF_TEXT), step) is None


def test_what_stands_for_a_digest_is_that_of_another_only_if_it_is_the_same_body() -> None:
    one, again, other = (judge(data, 9) for data in (b"pin=4071\n", b"pin=4071\n", b"pin=4072\n"))
    assert one == again
    assert one is not None
    assert other is not None
    assert one.same != other.same


def test_beyond_its_room_a_pass_looks_through_nothing_and_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "MOST_IN_ALL", 3 * len(PAGE) * 100)
    judges = Judges()
    bodies = [PAGE * 100 + b"%d\n" % number for number in range(4)]
    found = [judge(body, 1000, judges) for body in bodies]
    assert [one and one.why for one in found] == [None, None, "unseen", "unseen"]
    assert judge(bodies[0], 1000, judges) is None  # what is known costs nothing


def test_bodies_that_do_not_end_hold_a_bounded_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_HELD", 10_000)
    judges = Judges()
    under_way = [Judge(judges, Headers()) for _ in range(5)]
    for one in under_way:
        one.write(PAGE * 50)
    assert sum(len(one._data) for one in under_way) <= 10_000
    first = under_way[0].judge("00")
    assert first is not None
    assert first.why == "unseen"
    last = under_way[-1]
    assert last.judge("01") is None


def test_by_chance_no_random_bytes_lose_their_digest() -> None:
    bodies = [random_bytes(MOST_OF_OTHER, seed) for seed in range(60)]
    assert any(Masking().body(body, Headers()) != body for body in bodies)  # stars by chance there are
    assert not any(has_secret(body, Headers()) for body in bodies)


def test_what_has_control_characters_throughout_is_no_text() -> None:
    assert is_text("비밀번호는 없습니다.\r\n\t\x1b[1m".encode() * 100)
    assert is_text("café ".encode("latin-1") * 100)
    assert not is_text(random_bytes(200))
    assert not is_text(bytes(200))
