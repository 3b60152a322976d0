"""What a shared folder gives out, and what it keeps."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transom.errors import HttpError, TransferError, UsageError
from transom.files.opened import OpenFile, OpenFolder
from transom.files.source import Share, share

SECRET = b"the secret beside the root"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a few things in it, and a secret beside it."""
    root = tmp_path / "root"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "a.bin").write_bytes(b"0123456789")
    (root / "sub" / "한 글.txt").write_bytes("글".encode())
    (root / "sub" / "deep" / "b.bin").write_bytes(b"b")
    (root / ".hidden").write_bytes(SECRET)
    (root / "back\\slash").write_bytes(SECRET)
    (tmp_path / "secret").write_bytes(SECRET)
    return root


@pytest.fixture
def folder(root: Path) -> Iterator[Share]:
    folder = share(root)
    yield folder
    folder.close()


def read(folder: Share, path: str) -> bytes:
    opened = folder.open(path)
    with opened:
        assert isinstance(opened, OpenFile)
        buffer = bytearray(opened.size)
        offset = 0
        while offset < opened.size:
            offset += opened.read_into([memoryview(buffer)[offset:]], offset)
        return bytes(buffer)


def names(folder: Share, path: str, limit: int = 100) -> list[str]:
    opened = folder.open(path)
    with opened:
        assert isinstance(opened, OpenFolder)
        return [entry.name for entry in opened.entries(limit)[0]]


def refused(folder: Share, path: str) -> int | None:
    with pytest.raises(HttpError) as refusal:
        folder.open(path)
    return refusal.value.status


def open_descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_a_file_is_read_from_any_offset(folder: Share) -> None:
    with folder.open("/a.bin") as file:
        assert isinstance(file, OpenFile)
        assert (file.name, file.size) == ("a.bin", 10)
        buffer = bytearray(4)
        assert file.read_into([memoryview(buffer)], 6) == 4
        assert buffer == b"6789"


def test_a_name_is_decoded_once(folder: Share, root: Path) -> None:
    assert read(folder, "/sub/" + quote("한 글.txt")) == "글".encode()
    (root / "100%25").write_bytes(b"percent")
    assert read(folder, "/100%2525") == b"percent"
    assert refused(folder, "/100%25") == 404


def test_a_folder_lists_what_may_be_asked_for_folders_first(folder: Share, root: Path) -> None:
    os.mkfifo(root / "fifo")
    (root / "out").symlink_to("../secret")
    (root / "in").symlink_to("sub/deep")
    (root / "dangling").symlink_to("nothing")
    assert names(folder, "/") == ["in", "sub", "a.bin"]
    assert names(folder, "/sub") == names(folder, "/sub/") == ["deep", "한 글.txt"]


def test_a_listing_is_bounded_and_says_so(folder: Share, root: Path) -> None:
    with folder.open("/") as opened:
        assert isinstance(opened, OpenFolder)
        entries, more = opened.entries(1)
        assert (len(entries), more) == (1, True)
    with folder.open("/") as opened:
        assert isinstance(opened, OpenFolder)
        entries, more = opened.entries(2)
        assert (len(entries), more) == (2, False)


@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/sub/../../secret",
        "/%2e%2e/secret",
        "/%2E%2E%2Fsecret",
        "/..%2fsecret",
        "/sub/..%2f..%2fsecret",
        "/sub%2f..%2f..%2fsecret",
        "/sub%2fdeep%2fb.bin",
        "/..%5csecret",
        "/..%5Csecret",
        "/..\\secret",
        "/back%5cslash",
        "/back\\slash",
        "/%252e%252e/secret",
        "/%c0%ae%c0%ae/secret",
        "/%e2%80%a6/secret",
        "/.%2e/secret",
        "/./a.bin",
        "/sub/./deep",
        "/.",
        "/..",
        "/.hidden",
        "/%2ehidden",
        "//a.bin",
        "/sub//deep/b.bin",
        "/sub/deep//",
        "/a.bin/",
        "/a.bin/x",
        "/nothing",
        "/" + "x" * 300,
        "/" + "sub/" * 2000,
        "/a.bin%0a",
        "/A.BIN",
    ],
)
def test_what_is_outside_hidden_or_not_there_is_answered_404(folder: Share, path: str) -> None:
    before = open_descriptors()
    assert refused(folder, path) == 404
    assert open_descriptors() == before


@pytest.mark.parametrize("path", ["", "a.bin", "http://h/a.bin", "/a%00", "/a%00.bin", "/%", "/%4", "/%zz", "/%u0041"])
def test_a_path_that_cannot_be_decoded_is_answered_400(folder: Share, path: str) -> None:
    assert refused(folder, path) == 400


_PIECES = st.sampled_from(
    [
        "..",
        ".",
        "/",
        "//",
        "\\",
        "%2e",
        "%2f",
        "%5c",
        "%252e",
        "%00",
        "%c0%af",
        "secret",
        "sub",
        "deep",
        "root",
        "a.bin",
    ]
)


