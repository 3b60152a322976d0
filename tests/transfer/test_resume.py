"""A download that was interrupted goes on with the same file, or is the new file whole: never a part of each."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.transfer.background import served
from tests.transfer.changing_server import DATE, OLD_DATE, Changing, changing
from tests.transfer.conftest import pattern
from transom.errors import TransferError
from transom.files.sink import open_sink
from transom.http.messages import Headers
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest
from transom.transfer.result import TransferResult
from transom.transfer.resume import GoesOn, Kept, Notice, NotKept, Reason, StartsOver

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=5, linger=0.1))
OLD, NEW = b"old " * 25_000, b"new!" * 25_000
HALF = 50_000
SIDECAR, PARTIAL = ".f.bin.transom-from", ".f.bin.transom-part"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def server() -> Generator[Changing]:
    with changing(OLD) as running:
        yield running


def fetch(server: Changing, *notices: Notice, **options: Any) -> TransferResult:
    """Download, and be told just these things."""
    told: list[Notice] = []
    result = run_get(GetRequest(server.url(), **options), QUICK, notice=told.append)
    assert told == list(notices)
    return result


def interrupt(server: Changing, *notices: Notice, **options: Any) -> TransferError:
    """Download a half of it."""
    server.cut = HALF
    told: list[Notice] = []
    with pytest.raises(TransferError) as caught:
        run_get(GetRequest(server.url(), **options), QUICK, notice=told.append)
    assert told == list(notices)
    assert caught.value.exit_code == 18
    server.cut = None
    assert not Path("f.bin").exists()
    return caught.value


KEPT, GOES_ON = Kept(HALF, len(OLD)), GoesOn(HALF, len(OLD))


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def test_it_goes_on_where_it_stopped_on_the_condition_that_the_file_is_the_same(server: Changing) -> None:
    interrupt(server, KEPT)
    assert files() == [SIDECAR, PARTIAL]
    result = fetch(server, GOES_ON)
    assert Path("f.bin").read_bytes() == OLD
    assert files() == ["f.bin"]
    assert (result.bytes, result.resumed_from) == (len(OLD), HALF)
    assert server.asked_for("Range") == [None, f"bytes={HALF}-"]
    assert server.asked_for("If-Range") == [None, '"one"']


def test_the_sidecar_says_what_the_part_is_of_and_is_for_its_owner_alone(server: Changing) -> None:
    server.fields["Last-Modified"], server.cut = OLD_DATE, HALF
    with pytest.raises(TransferError):
        run_get(GetRequest(server.url("/f.bin?secret=1#part")), QUICK)
    assert json.loads(Path(SIDECAR).read_text()) == {
        "url": server.url("/f.bin?secret=1"),
        "etag": '"one"',
        "last_modified": OLD_DATE,
        "length": len(OLD),
        "durable": HALF,
        "weak_etag": None,
        "coding": None,
        "at": None,
    }
    assert stat.S_IMODE(Path(SIDECAR).stat().st_mode) == 0o600


def test_a_file_that_was_replaced_by_one_of_the_same_length_is_fetched_anew(server: Changing) -> None:
    interrupt(server, KEPT)
    server.content, server.fields["ETag"] = NEW, '"two"'
    result = fetch(server, StartsOver("changed"))
    assert Path("f.bin").read_bytes() == NEW
    assert (result.resumed_from, len(server.asked)) == (None, 2)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda server: server.part(HALF, ETag='"two"'), "changed"),
        (lambda server: server.part(HALF, ETag='W/"one"'), "changed"),
        (lambda server: server.part(HALF, ETag=""), "unproven"),
        (lambda server: server.part(HALF, Content_Range=""), "unproven"),
        (lambda server: server.part(HALF, Content_Range="bytes 0-5"), "unproven"),
        (lambda server: server.part(HALF, Content_Range=f"bytes {HALF}-{len(OLD) - 1}/*"), "unproven"),
        (lambda server: server.part(HALF, Content_Range=f"bytes {HALF + 1}-{len(OLD)}/{len(OLD) + 1}"), "unproven"),
        (lambda server: server.part(HALF, size=len(OLD) + 1), "unproven"),
        (lambda server: server.part(HALF, end=HALF + 10), "unproven"),
        (lambda server: server.part(HALF - 1), "unproven"),
        (lambda server: server.part(HALF + 1), "unproven"),
        (lambda server: server.part(0), "unproven"),
        (lambda server: server.part(HALF, Content_Length=str(HALF - 1)), "unproven"),
        (lambda server: server.part(HALF, Content_Type="multipart/byteranges; boundary=x"), "unproven"),
        (lambda server: server.part(HALF, Content_Encoding="gzip"), "unproven"),
        (lambda server: server.refusal("412 Precondition Failed"), "changed"),
        (lambda server: server.refusal("416 Range Not Satisfiable"), "unproven"),
        (lambda server: server.refusal("416 Range Not Satisfiable", Content_Range="bytes */7"), "changed"),
        (lambda server: server.refusal("416 Range Not Satisfiable", Content_Range=f"bytes */{HALF}"), "changed"),
    ],
)
def test_an_answer_that_does_not_prove_to_be_the_rest_is_never_appended(
    server: Changing, answer: Any, reason: Any
) -> None:
    interrupt(server, KEPT)
    server.content = NEW
    server.answer = lambda request: answer(server) if b"\r\nRange:" in request else server.whole()
    fetch(server, StartsOver(reason))
    assert Path("f.bin").read_bytes() == NEW
    assert files() == ["f.bin"]
    assert server.asked_for("Range")[-2:] == [f"bytes={HALF}-", None]


def test_a_longer_file_of_the_same_tag_is_not_gone_on_with(server: Changing) -> None:
    interrupt(server, KEPT)
    server.content = NEW + b"more"
    fetch(server, StartsOver("changed"))
    assert Path("f.bin").read_bytes() == NEW + b"more"


def test_a_server_that_ignores_range_is_taken_at_its_word(server: Changing) -> None:
    interrupt(server, KEPT)
    server.ranges = False
    fetch(server, StartsOver("no_ranges"))
    assert Path("f.bin").read_bytes() == OLD
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ETag": 'W/"one"'},
        {"ETag": "one"},
        {"Last-Modified": OLD_DATE},
        {"Last-Modified": DATE, "Date": DATE},
        {"Last-Modified": "yesterday", "Date": DATE},
    ],
)
def test_what_has_no_strong_validator_is_not_kept_and_starts_over(server: Changing, fields: dict[str, str]) -> None:
    server.fields = fields
    interrupt(server, NotKept())
    assert files() == []
    server.content = NEW
    assert fetch(server).resumed_from is None
    assert server.asked_for("Range") == [None, None]
    assert Path("f.bin").read_bytes() == NEW


def test_a_date_that_is_long_past_is_a_strong_validator(server: Changing) -> None:
    server.fields = {"Last-Modified": OLD_DATE, "Date": DATE}
    interrupt(server, KEPT)
    fetch(server, GOES_ON)
    assert server.asked_for("If-Range") == [None, OLD_DATE]
    assert Path("f.bin").read_bytes() == OLD
    Path("f.bin").unlink()

    interrupt(server, KEPT)
    server.content = NEW
    server.answer = lambda request: (
        server.part(HALF, Last_Modified=DATE) if b"\r\nRange:" in request else server.whole()
    )
    fetch(server, StartsOver("changed"))
    assert Path("f.bin").read_bytes() == NEW


WHEN = 0x6B002840
YOUNG = "Fri, 20 Nov 2026 11:00:16 GMT", "Fri, 20 Nov 2026 11:01:15 GMT"


@pytest.mark.parametrize(
    "etag",
    [f"{WHEN:x}-{len(OLD):x}", f"{len(OLD):x}-{WHEN * 10**6:x}", f"{len(OLD)}-{WHEN}", "tosrwg255s"],
    ids=["nginx", "Apache", "decimal", "Caddy"],
)
def test_a_tag_that_is_the_date_and_the_length_is_as_strong_as_the_date(server: Changing, etag: str) -> None:
    server.fields = {"ETag": f'"{etag}"', "Last-Modified": YOUNG[0], "Date": YOUNG[1]}
    interrupt(server, NotKept())
    assert files() == []
    server.fields["Date"] = "Fri, 20 Nov 2026 11:01:16 GMT"
    interrupt(server, KEPT)
    fetch(server, GOES_ON)


def test_a_tag_that_says_more_than_a_young_date_is_enough(server: Changing) -> None:
    server.fields = {"ETag": f'"{WHEN:x}-{len(OLD):x}-1"', "Last-Modified": YOUNG[0], "Date": YOUNG[1]}
    interrupt(server, KEPT)
    fetch(server, GOES_ON)


def with_weak_tag(server: Changing) -> None:
    server.fields = {"Last-Modified": OLD_DATE, "Date": DATE, "ETag": 'W/"one"'}


def test_of_a_weak_tag_and_a_date_the_date_is_the_condition(server: Changing) -> None:
    with_weak_tag(server)
    interrupt(server, KEPT)
    fetch(server, GOES_ON)
    assert server.asked_for("If-Range") == [None, OLD_DATE]
    assert Path("f.bin").read_bytes() == OLD


@pytest.mark.parametrize(("told", "reason"), [('W/"two"', "changed"), ('"one"', "changed"), ("", "unproven")])
def test_another_weak_tag_tells_another_file_though_its_date_is_the_same(
    server: Changing, told: str, reason: Reason
) -> None:
    with_weak_tag(server)
    interrupt(server, KEPT)
    server.content = NEW
    server.answer = lambda request: server.part(HALF, ETag=told) if b"\r\nRange:" in request else server.whole()
    fetch(server, StartsOver(reason))
    assert Path("f.bin").read_bytes() == NEW


def test_a_part_that_is_all_there_asks_for_its_last_byte_to_know_whose_it_is(server: Changing) -> None:
    def killed_before_the_rename(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("transom.files.sink.WholeFile.finish", killed_before_the_rename)
        with pytest.raises(KeyboardInterrupt):
            run_get(GetRequest(server.url()), QUICK)
    assert files() == [SIDECAR, PARTIAL]
    fetch(server, GoesOn(len(OLD) - 1, len(OLD)))
    assert server.asked_for("Range") == [None, f"bytes={len(OLD) - 1}-"]
    assert Path("f.bin").read_bytes() == OLD


def test_a_416_at_the_length_of_the_same_file_means_that_it_is_done(server: Changing) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nETag: "one"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n'
    server.answer = lambda request: chunked
    with pytest.raises(TransferError) as caught:
        run_get(GetRequest(server.url()), QUICK)
    assert caught.value.exit_code == 18
    server.answer = lambda request: server.refusal("416 Range Not Satisfiable", Content_Range="bytes */5")
    result = fetch(server)
    assert (result.bytes, result.resumed_from) == (5, 5)
    assert Path("f.bin").read_bytes() == b"whole"


@pytest.mark.parametrize(("etag", "reason"), [("", "unproven"), ('"two"', "changed")])
def test_a_416_that_does_not_say_whose_it_is_ends_nothing(server: Changing, etag: str, reason: Reason) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nETag: "one"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n'
    server.answer = lambda request: chunked
    with pytest.raises(TransferError):
        run_get(GetRequest(server.url()), QUICK)
    refusal = server.refusal("416 Range Not Satisfiable", Content_Range="bytes */5", ETag=etag)
    server.answer = lambda request: refusal if b"\r\nRange:" in request else server.whole()
    fetch(server, StartsOver(reason))
    assert Path("f.bin").read_bytes() == OLD


@pytest.mark.parametrize("answer", ["206 Partial Content", "416 Range Not Satisfiable"])
def test_what_was_compressed_on_its_way_is_not_gone_on_with_by_what_is_not(server: Changing, answer: str) -> None:
    """Apache (DeflateAlterETag NoChange) and Starlette's GZipMiddleware leave the tag as it was, and know no length."""
    server.answer = lambda request: (
        b'HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n'
        b"5\r\n\x1f\x8b\x08..\r\n"
    )
    with pytest.raises(TransferError) as caught:
        run_get(GetRequest(server.url()), QUICK)
    assert caught.value.exit_code == 18
    assert files() == [SIDECAR, PARTIAL]
    size = 5 if answer.startswith("416") else len(OLD)
    plain = server.part(5) if answer.startswith("206") else server.refusal(answer, Content_Range=f"bytes */{size}")
    server.answer = lambda request: plain if b"\r\nRange:" in request else server.whole()
    fetch(server, StartsOver("unproven"))
    assert Path("f.bin").read_bytes() == OLD


