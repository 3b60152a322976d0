"""The file is what a checksum or a digest says, or it is not there (RFC 9530)."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.real.programs import curl
from tests.transfer.background import Served, say, served
from tests.transfer.changing_server import Changing, changing
from transom.errors import TransferError
from transom.files import hashes
from transom.files.digest import EXIT_DIGEST_DIFFERS, Digest
from transom.files.opened import OpenFile
from transom.files.source import share
from transom.http.messages import Headers, Request
from transom.net.session import Timeouts
from transom.transfer import repr_digest
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.part import parse_part
from transom.transfer.repr_digest import ReprDigests
from transom.transfer.request import GetRequest
from transom.transfer.result import TransferResult
from transom.transfer.site import Site
from transom.transfer.verify import Verification

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=5, linger=0.1))
CONTENT = b"what it is" * 10_000
HALF = len(CONTENT) // 2
WRONG = bytes(32)


def sha256(data: bytes) -> Digest:
    return Digest("sha-256", hashlib.sha256(data).digest())


def sha512(data: bytes) -> Digest:
    return Digest("sha-512", hashlib.sha512(data).digest())


def field(digest: Digest) -> str:
    return f"{digest.algorithm}=:{base64.b64encode(digest.value).decode()}:"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def server() -> Generator[Changing]:
    with changing(CONTENT) as running:
        yield running


def fetch(server: Changing, **options: Any) -> TransferResult:
    return run_get(GetRequest(server.url(), **options), QUICK)


def interrupt(server: Changing, **options: Any) -> None:
    server.cut = HALF
    with pytest.raises(TransferError) as caught:
        fetch(server, **options)
    assert caught.value.exit_code == 18
    server.cut = None


def differs(server: Changing, **options: Any) -> str:
    """The refusal of a download that leaves nothing at all behind."""
    with pytest.raises(TransferError) as caught:
        fetch(server, **options)
    assert caught.value.exit_code == EXIT_DIGEST_DIFFERS
    assert list(Path().iterdir()) == []
    return str(caught.value)


@pytest.mark.parametrize("digest", [sha256, sha512])
def test_a_file_with_the_checksum_is_verified(server: Changing, digest: Callable[[bytes], Digest]) -> None:
    result = fetch(server, checksum=digest(CONTENT))
    assert result.verified == "checksum"
    assert result.sha256 == (sha256(CONTENT).value.hex() if digest is sha256 else None)
    assert Path("f.bin").read_bytes() == CONTENT


def test_a_file_with_another_checksum_is_not_there(server: Changing) -> None:
    what = differs(server, checksum=sha256(b"another"))
    assert sha256(CONTENT).value.hex() in what
    assert sha256(b"another").value.hex() in what


def test_two_hashes_are_made_when_two_are_asked_for(server: Changing) -> None:
    result = fetch(server, checksum=sha512(CONTENT), sha256=True)
    assert (result.verified, result.sha256) == ("checksum", sha256(CONTENT).value.hex())


def test_a_part_is_hashed_again_before_it_is_gone_on_with(server: Changing) -> None:
    interrupt(server)
    result = fetch(server, checksum=sha256(CONTENT))
    assert (result.verified, result.resumed_from) == ("checksum", HALF)


def test_a_part_that_was_changed_on_the_disk_is_found_out_by_the_checksum(server: Changing) -> None:
    interrupt(server)
    with Path(".f.bin.transom-part").open("r+b") as partial:
        partial.write(b"W")
    differs(server, checksum=sha256(CONTENT))
    assert fetch(server, checksum=sha256(CONTENT)).resumed_from is None


def test_a_hash_begins_anew_when_the_download_does(server: Changing) -> None:
    interrupt(server)
    server.content, server.fields["ETag"] = b"another", '"two"'
    assert fetch(server, checksum=sha256(b"another"), sha256=True).sha256 == sha256(b"another").value.hex()


@pytest.mark.parametrize("name", ["Repr-Digest", "Content-Digest"])
def test_a_digest_is_checked_though_nobody_asked_for_it(server: Changing, name: str) -> None:
    server.fields[name] = field(sha256(CONTENT))
    fetch(server)
    Path("f.bin").unlink()
    server.fields[name] = field(sha256(b"another"))
    assert f"the server's {name} says" in differs(server)


@pytest.mark.parametrize("name", ["Repr-Digest", "Content-Digest"])
@pytest.mark.parametrize("right", [sha256, sha512])
def test_of_several_digests_each_has_to_hold(server: Changing, name: str, right: Callable[[bytes], Digest]) -> None:
    server.fields[name] = f"{field(sha256(CONTENT))}, {field(sha512(CONTENT))}"
    fetch(server)
    Path("f.bin").unlink()
    wrong = sha512 if right is sha256 else sha256
    for both in (
        f"{field(right(CONTENT))}, {field(wrong(b'another'))}",
        f"{field(wrong(b''))}, {field(right(CONTENT))}",
    ):
        server.fields[name] = both
        assert f"its {wrong(b'').algorithm} is" in differs(server)


def test_digests_in_head_and_trailer_each_have_to_hold(server: Changing) -> None:
    def answer(name: str, head: Digest, trailer: Digest) -> None:
        announced = f"Trailer: {name}\r\n{name}: {field(head)}\r\n".encode()
        server.answer = lambda _: in_chunks("200 OK", CONTENT, f"{name}: {field(trailer)}\r\n".encode(), announced)

    for name in ("Repr-Digest", "Content-Digest"):
        answer(name, sha512(CONTENT), sha256(CONTENT))
        fetch(server)
        Path("f.bin").unlink()
        answer(name, sha512(CONTENT), sha256(b"another"))
        assert "its sha-256 is" in differs(server)
        answer(name, sha512(b"another"), sha256(CONTENT))
        assert "its sha-512 is" in differs(server)


def test_several_digests_of_what_goes_to_a_pipe_each_have_to_hold(server: Changing) -> None:
    server.fields["Repr-Digest"] = f"{field(sha256(CONTENT))}, {field(sha512(CONTENT))}"
    assert fetch(server, output="/dev/null").verified == "digest"
    server.fields["Repr-Digest"] = f"{field(sha256(CONTENT))}, {field(sha512(b''))}"
    with pytest.raises(TransferError) as caught:
        fetch(server, output="/dev/null")
    assert caught.value.exit_code == EXIT_DIGEST_DIFFERS


def test_a_digest_of_the_whole_file_vouches_for_it(server: Changing) -> None:
    server.fields["Repr-Digest"] = field(sha512(CONTENT))
    result = fetch(server)
    assert (result.verified, result.sha256) == ("digest", None)
    Path("f.bin").unlink()
    assert fetch(server, checksum=sha256(CONTENT)).verified == "checksum"


def test_both_the_checksum_and_the_digest_must_hold(server: Changing) -> None:
    server.fields["Repr-Digest"] = field(sha256(b"another"))
    assert "Repr-Digest" in differs(server, checksum=sha256(CONTENT))


def test_a_digest_with_the_rest_is_of_the_whole_file(server: Changing) -> None:
    interrupt(server)
    server.fields["Repr-Digest"] = field(sha256(CONTENT))
    result = fetch(server)
    assert (result.verified, result.resumed_from) == ("digest", HALF)
    Path("f.bin").unlink()

    del server.fields["Repr-Digest"]
    interrupt(server)
    server.fields["Repr-Digest"] = field(sha256(CONTENT[HALF:]))
    differs(server)


def test_a_content_digest_with_the_rest_is_of_that_rest_alone(server: Changing) -> None:
    interrupt(server)
    server.fields["Content-Digest"] = field(sha256(CONTENT[HALF:]))
    result = fetch(server)
    assert (result.verified, result.resumed_from) == (None, HALF)
    Path("f.bin").unlink()

    del server.fields["Content-Digest"]
    interrupt(server)
    server.fields["Content-Digest"] = field(sha256(CONTENT))
    assert "Content-Digest" in differs(server)


@pytest.mark.parametrize("value", ["md5=:AAAA:", "sha-256=AAAA", "sha-256=:AA", "nonsense;;", "", "sha-256=:!:"])
def test_a_digest_that_cannot_be_read_is_as_good_as_none(server: Changing, value: str) -> None:
    server.fields["Repr-Digest"] = value
    assert fetch(server).verified is None


def test_what_goes_to_a_pipe_is_checked_as_well(server: Changing) -> None:
    server.fields["Repr-Digest"] = field(sha256(CONTENT))
    assert fetch(server, output="/dev/null").verified == "digest"
    assert fetch(server, output="/dev/null", checksum=sha512(CONTENT)).verified == "checksum"
    with pytest.raises(TransferError) as caught:
        fetch(server, output="/dev/null", checksum=sha512(b""))
    assert caught.value.exit_code == EXIT_DIGEST_DIFFERS


def in_chunks(status: str, body: bytes, trailer: bytes, head: bytes = b"") -> bytes:
    head = f'HTTP/1.1 {status}\r\nETag: "one"\r\nTransfer-Encoding: chunked\r\n'.encode() + head
    return head + b"\r\n%x\r\n%b\r\n0\r\n%b\r\n" % (len(body), body, trailer)


@pytest.mark.parametrize("announced", [b"", b"Trailer: Repr-Digest, Content-Digest\r\n"])
@pytest.mark.parametrize("algorithm", [sha256, sha512])
def test_a_digest_in_the_trailer_is_checked(
    server: Changing, algorithm: Callable[[bytes], Digest], announced: bytes
) -> None:
    """RFC 9530 §3: who hashes what it makes as it sends it knows the digest at the end."""

    def answer(digest: Digest) -> None:
        trailer = f"Repr-Digest: {field(digest)}\r\n".encode()
        server.answer = lambda _: in_chunks("200 OK", CONTENT, trailer, announced)

    answer(algorithm(CONTENT))
    assert fetch(server).verified == "digest"
    Path("f.bin").unlink()
    answer(algorithm(b"another"))
    assert "the server's Repr-Digest says" in differs(server)


def test_a_content_digest_in_the_trailer_of_the_rest_is_checked_if_it_was_announced(server: Changing) -> None:
    def answer(digest: Digest, *announced: bytes) -> None:
        span = f"Content-Range: bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}\r\n".encode()
        trailer = f"Content-Digest: {field(digest)}\r\n".encode()
        server.answer = lambda _: in_chunks("206 Part", CONTENT[HALF:], trailer, b"".join([span, *announced]))

    for digest, announced in (
        (sha256(CONTENT[HALF:]), [b"Trailer: content-digest\r\n"]),
        (sha256(CONTENT), []),
        (sha512(CONTENT), [b"Trailer: content-digest\r\n"]),
    ):
        interrupt(server)
        answer(digest, *announced)
        assert fetch(server).resumed_from == HALF
        Path("f.bin").unlink()
        server.answer = None
    interrupt(server)
    answer(sha256(CONTENT), b"Trailer: content-digest\r\n")
    assert "the server's Content-Digest says" in differs(server)


def test_a_digest_in_the_trailer_of_what_goes_to_a_pipe_is_checked_if_it_was_announced(server: Changing) -> None:
    trailer = f"Repr-Digest: {field(sha256(b'another'))}\r\n".encode()
    server.answer = lambda _: in_chunks("200 OK", CONTENT, trailer)
    assert fetch(server, output="/dev/null").verified is None
    server.answer = lambda _: in_chunks("200 OK", CONTENT, trailer, b"Trailer: Repr-Digest\r\n")
    with pytest.raises(TransferError) as caught:
        fetch(server, output="/dev/null")
    assert caught.value.exit_code == EXIT_DIGEST_DIFFERS


def test_a_digest_of_the_whole_in_the_trailer_of_a_part_says_nothing_of_that_part(server: Changing) -> None:
    trailer = f"Repr-Digest: {field(sha256(CONTENT))}\r\n".encode()
    span = f"Content-Range: bytes 0-4/{len(CONTENT)}\r\n".encode()
    server.answer = lambda _: in_chunks("206 Part", CONTENT[:5], trailer, span)
    assert fetch(server, part=parse_part("0-4")).verified is None


# -- our server ------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(root: Path) -> Generator[Served]:
    (root / "f.bin").write_bytes(CONTENT)
    with served(root) as running:
        yield running


def digest_of(shared: Served, *arguments: str, path: str = "/f.bin") -> str | None:
    """The Repr-Digest that curl is sent."""
    head = curl("-D", "-", "-o", os.devnull, *arguments, shared.url(path)).text
    found = [line.partition(": ")[2] for line in head.splitlines() if line.lower().startswith("repr-digest:")]
    return found[0] if found else None


def test_a_server_is_asked_and_its_digest_verified(shared: Served) -> None:
    result = run_get(GetRequest(shared.url("/f.bin"), verify=True), QUICK)
    assert (result.verified, result.sha256) == ("digest", sha256(CONTENT).value.hex())


def test_a_digest_is_sent_to_whoever_asks_and_to_nobody_else(shared: Served) -> None:
    want = "-HWant-Repr-Digest: "
    assert digest_of(shared) is None
    assert digest_of(shared, want + "sha-256=1") == field(sha256(CONTENT))
    assert digest_of(shared, want + "sha-256=1, sha-512=9, md5=10") == field(sha512(CONTENT))
    assert digest_of(shared, want + "sha-256=1", "-r", "5-9") == field(sha256(CONTENT))
    assert digest_of(shared, want + "sha-256=1", "-I") == field(sha256(CONTENT))
    assert digest_of(shared, want + "sha-256=1", path="/empty.bin") == field(sha256(b""))
    assert digest_of(shared, want + "sha-256=0") is None
    assert digest_of(shared, want + "md5=10") is None
    assert digest_of(shared, want + "sha-256=11") is None
    assert digest_of(shared, want + ",,") is None
    assert digest_of(shared, want + "sha-256=1", path="/nothing") is None


def test_a_client_that_half_closes_is_sent_its_digest(shared: Served) -> None:
    answer = say(shared, b"GET /f.bin HTTP/1.1\r\nHost: x\r\nWant-Repr-Digest: sha-256=1\r\n\r\n")
    assert field(sha256(CONTENT)).encode() in answer
    assert answer.endswith(CONTENT[-100:])


def test_a_changed_file_has_a_new_digest(shared: Served, root: Path) -> None:
    want = "-HWant-Repr-Digest: sha-256=1"
    assert digest_of(shared, want) == field(sha256(CONTENT))
    (root / "f.bin").write_bytes(b"changed")
    assert digest_of(shared, want) == field(sha256(b"changed"))


class Counted:
    """Lets the test see and hold up the hashing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[int] = []
        self.go = threading.Event()
        self.begun = threading.Event()
        true_pieces = hashes.read_pieces

        def counted(fd: int, length: int) -> Generator[bytes]:
            self.read.append(length)
            self.begun.set()
            assert self.go.wait(10)
            yield from true_pieces(fd, length)

        monkeypatch.setattr(repr_digest, "read_pieces", counted)