@given(st.lists(_PIECES, max_size=10).map("".join))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_spelling_reads_the_secret_beside_the_root(folder: Share, path: str) -> None:
    try:
        opened = folder.open("/" + path)
    except HttpError:
        return
    with opened:
        if isinstance(opened, OpenFile):
            buffer = bytearray(opened.size)
            opened.read_into([memoryview(buffer)], 0)
            assert buffer != SECRET
        else:
            assert "secret" not in [entry.name for entry in opened.entries(100)[0]]


@pytest.mark.parametrize(
    ("target", "path"),
    [("../secret", "/link"), ("sub/../../secret", "/link"), ("..", "/link/secret"), ("/etc", "/link/passwd")],
)
def test_a_link_that_leads_out_is_not_followed(folder: Share, root: Path, target: str, path: str) -> None:
    (root / "link").symlink_to(target)
    before = open_descriptors()
    assert refused(folder, path) == 404
    assert open_descriptors() == before


def test_an_absolute_link_is_not_followed_even_into_the_root(folder: Share, root: Path) -> None:
    (root / "link").symlink_to(root / "a.bin")
    (root / "rooted").symlink_to("/a.bin")
    assert refused(folder, "/link") == 404
    assert refused(folder, "/rooted") == 404


def test_a_link_that_stays_inside_is_followed(folder: Share, root: Path) -> None:
    (root / "sub" / "up").symlink_to("../a.bin")
    (root / "sub" / "around").symlink_to(".././sub/deep/../up")
    (root / "deep").symlink_to("sub//deep/")
    assert read(folder, "/sub/up") == read(folder, "/sub/around") == b"0123456789"
    assert read(folder, "/deep/b.bin") == b"b"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (".hidden", "/link"),
        ("sub/.hidden", "/link"),
        (".git", "/link"),
        (".git", "/link/config"),
        (".git/config", "/link"),
        (".git/../a.bin", "/link"),
        ("again", "/link"),
        ("./sub/../.hidden", "/link"),
    ],
)
def test_a_link_does_not_show_what_is_hidden(folder: Share, root: Path, target: str, path: str) -> None:
    (root / ".git").mkdir()
    for hidden in (".hidden", "sub/.hidden", ".git/config"):
        (root / hidden).write_bytes(b"hidden")
    (root / "again").symlink_to(".git/config")
    (root / "link").symlink_to(target)
    before = open_descriptors()
    assert refused(folder, path) == 404
    assert "link" not in names(folder, "/")
    assert open_descriptors() == before


def test_links_that_go_in_circles_end(folder: Share, root: Path) -> None:
    (root / "ping").symlink_to("pong")
    (root / "pong").symlink_to("ping")
    (root / "bomb").symlink_to("bomb/bomb")
    assert refused(folder, "/ping") == 404
    assert refused(folder, "/bomb") == 404


def test_a_folder_swapped_for_a_link_while_it_is_walked_is_not_followed(
    folder: Share, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_stat = os.stat

    def stat_then_swap(name: bytes, **where: int) -> os.stat_result:
        found = true_stat(name, **where)  # type: ignore[arg-type]
        if name == b"sub":
            (root / "sub").rename(root / "gone")
            (root / "sub").symlink_to("..")
        return found

    monkeypatch.setattr(os, "stat", stat_then_swap)
    assert refused(folder, "/sub/secret") == 404


def test_only_files_and_folders_are_opened(folder: Share, root: Path) -> None:
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(root / "sock"))
        assert refused(folder, "/fifo") == 404
        assert refused(folder, "/sock") == 404