@pytest.mark.parametrize(("first", "named"), [("gzip", " GZIP "), ("identity", "")])
def test_what_is_compressed_as_it_was_is_gone_on_with(server: Changing, first: str, named: str) -> None:
    server.fields["Content-Encoding"] = first
    interrupt(server, KEPT)
    server.fields["Content-Encoding"] = named
    fetch(server, GOES_ON)
    assert Path("f.bin").read_bytes() == OLD


DATED = {"ETag": '"one"', "Last-Modified": OLD_DATE, "Date": DATE}


@pytest.mark.parametrize(
    ("fields", "then", "told"),
    [
        ({"ETag": '"one"', "Date": DATE}, "/a", [GOES_ON]),
        ({"ETag": '"one"', "Date": DATE}, "/b", [StartsOver("unproven")]),
        ({"ETag": '"one"', "Date": DATE}, "/a?signed=again", [StartsOver("unproven")]),
        ({"Last-Modified": OLD_DATE, "Date": DATE}, "/b", [StartsOver("unproven")]),
        (DATED, "/b", [GOES_ON]),
        (DATED, "/a?signed=again", [GOES_ON]),
    ],
)
def test_where_redirects_lead_elsewhere_now_the_tag_alone_does_not_tell_the_file(
    server: Changing, fields: dict[str, str], then: str, told: list[Notice]
) -> None:
    """`latest` was a build and is the next one: each has its own first state, and the same length."""
    server.fields, led_to, contents = fields, "/a", {"/a": OLD}

    def answer(request: bytes) -> bytes:
        path = request.split()[1].decode()
        if path == "/f.bin":
            return f"HTTP/1.1 302 Found\r\nLocation: {led_to}\r\nContent-Length: 0\r\n\r\n".encode()
        server.content = contents.get(path, NEW)
        return server.usual(request)

    server.answer = answer
    interrupt(server, KEPT, follow=True)
    led_to = then
    if told == [GOES_ON]:
        contents[then] = OLD
    fetch(server, *told, follow=True)
    assert Path("f.bin").read_bytes() == contents.get(then, NEW)