def test_a_digest_is_made_once_for_all_who_ask(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    got: list[str | None] = []
    asking = [
        threading.Thread(target=lambda: got.append(digest_of(shared, "-HWant-Repr-Digest: sha-256=1")))
        for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    assert counted.begun.wait(10)
    # Meanwhile the server serves.
    assert curl("-o", os.devnull, shared.url("/hello.txt")).exit_code == 0
    counted.go.set()
    for thread in asking:
        thread.join(20)
    assert got == [field(sha256(CONTENT))] * 3
    assert counted.read == [len(CONTENT)]


def test_a_client_that_leaves_while_a_digest_is_made_does_no_harm(
    shared: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    gone = curl("-m", "0.3", "-o", os.devnull, "-HWant-Repr-Digest: sha-256=1", shared.url("/f.bin"))
    assert gone.exit_code == 28
    counted.go.set()
    assert shared.logged(1)
    assert digest_of(shared, "-HWant-Repr-Digest: sha-256=1") == field(sha256(CONTENT))
    assert len(counted.read) == 1


def test_a_server_that_stops_gives_up_what_it_hashes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(root)
    counted = Counted(monkeypatch)
    answers = [
        site.answer(Request("GET", path, Headers([("Host", "x"), ("Want-Repr-Digest", "sha-256=1")])))
        for path in ("/f.bin", "/hello.txt")
    ]
    assert counted.begun.wait(10)
    threading.Timer(0.1, counted.go.set).start()
    site.close()
    for answer in answers:
        assert "Repr-Digest" not in answer.complete().response.headers
        answer.content.close()


def test_no_more_is_hashed_at_a_time_than_the_limit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    digests = ReprDigests(most_waiting=1_000_010)
    wanted = Headers([("Want-Repr-Digest", "sha-256=1")])
    files = share(root)
    with files.open("/f.bin") as big, files.open("/hello.txt") as small:
        assert isinstance(big, OpenFile)
        assert isinstance(small, OpenFile)
        first = digests.asked_for(wanted, big)
        assert first is not None
        assert digests.asked_for(wanted, small) is None
        counted.go.set()
        assert first.value.result(10) == hashlib.sha256((root / "f.bin").read_bytes()).digest()
        assert digests.asked_for(wanted, small) is not None
    digests.close()
    files.close()


@pytest.mark.parametrize("field", [("Content-Digest", f"sha-512=:{'A' * 86}==:"), ("Trailer", "Content-Digest")])
def test_what_a_response_carries_is_hashed_no_more_when_the_download_is_over(
    monkeypatch: pytest.MonkeyPatch, field: tuple[str, str]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})
    before = set(threading.enumerate())
    verification = Verification(None)
    verification.expect(Headers([field]))
    verification.carried(bytes(300_000))
    begun = set(threading.enumerate()) - before
    assert begun
    verification.end()
    for thread in begun:
        thread.join(10)
        assert not thread.is_alive()