def test_what_may_be_a_device_is_not_even_opened(folder: Share, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(root / "fifo")

    def opened(*arguments: object, **named: object) -> int:
        pytest.fail("it was opened")

    monkeypatch.setattr(os, "open", opened)
    assert refused(folder, "/fifo") == 404


@pytest.mark.parametrize("failure", [(PermissionError(13, "denied"), 403), (OSError(24, "too many"), 503)])
def test_a_file_that_cannot_be_opened_is_answered_by_its_reason(
    folder: Share, monkeypatch: pytest.MonkeyPatch, failure: tuple[OSError, int]
) -> None:
    def failing(*arguments: object, **named: object) -> int:
        raise failure[0]

    monkeypatch.setattr(os, "open", failing)
    assert refused(folder, "/a.bin") == failure[1]


def test_the_root_may_be_renamed_while_it_is_shared(folder: Share, root: Path) -> None:
    root.rename(root.with_name("elsewhere"))
    assert read(folder, "/a.bin") == b"0123456789"


def test_an_etag_is_strong_and_tells_states_of_a_file_apart(folder: Share, root: Path) -> None:
    def etag() -> str:
        with folder.open("/a.bin") as file:
            assert isinstance(file, OpenFile)
            return file.etag

    first = etag()
    assert first == etag()
    assert first.startswith('"')
    os.utime(root / "a.bin", ns=(1, 1))
    touched = etag()
    replacement = root / "new"
    replacement.write_bytes(b"9876543210")
    os.utime(replacement, ns=(1, 1))
    replacement.rename(root / "a.bin")
    replaced = etag()
    while etag() == replaced:  # the clock of the file system moves in steps
        (root / "a.bin").write_bytes(b"0246813579")
        os.utime(root / "a.bin", ns=(1, 1))
    assert len({first, touched, replaced, etag()}) == 4


def test_a_file_cut_short_while_it_is_sent_is_an_error_and_never_padded(folder: Share, root: Path) -> None:
    with folder.open("/a.bin") as file:
        assert isinstance(file, OpenFile)
        os.truncate(root / "a.bin", 4)
        buffer = memoryview(bytearray(10))
        assert file.read_into([buffer], 0) == 4
        with pytest.raises(TransferError, match="cut short at 4 of 10 bytes"):
            file.read_into([buffer[4:]], 4)


def test_a_file_changed_while_it_is_sent_is_an_error(folder: Share, root: Path) -> None:
    with folder.open("/a.bin") as file:
        assert isinstance(file, OpenFile)
        file.check_unchanged()
        (root / "a.bin").write_bytes(b"9876543210")
        os.utime(root / "a.bin", ns=(1, 1))
        with pytest.raises(TransferError, match="changed while it was sent"):
            file.check_unchanged()


def test_a_file_written_over_with_its_date_kept_while_it_is_sent_is_an_error(folder: Share, root: Path) -> None:
    """As `cp -p` does between two builds of one length that have one date."""
    with folder.open("/a.bin") as file:
        assert isinstance(file, OpenFile)
        before = (root / "a.bin").stat()
        while (root / "a.bin").stat().st_ctime_ns == before.st_ctime_ns:
            (root / "a.bin").write_bytes(b"9876543210")
            os.utime(root / "a.bin", ns=(before.st_atime_ns, before.st_mtime_ns))
        with pytest.raises(TransferError, match="changed while it was sent"):
            file.check_unchanged()


def test_a_file_that_is_given_a_second_name_while_it_is_sent_is_sent(folder: Share, root: Path) -> None:
    with folder.open("/a.bin") as file:
        assert isinstance(file, OpenFile)
        before = (root / "a.bin").stat()
        while (root / "a.bin").stat().st_ctime_ns == before.st_ctime_ns:
            (root / "second").unlink(missing_ok=True)
            os.link(root / "a.bin", root / "second")
        file.check_unchanged()


def test_a_file_replaced_while_it_is_sent_is_sent_as_it_was(folder: Share, root: Path) -> None:
    with folder.open("/a.bin") as file:
        assert isinstance(file, OpenFile)
        (root / "new").write_bytes(b"9876543210")
        (root / "new").rename(root / "a.bin")
        buffer = bytearray(10)
        file.read_into([memoryview(buffer)], 0)
        file.check_unchanged()
        assert buffer == b"0123456789"


def test_a_single_file_is_shared_alone(root: Path) -> None:
    single = share(root / "a.bin")
    assert read(single, "/") == read(single, "/a.bin") == read(single, "/%61.bin") == b"0123456789"
    for path in ("/sub", "/.hidden", "/../secret", "/a.bin/", "/sub/deep/b.bin", "/A.bin"):
        assert refused(single, path) == 404
    single.close()


@pytest.mark.parametrize("name", [".hidden", "back\\slash", "100%", "a b%20c", "한글"])
def test_a_single_file_that_somebody_named_is_shared_whatever_its_name(root: Path, name: str) -> None:
    (root / name).write_bytes(b"named")
    single = share(root / name)
    assert read(single, "/" + quote(name)) == b"named"
    assert refused(single, "/a.bin") == 404
    single.close()


def test_a_single_file_that_became_something_else_is_not_served(root: Path) -> None:
    single = share(root / "a.bin")
    (root / "a.bin").unlink()
    assert refused(single, "/a.bin") == 404
    os.mkfifo(root / "a.bin")
    assert refused(single, "/a.bin") == 404


def test_a_link_that_came_in_the_place_of_a_single_file_is_not_followed(root: Path) -> None:
    single = share(root / "a.bin")
    (root / "a.bin").unlink()
    (root / "a.bin").symlink_to(root.parent / "secret")
    assert refused(single, "/a.bin") == 404


def test_a_link_that_somebody_named_is_followed_wherever_it_leads(root: Path) -> None:
    (root / "latest").symlink_to(root / "a.bin")
    single = share(root / "latest")
    assert read(single, "/latest") == b"0123456789"
    (root / "latest").unlink()
    (root / "latest").symlink_to(root.parent / "secret")
    assert read(single, "/latest") == (root.parent / "secret").read_bytes()


def test_what_cannot_be_shared_is_the_callers_error(root: Path) -> None:
    os.mkfifo(root / "fifo")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        share(root / "fifo")
    with pytest.raises(UsageError, match="cannot be shared: No such file"):
        share(root / "nothing")


def test_every_descriptor_is_closed_again(folder: Share) -> None:
    before = open_descriptors()
    read(folder, "/sub/deep/b.bin")
    names(folder, "/")
    assert open_descriptors() == before