def test_where_redirects_lead_elsewhere_now_another_date_tells_another_file(server: Changing) -> None:
    server.fields, led_to = dict(DATED), "/a"
    server.answer = lambda request: (
        server.usual(request)
        if b" /f.bin " not in request
        else f"HTTP/1.1 302 Found\r\nLocation: {led_to}\r\nContent-Length: 0\r\n\r\n".encode()
    )
    interrupt(server, KEPT, follow=True)
    led_to, server.content = "/b", NEW
    server.fields["Last-Modified"] = "Fri, 20 Nov 2026 12:00:00 GMT"
    fetch(server, StartsOver("unproven"), follow=True)
    assert Path("f.bin").read_bytes() == NEW


def test_a_file_that_is_found_without_a_redirect_now_is_not_gone_on_with_by_its_tag(server: Changing) -> None:
    server.answer = lambda request: (
        b"HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n"
        if b" /f.bin " in request
        else server.usual(request)
    )
    interrupt(server, KEPT, follow=True)
    server.answer, server.content = None, NEW
    fetch(server, StartsOver("unproven"), follow=True)
    assert Path("f.bin").read_bytes() == NEW


@pytest.mark.parametrize(("body", "code"), [(OLD[HALF:-1], 18), (OLD[HALF:] + b"x", 8)])
def test_a_chunked_rest_must_have_the_length_that_it_announced(server: Changing, body: bytes, code: int) -> None:
    head = f'HTTP/1.1 206 P\r\nETag: "one"\r\nContent-Range: bytes {HALF}-{len(OLD) - 1}/{len(OLD)}\r\n'
    chunks = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    interrupt(server, KEPT)
    server.answer = lambda request: head.encode() + chunks
    with pytest.raises(TransferError) as caught:
        run_get(GetRequest(server.url()), QUICK)
    assert caught.value.exit_code == code
    assert files() == [SIDECAR, PARTIAL]
    server.answer = None
    run_get(GetRequest(server.url()), QUICK)
    assert Path("f.bin").read_bytes() == OLD


def test_an_error_page_neither_ends_the_file_nor_loses_the_part(server: Changing) -> None:
    interrupt(server, KEPT)
    server.answer = lambda request: server.refusal("503 Service Unavailable")
    with pytest.raises(TransferError, match="503") as caught:
        fetch(server)
    assert caught.value.exit_code == 22
    server.answer = None
    fetch(server, GOES_ON)
    assert Path("f.bin").read_bytes() == OLD


def test_another_url_does_not_go_on_with_this_ones_part(server: Changing) -> None:
    interrupt(server, KEPT)
    server.content = NEW
    run_get(GetRequest(server.url("/sub/f.bin")), QUICK)
    assert Path("f.bin").read_bytes() == NEW
    assert server.asked_for("Range") == [None, None]


def test_no_resume_forgets_the_part(server: Changing) -> None:
    interrupt(server, KEPT)
    fetch(server, resume=False)
    assert server.asked_for("Range") == [None, None]
    assert files() == ["f.bin"]


def test_a_range_of_the_callers_own_is_not_gone_on_with(server: Changing) -> None:
    interrupt(server, KEPT)
    with pytest.raises(TransferError, match="206"):
        fetch(server, headers=Headers([("Range", "bytes=1-2")]))
    assert server.asked_for("Range") == [None, "bytes=1-2"]


@pytest.mark.parametrize(
    "sidecar",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[]",
        b"null",
        b'{"url": 1}',
        b'{"url": "URL", "etag": null, "last_modified": null, "length": 100000, "durable": 50000}',
        b'{"url": "URL", "etag": "\\"one\\"", "last_modified": null, "length": 100000, "durable": 50001}',
        b'{"url": "URL", "etag": "\\"one\\"", "last_modified": null, "length": 100000, "durable": -1}',
        b'{"url": "URL", "etag": "\\"one\\"", "last_modified": null, "length": 4, "durable": 50000}',
        b'{"url": "URL", "etag": "\\"one\\"", "last_modified": null, "length": 100000, "durable": "1"}',
        b'{"url": "URL", "etag": "\\"o\\r\\nCookie: x\\"", "last_modified": null, "length": 100000, "durable": 50000}',
        b'{"url": "URL", "etag": null, "last_modified": "\\u2603", "length": 100000, "durable": 50000}',
        b"\xff" * 100,
        b" " * 100_000 + b"{}",
    ],
)
def test_a_sidecar_that_does_not_hold_counts_for_nothing(server: Changing, sidecar: bytes) -> None:
    interrupt(server, KEPT)
    Path(SIDECAR).write_bytes(sidecar.replace(b"URL", server.url().encode()))
    server.content = NEW
    fetch(server)
    assert server.asked_for("Range") == [None, None]
    assert Path("f.bin").read_bytes() == NEW
    assert files() == ["f.bin"]


def test_a_sidecar_that_is_a_link_or_a_pipe_is_not_read(server: Changing, tmp_path: Path) -> None:
    interrupt(server, KEPT)
    Path(SIDECAR).rename(tmp_path / "elsewhere")
    Path(SIDECAR).symlink_to(tmp_path / "elsewhere")
    fetch(server)
    assert server.asked_for("Range") == [None, None]
    assert (tmp_path / "elsewhere").exists()


def test_a_part_that_lost_bytes_since_is_not_gone_on_with(server: Changing) -> None:
    interrupt(server, KEPT)
    with Path(PARTIAL).open("r+b") as partial:
        partial.truncate(HALF - 1)
    fetch(server)
    assert server.asked_for("Range") == [None, None]
    assert Path("f.bin").read_bytes() == OLD


def test_bytes_behind_those_that_are_durable_are_fetched_again(server: Changing) -> None:
    interrupt(server, KEPT)
    with Path(PARTIAL).open("ab") as partial:
        partial.write(b"torn" * HALF)
    fetch(server, GOES_ON)
    assert Path("f.bin").read_bytes() == OLD


def test_a_file_made_anew_is_never_told_by_the_sidecar_of_the_one_before(server: Changing) -> None:
    interrupt(server, KEPT)
    server.content, server.fields, server.cut = NEW, {}, HALF
    with pytest.raises(TransferError):
        fetch(server, StartsOver("changed"), NotKept())
    assert files() == []


def test_it_goes_on_time_after_time(server: Changing) -> None:
    for cut in range(10_000, len(OLD), 10_000):
        server.answer = lambda request: server.usual(request)
        server.cut = 10_000
        with pytest.raises(TransferError):
            run_get(GetRequest(server.url()), QUICK)
        assert Path(PARTIAL).stat().st_size == cut
    server.cut = None
    assert run_get(GetRequest(server.url()), QUICK).resumed_from == len(OLD) - 10_000
    assert Path("f.bin").read_bytes() == OLD


def test_a_download_from_our_own_server_goes_on_and_notices_a_change(root: Path) -> None:
    old, new = pattern(300_000), pattern(600_000)[300_000:]
    (root / "g.bin").write_bytes(old)
    with served(root) as server:
        request = GetRequest(server.url("/g.bin"))
        cut_after(request, 100_000)
        assert run_get(request, QUICK).resumed_from
        assert Path("g.bin").read_bytes() == old

        Path("g.bin").unlink()
        cut_after(request, 100_000)
        (root / "g.bin").write_bytes(new)
        assert run_get(request, QUICK).resumed_from is None
        assert Path("g.bin").read_bytes() == new


def test_our_own_server_tells_a_file_that_was_written_over_with_its_date_kept(root: Path) -> None:
    """As `cp -p`, `rsync --inplace` and `tar --overwrite` do with two builds of one date."""
    old, new = pattern(300_000), pattern(600_000)[300_000:]
    (root / "g.bin").write_bytes(old)
    before = (root / "g.bin").stat()
    with served(root) as server:
        request = GetRequest(server.url("/g.bin"))
        cut_after(request, 100_000)
        while (root / "g.bin").stat().st_ctime_ns == before.st_ctime_ns:
            (root / "g.bin").write_bytes(new)
            os.utime(root / "g.bin", ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (root / "g.bin").stat().st_mtime_ns == before.st_mtime_ns
        assert run_get(request, QUICK).resumed_from is None
        assert Path("g.bin").read_bytes() == new


def cut_after(request: GetRequest, count: int) -> None:
    """Give up once so many bytes came."""

    def stop(done: int, total: int | None) -> None:
        if done >= count:
            raise TransferError("enough")

    with pytest.raises(TransferError, match="enough"):
        run_get(request, QUICK, progress=stop)


@pytest.fixture
def full_disk() -> Generator[Callable[[int | None], None]]:
    """Lets no file grow beyond so many bytes; the same to a writer as a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size: int | None) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before[0] if size is None else size, before[1]))

    yield limit
    limit(None)


def test_a_full_disk_keeps_what_fitted_and_goes_on_when_there_is_room(
    server: Changing, full_disk: Callable[[int | None], None]
) -> None:
    full_disk(HALF)
    with pytest.raises(TransferError, match=r"f\.bin cannot be written") as caught:
        run_get(GetRequest(server.url()), QUICK)
    assert caught.value.exit_code == 23
    assert not Path("f.bin").exists()
    full_disk(None)
    run_get(GetRequest(server.url()), QUICK)
    assert Path("f.bin").read_bytes() == OLD


def test_of_a_disk_that_is_full_to_the_last_byte_a_little_is_given_up_to_say_what_is_there(
    server: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_write = os.write

    def write(fd: int, data: bytes) -> int:
        free = HALF + HALF // 2 - sum(path.stat().st_size for path in Path().iterdir())
        if free <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return true_write(fd, data[:free])

    told: list[Notice] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        with pytest.raises(TransferError, match="No space left") as caught:
            run_get(GetRequest(server.url()), QUICK, notice=told.append)
    assert caught.value.exit_code == 23
    assert files() == [SIDECAR, PARTIAL]
    (kept,) = told
    assert isinstance(kept, Kept)
    assert 0 < kept.count == json.loads(Path(SIDECAR).read_text())["durable"]
    assert fetch(server, GoesOn(kept.count, len(OLD))).resumed_from == kept.count
    assert Path("f.bin").read_bytes() == OLD


def test_where_nothing_can_be_said_of_a_part_it_is_not_said_to_be_kept(
    server: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("transom.files.partial.write_sidecar", refuse)
        interrupt(server, NotKept())
    assert files() == []


def test_of_two_downloads_to_one_name_at_once_one_is_refused_and_neither_harmed(server: Changing) -> None:
    refusals: list[TransferError] = []

    def second(done: int, total: int | None) -> None:
        """While the first is under way."""
        if not refusals:
            with pytest.raises(TransferError, match="being written by another transfer") as caught:
                open_sink("f.bin", resume=True)
            refusals.append(caught.value)

    run_get(GetRequest(server.url()), QUICK, progress=second)
    assert [error.exit_code for error in refusals] == [23]
    assert Path("f.bin").read_bytes() == OLD
    assert files() == ["f.bin"]
